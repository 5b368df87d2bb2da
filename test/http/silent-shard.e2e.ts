/** A gateway with a shard that cannot start. */
import assert from "node:assert/strict";
import { mkdirSync, rmSync } from "node:fs";
import { test } from "node:test";
import { ofManyGroups } from "../support/callbacks.ts";
import { assertRefused } from "../support/client.ts";
import { shardFiles } from "../support/data-folder.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

/** Starts a gateway again, of which one of two shards cannot start. */
async function silenceOne(gateway: Gateway): Promise<void> {
  const [file] = await until("both shards have a file", () => {
    const files = shardFiles(gateway.dataDir);
    return files.length === 2 && files;
  });
  await gateway.kill();
  for (const end of ["", "-wal", "-shm"]) rmSync(file! + end, { force: true });
  mkdirSync(file!);
  await gateway.start();
}

test("/health names a shard that does not answer, and asks the others all the same", async () => {
  const gateway = await startGateway({
    SHARDS: 2,
    FORWARD_RULES: [{ name: "hooks", on: "Never.*", url: "https://hooks.example.com/tim" }],
  });
  await gateway.pause("hooks");
  await silenceOne(gateway);
  const { status, problems } = await gateway.health();
  assert.equal(status, "degraded");
  const [silent, paused, ...others] = problems;
  assert.match(silent!, /^shard [01] does not answer: /);
  assert.equal(paused, "hooks: is paused until it is resumed; nothing waits");
  assert.deepEqual(others, []);

  // An erasure would leave the events of the silent shard.
  assertRefused(await gateway.api("/api/erase", { account: "lan" }), 503, /nothing is erased/);
});

test("/api/replays lists what the other shards know, names the silent one, and calls no replay done", async () => {
  const { url } = await startReceiver();
  const gateway = await startGateway({ SHARDS: 2, FORWARD_RULES: [{ name: "audit", url }] });
  await gateway.sendAll(ofManyGroups(20));
  await gateway.destinationIs("audit", { delivered: 20 });
  const { id } = await gateway.post("/api/replay", { destination: "audit", since: "1h", until: "0s" });
  await until("it is done", async () => (await gateway.get(`/api/replays/${id}`)).state === "done");
  const whole = await gateway.get("/api/replays");
  assert.deepEqual(Object.keys(whole), ["replays"]);
  assert.equal("estimated" in whole.replays[0], false);

  await silenceOne(gateway);
  const { replays, problems } = await gateway.get("/api/replays");
  assert.equal(problems.length, 1);
  assert.match(problems[0], /^shard [01] does not answer: /);
  const [replay] = replays;
  const { state, estimated, endedAt, sent } = replay;
  assert.deepEqual([replay.id, state, estimated, endedAt], [id, "running", true, null]);
  assert.ok(sent > 0 && sent < 20, `${sent} are known to be sent`);
  assert.deepEqual(await gateway.get(`/api/replays/${id}`), replay);
  assertRefused(await gateway.api("/api/replays/rpl_unknown"), 503, /^shard [01] does not answer: /);
});
