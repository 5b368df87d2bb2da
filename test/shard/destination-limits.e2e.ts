/** How much a destination gets at a time: pauses, rates, parallel posts, batches. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { labelsOf, numbered, ofManyGroups } from "../support/callbacks.ts";
import { startGateway } from "../support/gateway.ts";
import { type Received, reply, replyAfter, startReceiver } from "../support/receiver.ts";

describe("a destination", { concurrency: 4 }, () => {
  test("gets nothing while it is paused, even across a crash, and every event once it is resumed", async () => {
    const receiver = await startReceiver();
    const other = await startReceiver();
    const gateway = await startGateway({
      FORWARD_RULES: [
        { name: "a", url: receiver.url, order: "conversation" },
        { name: "b", url: other.url },
      ],
    });
    await gateway.sendAll(numbered("before", 3));
    await receiver.delivered(3);
    assert.deepEqual(await gateway.pause("a"), { name: "a", state: "paused" });
    const callbacks = numbered("n", 20);
    await gateway.sendAll(callbacks);
    await other.delivered(23);
    const { state, waiting } = await gateway.destination("a");
    assert.deepEqual({ state, waiting }, { state: "paused", waiting: 20 });

    await gateway.restart();
    await gateway.sendLabelled({ label: "after the crash" });
    await other.delivered(24);
    assert.equal((await gateway.destination("a")).state, "paused");
    assert.ok(receiver.labels().every((label) => label.startsWith("before")));

    await gateway.resume("a");
    await receiver.delivered(24);
    assert.deepEqual(receiver.labels().slice(3), [...labelsOf(callbacks), "after the crash"]);
  });

  test("that is paused gets nothing from shards that are created meanwhile", async () => {
    const [receiver, other] = [await startReceiver(), await startReceiver()];
    const rules = [
      { name: "a", url: receiver.url },
      { name: "b", url: other.url },
    ];
    const gateway = await startGateway({ FORWARD_RULES: rules });
    await gateway.pause("a");
    await gateway.restart({ FORWARD_RULES: rules, SHARDS: 3 });
    const callbacks = ofManyGroups(12);
    await gateway.sendAll(callbacks);
    await other.delivered(callbacks.length);
    assert.equal((await gateway.destination("a")).waiting, callbacks.length);
    assert.deepEqual(receiver.received, []);
    await gateway.resume("a");
    await receiver.delivered(callbacks.length);
  });

  test("that is paused gets a replay once it is resumed", async () => {
    const receiver = await startReceiver();
    const gateway = await startGateway({ FORWARD_RULES: [{ name: "a", url: receiver.url }] });
    await gateway.sendLabelled({ label: "one" });
    const [{ id }] = (await receiver.requests(1)) as [Received];
    await gateway.pause("a");
    assert.deepEqual(await gateway.post(`/api/events/${id}/replay`), { queued: 1 });
    await gateway.delivery("one", "a", "pending");
    assert.equal(receiver.received.length, 1);
    await gateway.resume("a");
    await receiver.requests(2);
    assert.equal(receiver.received[1]!.id, id);
    assert.equal((await gateway.delivery("one", "a", "delivered")).attempts.length, 2);
  });

  test("gets no more events a second than ratePerSecond", async () => {
    const receiver = await startReceiver();
    const gateway = await startGateway({
      FORWARD_RULES: [{ name: "a", url: receiver.url, ratePerSecond: 20, concurrency: 10 }],
    });
    const callbacks = numbered("n", 50);
    await Promise.all(callbacks.map((callback) => gateway.sendLabelled(callback)));
    await receiver.delivered(callbacks.length);
    // By the sender's clock: on a busy machine requests are delayed, and then arrive together.
    const seconds = Map.groupBy(receiver.received, ({ headers }) => headers["webhook-timestamp"]);
    // The rate, and a burst of a tenth of a second.
    for (const [second, { length }] of seconds) assert.ok(length <= 22, `${length} in second ${second}`);
    const took = receiver.received.at(-1)!.at - receiver.received[0]!.at;
    assert.ok(took < 30_000, `${took} ms`);
  });

  for (const [concurrency, shards] of [
    [3, 1],
    [12, 1],
    [6, 3],
  ] as const)
    test(`with a concurrency of ${concurrency} gets up to ${concurrency} posts at a time from ${shards} shards`, async () => {
      // Good answers make the posts more. Each is held for a second, or until so many are held, and then for a moment
      // more, in which no further one may come.
      const { promise: full, resolve } = Promise.withResolvers<void>();
      const receiver = await startReceiver(async (response, request) => {
        if (receiver.held().length >= concurrency) resolve();
        await Promise.race([full, sleep(1_000)]);
        replyAfter(200)(response, request);
      });
      const gateway = await startGateway({
        FORWARD_RULES: [{ name: "a", url: receiver.url, concurrency, timeoutMs: 60_000 }],
        SHARDS: shards,
      });
      const callbacks = ofManyGroups(60);
      await Promise.all(callbacks.map((callback) => gateway.sendLabelled(callback)));
      await receiver.delivered(callbacks.length);
      assert.equal(receiver.mostHeld(), concurrency);
      assert.equal(receiver.received.length, callbacks.length);
    });

  test("gets its event at once beside 59 others that want it", async () => {
    const receiver = await startReceiver();
    const rules = Array.from({ length: 60 }, (_, index) => ({ name: `d${index}`, url: receiver.url }));
    const gateway = await startGateway({ FORWARD_RULES: rules });
    await gateway.sendLabelled({ label: "one" });
    await receiver.requests(rules.length);
    const took = receiver.received.at(-1)!.at - receiver.received[0]!.at;
    assert.ok(took < 25_000, `${took} ms`);
  });

  test("gets full batches at once, and a smaller one after batch.ms", async () => {
    const receiver = await startReceiver();
    const gateway = await startGateway({
      FORWARD_RULES: [{ name: "a", url: receiver.url, batch: { size: 5, ms: 20_000 } }],
    });
    const callbacks = numbered("n", 12);
    const from = Date.now();
    await gateway.sendAll(callbacks);
    await receiver.delivered(callbacks.length);
    const [first, second, third, ...more] = receiver.received;
    assert.deepEqual(
      [first, second, third].map((one) => one!.labels.length),
      [5, 5, 2],
    );
    assert.deepEqual(more, []);
    assert.ok(second!.at < from + 20_000, "full batches do not wait");
    assert.ok(third!.at >= from + 20_000, `${third!.at - from} ms`);
    assert.deepEqual(receiver.labels(), labelsOf(callbacks));
    const events = JSON.parse(first!.body) as { id: string }[];
    assert.match(first!.id, /^batch_/);
    assert.equal(new Set(events.map(({ id }) => id)).size, 5);
    assert.equal(new Set(receiver.received.map(({ id }) => id)).size, 3);
  });

  test("that refuses a batch gets the batch once more, then each event alone", async () => {
    const receiver = await startReceiver((response, request) =>
      reply(request.labels.includes("n3") ? 422 : 200)(response, request),
    );
    const gateway = await startGateway({
      FORWARD_RULES: [
        { name: "a", url: receiver.url, batch: { size: 5, ms: 60_000 }, retry: ["200ms", "200ms", "200ms"] },
      ],
    });
    await gateway.sendAll(numbered("n", 5));
    await gateway.destinationIs("a", { dead: 1 });
    await receiver.delivered(4);
    const [first, second, ...singly] = receiver.received;
    assert.deepEqual(first!.labels, ["n1", "n2", "n3", "n4", "n5"]);
    assert.equal(second!.id, first!.id);
    assert.equal(second!.body, first!.body);
    for (const one of singly) {
      const events = JSON.parse(one.body);
      assert.equal(events.length, 1);
      assert.equal(one.id, events[0].id);
    }
    assert.deepEqual(singly.flatMap(({ labels }) => labels).sort(), ["n1", "n2", "n3", "n3", "n4", "n5"]);
    assert.equal((await gateway.delivery("n3", "a", "dead")).attempts.length, 4);
    assert.deepEqual(
      (await gateway.delivery("n4", "a", "delivered")).attempts.map(({ status }) => status),
      [422, 422, 200],
    );
  });
});
