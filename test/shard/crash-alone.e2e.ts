/** After a crash no request is needed: every shard with work left has an alarm that survives the crash. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readEventId } from "../../src/callback/event-id.ts";
import { startGateway } from "../support/gateway.ts";
import { hang, inTurn, reply, startReceiver } from "../support/receiver.ts";
import { age } from "./ageing.ts";
import { alarms } from "./alarms.ts";

test("after a crash, an event in flight and a retry are sent by an alarm within 30 s", async () => {
  const inFlight = await startReceiver(inTurn(hang, reply(200)));
  const failed = await startReceiver(inTurn(reply(500), reply(200)));
  const only = (name: string) => ({ name, match: { platform: [name] } });
  const gateway = await startGateway({
    FORWARD_RULES: [
      { ...only("in-flight"), url: inFlight.url },
      { ...only("failed"), url: failed.url, retry: ["20s"] },
    ],
    SHARDS: 3,
  });
  await gateway.sendAll([
    { label: "in-flight", group: "@TGS#1" },
    { label: "failed", group: "@TGS#3" },
  ]);
  await inFlight.requests(1);
  await gateway.destinationIs("failed", { retrying: 1 });
  const shards = [inFlight, failed].map((receiver) => readEventId(receiver.received[0]!.id)!.shard);
  assert.notEqual(shards[0], shards[1]);
  await gateway.kill();

  const soon = Date.now() + 30_000;
  const set = alarms(gateway.dataDir);
  assert.ok(set.filter((at) => at <= soon).length >= 2, `alarms at ${set}, now + 30 s is ${soon}`);
  // A day later both alarms are due, and the test need not wait for them.
  age(gateway.dataDir, 1);
  await gateway.start();
  await inFlight.delivered("in-flight");
  await failed.delivered("failed");
});
