/** The metrics, checked by Prometheus' own linter. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { documentedBlocks } from "../support/documented-blocks.ts";
import { startGateway } from "../support/gateway.ts";
import { startReceiver } from "../support/receiver.ts";

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

test("promtool accepts the configuration of the page on deploying", { skip: missing ?? false }, () => {
  const { text } = documentedBlocks("docs/deploying.md", "yaml file=prometheus.yml")[0]!;
  const folder = mkdtempSync(join(tmpdir(), "tim-relay-prometheus-"));
  const file = join(folder, "prometheus.yml");
  const check = (config: string) => {
    writeFileSync(file, config);
    return spawnSync("promtool", ["check", "config", "--syntax-only", file], { encoding: "utf8" });
  };
  const { status, stdout, stderr } = check(text);
  const { status: other } = check(text.replace("scrape_interval", "scrape_intervall"));
  rmSync(folder, { recursive: true });
  assert.equal(status, 0, stdout + stderr);
  assert.notEqual(other, 0);
});

test("promtool accepts the metrics", { skip: missing ?? false }, async () => {
  const receiver = await startReceiver();
  const gateway = await startGateway({ FORWARD_RULES: [{ name: "well", url: receiver.url }] });
  await gateway.accept("Group.CallbackAfterGroupFull", { GroupId: "g", 'Un"heard\n': 1 });
  await gateway.send("Group.CallbackAfterRecallMsg", { GroupId: 1.5 });
  await gateway.destinationIs("well", { delivered: 1 });
  const metrics = await gateway.metrics();
  assert.match(metrics, /deliveries_total\{destination="well"\} 1$/m);
  assert.match(metrics, /^tim_relay_drift_total\{/m);
  assert.match(metrics, /^tim_relay_quarantined_events\{/m);
  assert.equal(lint(metrics), "");
  assert.match(lint(`${metrics}# TYPE a_ms counter\na_ms 1\n`), /a_ms/);
});
