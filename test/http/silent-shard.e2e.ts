/** A gateway with a shard that cannot start. */
import assert from "node:assert/strict";
import { mkdirSync, rmSync } from "node:fs";
import { test } from "node:test";
import { assertRefused } from "../support/client.ts";
import { shardFiles } from "../support/data-folder.ts";
import { startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";

test("/health names a shard that does not answer, and asks the others all the same", async () => {
  const gateway = await startGateway({
    SHARDS: 2,
    FORWARD_RULES: [{ name: "hooks", on: "Never.*", url: "https://hooks.example.com/tim" }],
  });
  await gateway.pause("hooks");
  const [file] = await until("both shards have a file", () => {
    const files = shardFiles(gateway.dataDir);
    return files.length === 2 && files;
  });
  await gateway.kill();
  for (const end of ["", "-wal", "-shm"]) rmSync(file! + end, { force: true });
  mkdirSync(file!);

  await gateway.start();
  const { status, problems } = await gateway.health();
  assert.equal(status, "degraded");
  const [silent, paused, ...others] = problems;
  assert.match(silent!, /^shard [01] does not answer: /);
  assert.equal(paused, "hooks: is paused until it is resumed; nothing waits");
  assert.deepEqual(others, []);

  // An erasure would leave the events of the silent shard.
  assertRefused(await gateway.api("/api/erase", { account: "lan" }), 503, /nothing is erased/);
});
