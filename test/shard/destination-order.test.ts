/** Destinations that are down, and what their conversations get when they are back. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { age } from "./ageing.ts";
import type { Callback } from "./callbacks.ts";
import { type Answer, hang, inTurn, type Receiver, reply, startReceiver } from "./recording-receiver.ts";
import { labelsOf, startRelay } from "./relay.ts";
import { until } from "./until.ts";

/** Callbacks of several groups in turn; each label begins with its group: `3-7` is the eighth of group 3. */
function inTurns(groups: number, each: number, from = 0): Callback[] {
  return Array.from({ length: groups * each }, (_, n) => {
    const group = n % groups;
    return { label: `${group}-${from + Math.floor(n / groups)}`, group: `@TGS#${group}` };
  });
}

/** First come the first of each group, with that status. */
function assertInOrder(receiver: Receiver, callbacks: readonly Callback[], status?: number): void {
  const came = Map.groupBy(receiver.labels(status), (label) => label.split("-")[0]);
  const sent = Map.groupBy(labelsOf(callbacks), (label) => label.split("-")[0]);
  assert.deepEqual(Object.fromEntries(came), Object.fromEntries(sent));
}

const patient = Array.from({ length: 50 }, () => "300ms");

describe("a destination that keeps conversations in order", { concurrency: 4 }, () => {
  for (const [how, more] of [
    ["singly", {}],
    ["in batches", { batch: { size: 7, ms: 50 } }],
  ] as const) {
    test(`gets everything in order when it is back, ${how}`, async () => {
      const receiver = await startReceiver();
      await receiver.goDown();
      const relay = await startRelay([
        { name: "a", url: receiver.url, order: "conversation", retry: patient, ...more },
      ]);
      const callbacks = inTurns(12, 8);
      await relay.sendAll(callbacks);
      await until("the breaker opens", async () => (await relay.destination("a")).state === "open");
      await receiver.comeUp();
      await until("all are there", () => receiver.labels().length === callbacks.length);
      assertInOrder(receiver, callbacks);
      await until("nothing waits", async () => {
        const { waiting, retrying, dead, state } = await relay.destination("a");
        return waiting + retrying + dead === 0 && state === "up";
      });
    });

    test(`gets everything in order with failures in the middle, ${how}`, async () => {
      let requests = 0;
      const receiver = await startReceiver((response, request) =>
        reply(requests++ % 5 === 2 ? 500 : 200)(response, request),
      );
      const relay = await startRelay([
        { name: "a", url: receiver.url, order: "conversation", retry: patient, ...more },
      ]);
      const callbacks = inTurns(6, 20);
      await relay.sendAll(callbacks);
      await until("all are there", () => receiver.labels(200).length === callbacks.length);
      assertInOrder(receiver, callbacks);
      assert.ok(receiver.received.some(({ status }) => status === 500));
    });
  }

  test("gets everything in order after crashes while it was down", async () => {
    const receiver = await startReceiver(reply(503));
    const relay = await startRelay([
      { name: "a", url: receiver.url, order: "conversation", retry: patient, concurrency: 8 },
    ]);
    const callbacks = [0, 1, 2].flatMap((crash) => inTurns(12, 3, 3 * crash));
    for (const crash of [0, 1, 2]) {
      await relay.sendAll(callbacks.slice(36 * crash, 36 * (crash + 1)));
      await until("the breaker opens", async () => (await relay.destination("a")).state === "open");
      await relay.kill();
      await relay.start();
    }
    receiver.answer = reply(200);
    await until("all are there", () => receiver.labels(200).length === callbacks.length);
    assertInOrder(receiver, callbacks);
  });

  test("waits in the conversation of the event that failed alone, and goes on behind its dead letter", async () => {
    const receiver = await startReceiver((response, request) =>
      reply(request.labels[0] === "0-0" ? 400 : 200)(response, request),
    );
    const relay = await startRelay([
      { name: "a", url: receiver.url, order: "conversation", retry: ["2s", "2s"] },
    ]);
    const callbacks = inTurns(3, 4);
    await relay.sendAll(callbacks);
    await until("the others have theirs", () => receiver.labels(200).length === 8);
    assert.deepEqual(
      receiver.labels().filter((label) => label.startsWith("0-")),
      ["0-0"],
    );
    const { waiting, retrying } = await relay.destination("a");
    assert.deepEqual({ waiting, retrying }, { waiting: 3, retrying: 1 });
    await until("the rest", () => receiver.labels(200).length === 11);
    assertInOrder(receiver, callbacks);
    assert.equal((await relay.destination("a")).dead, 1);
    // The dead letter came to be before its conversation went on.
    const last = receiver.received.findLast(({ labels }) => labels[0] === "0-0");
    const next = receiver.received.find(({ labels }) => labels[0] === "0-1");
    assert.ok(last!.endedAt! <= next!.at);
  });

  test("goes on in batches behind a batch that failed", async () => {
    const { promise: allSent, resolve } = Promise.withResolvers<void>();
    const late: Answer = (response, request) => allSent.then(() => reply(200)(response, request));
    const receiver = await startReceiver(inTurn(reply(500), late, reply(200)));
    const other = await startReceiver();
    const relay = await startRelay([
      {
        name: "a",
        url: receiver.url,
        order: "conversation",
        batch: { size: 40, ms: 50 },
        retry: ["200ms", "1s"],
      },
      { name: "b", url: other.url },
    ]);
    const callbacks = inTurns(1, 150);
    await relay.sendAll(callbacks);
    // Destinations read in turn: what the second has got, the first has read.
    await until("the other has them all", () => other.labels().length === callbacks.length);
    resolve();
    await until("all are there", () => receiver.labels(200).length === callbacks.length);
    assertInOrder(receiver, callbacks);
    // The one that failed, itself again, and four for all that waited behind it.
    assert.ok(receiver.received.length <= 6, `${receiver.received.length} requests`);
  });

  test("shows what it got long after it was kept, behind another event or paused", async () => {
    const behind = await startReceiver(inTurn(reply(500), reply(200)));
    const paused = await startReceiver(inTurn(hang, reply(200)));
    const relay = await startRelay([
      { name: "behind", url: behind.url, order: "conversation", retry: ["12h"] },
      { name: "paused", url: paused.url, order: "conversation" },
    ]);
    const callbacks = inTurns(1, 3);
    await relay.sendAll(callbacks);
    await until("two wait behind one", async () => (await relay.destination("behind")).waiting === 2);
    await relay.api("/api/destinations/paused/pause", null, 200);
    await relay.kill();
    age(relay.dataDir, 1);
    await relay.start();
    await relay.api("/api/destinations/paused/resume", null, 200);
    await until("all are there", () => behind.labels(200).length + paused.labels(200).length === 6);
    // The segment of the next event tells of it; what nobody has told is not known after a crash.
    await relay.sendAll(inTurns(1, 1, 3));
    await relay.kill();
    await relay.start();
    for (const name of ["behind", "paused"])
      for (const label of labelsOf(callbacks).slice(1))
        assert.equal((await relay.delivery(label, name, "delivered")).attempts.length, 1);
  });

  test("sends only a probe once ten attempts in a row have failed, and goes on after its success", async () => {
    const receiver = await startReceiver(reply(503));
    const relay = await startRelay([
      { name: "a", url: receiver.url, order: "conversation", retry: patient, concurrency: 5 },
    ]);
    const callbacks = inTurns(30, 2);
    await relay.sendAll(callbacks);
    await until("the breaker opens", async () => (await relay.destination("a")).state === "open");
    await until("what was under way has ended", () => receiver.held().length === 0);
    const before = receiver.received.length;
    assert.ok(before >= 10 && before < 15, `${before} requests`);
    receiver.answer = reply(200);
    const probe = await until("the probe", () => receiver.received[before]);
    const quiet = probe.at - receiver.received[before - 1]!.endedAt!;
    assert.ok(quiet >= 3_950, `${quiet} ms`);
    // An event that nobody has tried: a probe may use it up.
    const tried = receiver.received.slice(0, before).flatMap(({ labels }) => labels);
    assert.ok(!tried.includes(probe.labels[0]!));
    await until("all are there", () => receiver.labels(200).length === callbacks.length);
    assertInOrder(receiver, callbacks);
    assert.equal((await relay.destination("a")).state, "up");
  });

  test("never stops for answers that are about one event", async () => {
    const receiver = await startReceiver(reply(422));
    const relay = await startRelay([{ name: "a", url: receiver.url, order: "conversation", retry: [] }]);
    const callbacks = inTurns(3, 10);
    await relay.sendAll(callbacks);
    await until("all are dead", async () => (await relay.destination("a")).dead === callbacks.length);
    assertInOrder(receiver, callbacks, 422);
    assert.equal((await relay.destination("a")).state, "up");
  });
});
