/** Destinations that are down, and what their conversations get when they are back. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Callback, labelsOf } from "../support/callbacks.ts";
import { startGateway } from "../support/gateway.ts";
import { type Answer, hang, inTurn, type Receiver, reply, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";
import { age } from "./ageing.ts";

/** Callbacks of several groups in turn. A label begins with its group: `3-7` is the eighth of group 3. */
function inTurns(groups: number, each: number, from = 0): Callback[] {
  return Array.from({ length: groups * each }, (_, n) => {
    const group = n % groups;
    return { label: `${group}-${from + Math.floor(n / groups)}`, group: `@TGS#${group}` };
  });
}

/** Fails unless each group's events came, or were answered with that status, in the order in which they were sent. */
function assertInOrder(receiver: Receiver, callbacks: readonly Callback[], status?: number): void {
  const came = Map.groupBy(receiver.labels(status), (label) => label.split("-")[0]);
  const sent = Map.groupBy(labelsOf(callbacks), (label) => label.split("-")[0]);
  assert.deepEqual(Object.fromEntries(came), Object.fromEntries(sent));
}

const patient = Array.from({ length: 50 }, () => "300ms");

describe("a destination with order: conversation", { concurrency: 4 }, () => {
  for (const [how, more] of [
    ["singly", {}],
    ["in batches", { batch: { size: 7, ms: 50 } }],
  ] as const) {
    test(`gets every event in order once it is up again, ${how}`, async () => {
      const receiver = await startReceiver();
      await receiver.goDown();
      const gateway = await startGateway({
        FORWARD_RULES: [{ name: "a", url: receiver.url, order: "conversation", retry: patient, ...more }],
      });
      const callbacks = inTurns(12, 8);
      await gateway.sendAll(callbacks);
      await gateway.destinationIs("a", { state: "open" });
      await receiver.comeUp();
      await receiver.delivered(callbacks.length);
      assertInOrder(receiver, callbacks);
      await gateway.destinationIs("a", { waiting: 0, retrying: 0, dead: 0, state: "up" });
    });

    test(`gets every event in order although some attempts fail, ${how}`, async () => {
      let requests = 0;
      const receiver = await startReceiver((response, request) =>
        reply(requests++ % 5 === 2 ? 500 : 200)(response, request),
      );
      const gateway = await startGateway({
        FORWARD_RULES: [{ name: "a", url: receiver.url, order: "conversation", retry: patient, ...more }],
      });
      const callbacks = inTurns(6, 20);
      await gateway.sendAll(callbacks);
      await receiver.delivered(callbacks.length);
      assertInOrder(receiver, callbacks);
      assert.ok(receiver.received.some(({ status }) => status === 500));
    });
  }

  test("gets every event in order although the gateway crashed while it was down", async () => {
    const receiver = await startReceiver(reply(503));
    const gateway = await startGateway({
      FORWARD_RULES: [
        { name: "a", url: receiver.url, order: "conversation", retry: patient, concurrency: 8 },
      ],
    });
    const callbacks = [0, 1, 2].flatMap((crash) => inTurns(12, 3, 3 * crash));
    for (const crash of [0, 1, 2]) {
      await gateway.sendAll(callbacks.slice(36 * crash, 36 * (crash + 1)));
      await gateway.destinationIs("a", { state: "open" });
      await gateway.restart();
    }
    receiver.answer = reply(200);
    // A request wakes the object at once, before its alarm.
    await gateway.destination("a");
    await receiver.delivered(callbacks.length);
    assertInOrder(receiver, callbacks);
  });

  test("holds back only the conversation of a failed event, and goes on once that is a dead letter", async () => {
    const { promise: seen, resolve } = Promise.withResolvers<void>();
    let failures = 0;
    const receiver = await startReceiver(async (response, request) => {
      const fails = request.labels[0] === "0-0";
      // The third and last attempt ends when the others have been looked at.
      if (fails && ++failures === 3) await seen;
      reply(fails ? 400 : 200)(response, request);
    });
    const rule = { name: "a", url: receiver.url, timeoutMs: 60_000, retry: ["100ms", "100ms"] };
    const gateway = await startGateway({ FORWARD_RULES: [{ ...rule, order: "conversation" }] });
    const callbacks = inTurns(3, 4);
    await gateway.sendAll(callbacks);
    await receiver.delivered(8);
    assert.deepEqual(
      receiver.labels().filter((label) => label.startsWith("0-")),
      ["0-0"],
    );
    const { waiting, retrying } = await gateway.destination("a");
    assert.deepEqual({ waiting, retrying }, { waiting: 3, retrying: 1 });
    resolve();
    await receiver.delivered(11);
    assertInOrder(receiver, callbacks);
    assert.equal((await gateway.destination("a")).dead, 1);
    // Its conversation went on after the last attempt of the dead letter.
    const last = receiver.received.findLast(({ labels }) => labels[0] === "0-0");
    const next = receiver.received.find(({ labels }) => labels[0] === "0-1");
    assert.ok(last!.endedAt! <= next!.at);
  });

  test("gets full batches again behind a batch that failed", async () => {
    const { promise: allSent, resolve } = Promise.withResolvers<void>();
    const late: Answer = (response, request) => allSent.then(() => reply(200)(response, request));
    const receiver = await startReceiver(inTurn(reply(500), late, reply(200)));
    const other = await startReceiver();
    const gateway = await startGateway({
      FORWARD_RULES: [
        {
          name: "a",
          url: receiver.url,
          order: "conversation",
          batch: { size: 40, ms: 50 },
          retry: ["200ms", "1s"],
          // On a busy machine, sending all events takes longer than the usual ten seconds.
          timeoutMs: 60_000,
        },
        { name: "b", url: other.url },
      ],
    });
    const callbacks = inTurns(1, 150);
    await gateway.sendAll(callbacks);
    // Destinations read the journal in turn: the first has read every event that the second has got.
    await other.delivered(callbacks.length);
    resolve();
    await receiver.delivered(callbacks.length);
    assertInOrder(receiver, callbacks);
    // The failed batch, its second attempt, and four batches for all events that waited behind it.
    assert.ok(receiver.received.length <= 6, `${receiver.received.length} requests`);
  });

  test("has deliveries in the API that came a day after their events were received", async () => {
    const behind = await startReceiver(inTurn(reply(500), reply(200)));
    const paused = await startReceiver(inTurn(hang, reply(200)));
    const gateway = await startGateway({
      FORWARD_RULES: [
        { name: "behind", url: behind.url, order: "conversation", retry: ["12h"] },
        { name: "paused", url: paused.url, order: "conversation" },
      ],
    });
    const callbacks = inTurns(1, 3);
    await gateway.sendAll(callbacks);
    await gateway.destinationIs("behind", { waiting: 2 });
    await gateway.pause("paused");
    await gateway.kill();
    age(gateway.dataDir, 1);
    await gateway.start();
    await gateway.resume("paused");
    for (const receiver of [behind, paused]) await receiver.delivered(3);
    // The segment of the next event stores these deliveries, which a crash would forget otherwise.
    await gateway.sendAll(inTurns(1, 1, 3));
    await gateway.restart();
    for (const name of ["behind", "paused"])
      for (const label of labelsOf(callbacks).slice(1))
        assert.equal((await gateway.delivery(label, name, "delivered")).attempts.length, 1);
  });

  test("gets only a probe after ten failures in a row, and every event after a successful probe", async () => {
    const receiver = await startReceiver(reply(503));
    const gateway = await startGateway({
      FORWARD_RULES: [
        { name: "a", url: receiver.url, order: "conversation", retry: patient, concurrency: 5 },
      ],
    });
    const callbacks = inTurns(30, 2);
    await gateway.sendAll(callbacks);
    await gateway.destinationIs("a", { state: "open" });
    await until("the posts in flight have ended", () => receiver.held().length === 0);
    const before = receiver.received.length;
    assert.ok(before >= 10 && before < 17, `${before} requests`);
    receiver.answer = reply(200);
    const probe = await until("a probe has come", () => receiver.received[before]);
    const quiet = probe.at - receiver.received[before - 1]!.at;
    assert.ok(quiet >= 3_990, `${quiet} ms`);
    // A probe is an event that was not tried yet.
    const tried = receiver.received.slice(0, before).flatMap(({ labels }) => labels);
    assert.ok(!tried.includes(probe.labels[0]!));
    await receiver.delivered(callbacks.length);
    assertInOrder(receiver, callbacks);
    assert.equal((await gateway.destination("a")).state, "up");
  });

  test("gets every event although it answers 422 to each", async () => {
    const receiver = await startReceiver(reply(422));
    const gateway = await startGateway({
      FORWARD_RULES: [{ name: "a", url: receiver.url, order: "conversation", retry: [] }],
    });
    const callbacks = inTurns(3, 10);
    await gateway.sendAll(callbacks);
    await gateway.destinationIs("a", { dead: callbacks.length });
    assertInOrder(receiver, callbacks, 422);
    assert.equal((await gateway.destination("a")).state, "up");
  });
});
