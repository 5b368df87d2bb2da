/** Destinations that ask to be left alone, and events that wait long for their next attempt. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ListedEvent } from "../support/api.ts";
import { startGateway } from "../support/gateway.ts";
import { reply, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const failing = await startReceiver(reply(400));
const busy = await startReceiver(reply(429, { "retry-after": "3600" }));
const gateway = await startGateway({
  FORWARD_RULES: [
    { name: "busy", on: "Test.CallbackAfterBusy", url: busy.url },
    { name: "slowly", on: "Test.CallbackAfterSlow", url: failing.url, retry: ["1h"] },
  ],
});

test("/health says until when a Retry-After holds, and resuming ends it", async () => {
  for (let count = 0; count < 3; count++) {
    await gateway.accept("Test.CallbackAfterBusy", { GroupId: "one-shard", count });
    await busy.requests(1);
  }
  const problem = await gateway.problem(/^busy: is held until .* 3 events/);
  const [, until] = /^busy: is held until (\S+Z), as it asked, or until it is resumed; 3 events wait/.exec(
    problem,
  )!;
  const wait = Date.parse(until!) - Date.now();
  assert.ok(wait > 3_500_000 && wait <= 1.2 * 3_600_000, until);
  assert.equal((await gateway.destination("busy")).state, "open");

  busy.answer = reply(200);
  assert.equal((await gateway.resume("busy")).state, "up");
  await gateway.destinationIs("busy", { delivered: 3 });
  await gateway.noProblem(/^busy/);
});

test("the next attempt of an event that a Retry-After holds back comes when the hold ends", async () => {
  busy.answer = reply(503, { "retry-after": "3600" });
  await gateway.accept("Test.CallbackAfterBusy", { GroupId: "held" });
  await gateway.destinationIs("busy", { retrying: 1 });
  const [{ id }] = (await gateway.allEvents({ conversation: "held" })) as [ListedEvent];
  const nextAt = async () => Date.parse((await gateway.event(id)).deliveries[0]!.nextAt!) - Date.now();
  const wait = await nextAt();
  assert.ok(wait > 3_500_000 && wait <= 1.2 * 3_600_000, `${wait}`);

  const line = JSON.parse(await gateway.seen(/"at":"attempt".*asked to wait 3600 s/));
  const logged = Date.parse(line.nextAt) - Date.now();
  assert.ok(logged > 3_500_000 && logged <= 1.2 * 3_600_000, line.nextAt);

  busy.answer = reply(500);
  await gateway.resume("busy");
  await until("the event's own wait counts", async () => (await nextAt()) < 3_000_000);
});

test("/health names an event that will not be tried again soon, and why", async () => {
  await gateway.accept("Test.CallbackAfterSlow", { GroupId: "slow" });
  await gateway.problem(/^slowly: 1 event waits for another attempt \(answered 400\)$/);
});
