/** How much a destination gets at a time: pauses, rates, parallel posts, batches; seen from its side. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Answer, reply, startReceiver } from "./recording-receiver.ts";
import { labelsOf, numbered, startRelay } from "./relay.ts";
import { until } from "./until.ts";

const after =
  (ms: number): Answer =>
  (response) =>
    setTimeout(() => response.end(), ms);

describe("a destination", { concurrency: 4 }, () => {
  test("gets nothing while it is paused, also across a crash, and everything when it is resumed", async () => {
    const receiver = await startReceiver();
    const other = await startReceiver();
    const relay = await startRelay([
      { name: "a", url: receiver.url, order: "conversation" },
      { name: "b", url: other.url },
    ]);
    await relay.sendAll(numbered("before", 3));
    await until("it gets them", () => receiver.labels(200).length === 3);
    assert.deepEqual(await relay.api("/api/destinations/a/pause", null, 200), { name: "a", state: "paused" });
    const callbacks = numbered("n", 20);
    await relay.sendAll(callbacks);
    await until("the other has all", () => other.labels(200).length === 23);
    const { state, waiting } = await relay.destination("a");
    assert.deepEqual({ state, waiting }, { state: "paused", waiting: 20 });

    await relay.kill();
    await relay.start();
    await relay.send({ label: "after the crash" });
    await until("the other has that too", () => other.labels().includes("after the crash"));
    assert.equal((await relay.destination("a")).state, "paused");
    assert.ok(receiver.labels().every((label) => label.startsWith("before")));

    await relay.api("/api/destinations/a/resume", null, 200);
    await until("it gets the rest", () => receiver.labels(200).length === 24);
    assert.deepEqual(receiver.labels().slice(3), [...labelsOf(callbacks), "after the crash"]);
  });

  test("gets nothing while it is paused from shards that are born meanwhile", async () => {
    const [receiver, other] = [await startReceiver(), await startReceiver()];
    const relay = await startRelay([
      { name: "a", url: receiver.url },
      { name: "b", url: other.url },
    ]);
    await relay.api("/api/destinations/a/pause", null, 200);
    await relay.kill();
    await relay.start(undefined, { SHARDS: "3" });
    const callbacks = Array.from({ length: 12 }, (_, n) => ({ label: `n${n}`, group: `@TGS#${n}` }));
    await relay.sendAll(callbacks);
    await until("the other has all", () => other.labels(200).length === callbacks.length);
    assert.equal((await relay.destination("a")).waiting, callbacks.length);
    assert.deepEqual(receiver.received, []);
    await relay.api("/api/destinations/a/resume", null, 200);
    await until("it gets them", () => receiver.labels(200).length === callbacks.length);
  });

  test("gets a replay for which it is paused when it is resumed", async () => {
    const receiver = await startReceiver();
    const relay = await startRelay([{ name: "a", url: receiver.url }]);
    await relay.send({ label: "one" });
    const { id } = await until("it gets it", () => receiver.received[0]);
    await relay.api("/api/destinations/a/pause", null, 200);
    assert.deepEqual(await relay.api(`/api/events/${id}/replay`, {}), { queued: 1 });
    await relay.delivery("one", "a", "pending");
    assert.equal(receiver.received.length, 1);
    await relay.api("/api/destinations/a/resume", null, 200);
    await until("it gets it again", () => receiver.received.length === 2);
    assert.equal(receiver.received[1]!.id, id);
    assert.equal((await relay.delivery("one", "a", "delivered")).attempts.length, 2);
  });

  test("gets no more a second than its rate", async () => {
    const receiver = await startReceiver();
    const relay = await startRelay([{ name: "a", url: receiver.url, ratePerSecond: 20, concurrency: 10 }]);
    const callbacks = numbered("n", 50);
    await Promise.all(callbacks.map((callback) => relay.send(callback)));
    await until("all are there", () => receiver.labels(200).length === callbacks.length);
    // By the sender's clock: on a busy machine requests are held up, and then come together.
    const seconds = Map.groupBy(receiver.received, ({ headers }) => headers["webhook-timestamp"]);
    // Besides the rate a burst of a tenth of a second.
    for (const [second, { length }] of seconds) assert.ok(length <= 22, `${length} in second ${second}`);
    const took = receiver.received.at(-1)!.at - receiver.received[0]!.at;
    assert.ok(took < 8_000, `${took} ms`);
  });

  for (const [concurrency, shards] of [
    [3, 1],
    [12, 1],
    [6, 3],
  ] as const)
    test(`gets at most ${concurrency} posts at a time from ${shards} shards, and as many if it is slow`, async () => {
      const receiver = await startReceiver(after(200));
      const relay = await startRelay([{ name: "a", url: receiver.url, concurrency }], {
        SHARDS: String(shards),
      });
      const callbacks = Array.from({ length: 40 }, (_, n) => ({ label: `n${n}`, group: `@TGS#${n}` }));
      await Promise.all(callbacks.map((callback) => relay.send(callback)));
      await until("all are there", () => receiver.labels(200).length === callbacks.length);
      assert.equal(receiver.mostHeld(), concurrency);
      assert.equal(receiver.received.length, callbacks.length);
    });

  test("gets full batches at once, and what is left when its time has come", async () => {
    const receiver = await startReceiver();
    const relay = await startRelay([{ name: "a", url: receiver.url, batch: { size: 5, ms: 1_500 } }]);
    const callbacks = numbered("n", 12);
    await relay.sendAll(callbacks);
    const sentAt = Date.now();
    await until("all are there", () => receiver.labels(200).length === callbacks.length);
    const [first, second, third, ...more] = receiver.received;
    assert.deepEqual(
      [first, second, third].map((one) => one!.labels.length),
      [5, 5, 2],
    );
    assert.deepEqual(more, []);
    assert.ok(second!.at < sentAt + 1_000, "full batches do not wait");
    assert.ok(third!.at >= sentAt + 900, `${third!.at - sentAt} ms`);
    assert.deepEqual(receiver.labels(), labelsOf(callbacks));
    const events = JSON.parse(first!.body) as { id: string }[];
    assert.match(first!.id, /^batch_/);
    assert.equal(new Set(events.map(({ id }) => id)).size, 5);
    assert.equal(new Set(receiver.received.map(({ id }) => id)).size, 3);
  });

  test("that refuses a batch gets it once more, then its events singly, so that one spoils no other", async () => {
    const receiver = await startReceiver((response, request) =>
      reply(request.labels.includes("n3") ? 422 : 200)(response, request),
    );
    const relay = await startRelay([
      { name: "a", url: receiver.url, batch: { size: 5, ms: 500 }, retry: ["200ms", "200ms", "200ms"] },
    ]);
    await relay.sendAll(numbered("n", 5));
    await until("it is given up", async () => (await relay.destination("a")).dead === 1);
    await until("the others are there", () => receiver.labels(200).length === 4);
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
    assert.equal((await relay.delivery("n3", "a", "dead")).attempts.length, 4);
    assert.deepEqual(
      (await relay.delivery("n4", "a", "delivered")).attempts.map(({ status }) => status),
      [422, 422, 200],
    );
  });
});
