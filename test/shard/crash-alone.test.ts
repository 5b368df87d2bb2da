/** After a crash nobody needs to call: every shard with work left has an alarm set that the crash outlives. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readEventId } from "../../src/callback/event-id.ts";
import { age } from "./ageing.ts";
import { hang, inTurn, reply, startReceiver } from "./recording-receiver.ts";
import { startRelay } from "./relay.ts";
import { until } from "./until.ts";

test("what was under way, and what a timer would have tried again, is sent without anybody calling", async () => {
  const underway = await startReceiver(inTurn(hang, reply(200)));
  const failed = await startReceiver(inTurn(reply(500), reply(200)));
  const only = (name: string) => ({ name, match: { platform: [name] } });
  const relay = await startRelay(
    [
      { ...only("underway"), url: underway.url },
      { ...only("failed"), url: failed.url, retry: ["1500ms"] },
    ],
    { SHARDS: "3" },
  );
  await relay.sendAll([
    { label: "underway", group: "@TGS#1" },
    { label: "failed", group: "@TGS#3" },
  ]);
  await until("one is held", () => underway.held().length === 1);
  await until("one has failed", async () => (await relay.destination("failed")).retrying === 1);
  const shards = [underway, failed].map((receiver) => readEventId(receiver.received[0]!.id)!.shard);
  assert.notEqual(shards[0], shards[1]);
  await relay.kill();

  // Alarms may be half a minute ahead: let it be tomorrow.
  age(relay.dataDir, 1);
  await relay.start();
  await until("both are delivered", () => underway.labels(200).length + failed.labels(200).length === 2);
});
