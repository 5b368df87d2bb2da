/** That Prometheus' own linter accepts the metrics. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { startReceiver } from "./receiver.ts";
import { adminToken, eventually, startWorker, usual } from "./worker.ts";

const missing =
  spawnSync("promtool", ["--version"]).error &&
  "promtool is not installed: Debian's package prometheus has it, and .ci/run fetches it";

function lint(metrics: string): string {
  const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], {
    input: metrics,
    encoding: "utf8",
  });
  return status === 0 ? "" : stdout + stderr;
}

test("promtool accepts the metrics", { skip: missing ?? false }, async () => {
  const receiver = await startReceiver();
  const worker = await startWorker({
    ...usual,
    ALLOW_PRIVATE_DESTINATIONS: true,
    FORWARD_RULES: [{ name: "well", url: receiver.url }],
  });
  const scrape = async () => {
    const headers = { authorization: `Bearer ${adminToken}` };
    return (await fetch(`${worker.url}/metrics`, { headers })).text();
  };
  await worker.send("Group.CallbackAfterGroupFull", { GroupId: "g", 'Un"heard\n': 1 });
  await worker.send("Group.CallbackAfterRecallMsg", { GroupId: 1.5 });
  const metrics = await eventually(async () => {
    const scraped = await scrape();
    return /deliveries_total\{destination="well"\} 1$/m.test(scraped) && scraped;
  });
  assert.match(metrics, /^tim_relay_drift_total\{/m);
  assert.match(metrics, /^tim_relay_quarantined_events\{/m);
  assert.equal(lint(metrics), "");
  assert.match(lint(`${metrics}# TYPE a_ms counter\na_ms 1\n`), /a_ms/);
});
