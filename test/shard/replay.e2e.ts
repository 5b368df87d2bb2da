/** Replays of events and dead letters, and the deliveries that they meet. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { labelsOf, numbered } from "../support/callbacks.ts";
import { startGateway } from "../support/gateway.ts";
import { inTurn, type Receiver, reply, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

describe("replays", { concurrency: 4 }, () => {
  test("a replay takes the place of a pending retry", async () => {
    const receiver = await startReceiver(inTurn(reply(400), reply(200)));
    const gateway = await startGateway({
      FORWARD_RULES: [{ name: "audit", url: receiver.url, retry: ["5s"] }],
    });
    await gateway.sendAll(numbered("a", 1));
    await gateway.destinationIs("audit", { retrying: 1 });
    const [event] = await gateway.allEvents();
    assert.deepEqual(await gateway.post(`/api/events/${event!.id}/replay`), { queued: 1 });
    await gateway.destinationIs("audit", { retrying: 0, waiting: 0, dead: 0 });
    const delivery = await gateway.delivery("a1", "audit", "delivered");
    assert.deepEqual(
      delivery.attempts.map(({ status }) => status),
      [400, 200],
    );
    // The retry was due after five seconds: an event that is sent later would come after it.
    const due = Date.parse(delivery.attempts[0]!.at) + 6_300;
    await until("the retry would be due", () => Date.now() > due);
    await gateway.sendAll(numbered("b", 1));
    await receiver.delivered("b1");
    assert.deepEqual(
      receiver.received.map(({ labels }) => labels.join()),
      ["a1", "a1", "b1"],
    );
    assert.deepEqual(replayMarks(receiver), [undefined, "single", undefined]);
  });

  test("ten replays of an event to a paused destination are one post", async () => {
    const receiver = await startReceiver();
    const gateway = await startGateway({ FORWARD_RULES: [{ name: "audit", url: receiver.url }] });
    await gateway.sendAll(numbered("sent", 1));
    await receiver.delivered("sent1");
    await gateway.pause("audit");
    await gateway.sendAll(numbered("new", 1));
    for (const { id } of await gateway.allEvents())
      for (let count = 0; count < 10; count++)
        assert.deepEqual(await gateway.post(`/api/events/${id}/replay`), { queued: 1 });
    await gateway.resume("audit");
    await gateway.sendAll(numbered("last", 1));
    await receiver.delivered("last1");
    await gateway.destinationIs("audit", { waiting: 0, retrying: 0 });
    assert.deepEqual(receiver.received.map(({ labels }) => labels.join()).sort(), [
      "last1",
      "new1",
      "sent1",
      "sent1",
    ]);
  });

  test("a replay of all dead letters leaves those of a removed rule", async () => {
    const receiver = await startReceiver(reply(400));
    const rules = ["kept", "gone"].map((name) => ({ name, url: receiver.url, retry: [] }));
    const gateway = await startGateway({ FORWARD_RULES: rules });
    await gateway.sendAll(numbered("a", 2));
    await gateway.destinationIs("gone", { dead: 2 });
    await gateway.destinationIs("kept", { dead: 2 });
    await gateway.restart({ FORWARD_RULES: [rules[0]!] });
    receiver.answer = reply(200);
    assert.deepEqual(await gateway.post("/api/dead-letters/replay"), { queued: 2 });
    await gateway.destinationIs("kept", { dead: 0, retrying: 0 });
    assert.deepEqual(replayMarks(receiver).slice(-2), ["dead-letters", "dead-letters"]);
    const { deadLetters } = await gateway.get("/api/dead-letters");
    assert.deepEqual(
      deadLetters.map(({ destination }: { destination: string }) => destination),
      ["gone", "gone"],
    );
  });

  test("an event of 306 failed attempts is still a dead letter that can be replayed", async () => {
    const receiver = await startReceiver(reply(400, {}, "\0".repeat(4096)));
    const retry = Array.from({ length: 50 }, () => "0ms");
    const gateway = await startGateway({ FORWARD_RULES: [{ name: "audit", url: receiver.url, retry }] });
    await gateway.sendAll(numbered("a", 1));
    for (let replays = 1; replays <= 6; replays++) {
      await gateway.destinationIs("audit", { dead: 1, retrying: 0 });
      assert.equal(receiver.received.length, replays * 51);
      if (replays < 6) assert.deepEqual(await gateway.post("/api/dead-letters/replay"), { queued: 1 });
    }
    const { deadLetters } = await gateway.get("/api/dead-letters");
    assert.deepEqual([deadLetters.length, deadLetters[0].attempts], [1, 306]);
    const { attempts } = await gateway.delivery("a1", "audit", "dead");
    assert.deepEqual(
      attempts.map(({ number }) => number),
      [1, 2, 3, ...Array.from({ length: 20 }, (_, n) => 287 + n)],
    );
    assert.ok(JSON.stringify(attempts).length < 200_000);
    receiver.answer = reply(200);
    await gateway.post("/api/dead-letters/replay");
    await gateway.destinationIs("audit", { dead: 0, retrying: 0 });
    assert.equal((await gateway.delivery("a1", "audit", "delivered")).attempts.at(-1)!.status, 200);
  });

  test("a replay of a failed event does not release the events that wait behind it", async () => {
    const receiver = await startReceiver(reply(500));
    const batch = { size: 4, ms: 60_000 };
    const rule = {
      name: "audit",
      url: receiver.url,
      order: "conversation",
      batch,
      retry: ["50ms", "400ms", "400ms"],
    };
    const gateway = await startGateway({ FORWARD_RULES: [rule] });
    await gateway.sendAll(numbered("a", 4));
    await until("the events are sent alone", () =>
      receiver.received.some(({ labels }) => labels.length === 1),
    );
    const first = (await gateway.allEvents()).at(-1);
    assert.deepEqual(await gateway.post(`/api/events/${first!.id}/replay`), { queued: 1 });
    const before = receiver.received.length;
    await until("the first is tried again", () => receiver.received.length > before);
    receiver.answer = reply(200);
    await gateway.destinationIs("audit", { waiting: 0, retrying: 0, dead: 0 });
    assert.deepEqual(receiver.labels(200), labelsOf(numbered("a", 4)));
  });
});

/** The header `tim-relay-replay` of each request. */
function replayMarks({ received }: Receiver) {
  return received.map(({ headers }) => headers["tim-relay-replay"]);
}
