/** Destinations that misbehave, met by the runtime's own network code. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readEventId } from "../../src/callback/event-id.ts";
import {
  breakOff,
  flood,
  hang,
  hangInBody,
  inTurn,
  type Receiver,
  reply,
  startReceiver,
} from "./recording-receiver.ts";
import { labelsOf, numbered, startRelay } from "./relay.ts";
import { until } from "./until.ts";

const arrived = (receiver: Receiver, count: number) =>
  until(`${count} requests`, () => receiver.received.length >= count);

describe("a destination that misbehaves", { concurrency: 4 }, () => {
  test("taking longer than an idle object lives, it is waited for", async () => {
    const receiver = await startReceiver((response) => setTimeout(() => response.end(), 13_000));
    const relay = await startRelay([{ name: "a", url: receiver.url, timeoutMs: 30_000 }]);
    await relay.send({ label: "one" });
    await until("it has answered", () => receiver.labels(200).length === 1);
    await relay.delivery("one", "a", "delivered");
    assert.equal(receiver.received.length, 1);
  });

  test("failing, it is tried again after a wait that is longer than an idle object lives", async () => {
    const receiver = await startReceiver(inTurn(reply(500), reply(200)));
    const relay = await startRelay([{ name: "a", url: receiver.url, retry: ["13s"] }]);
    await relay.send({ label: "one" });
    // Nobody asks meanwhile: only the alarm wakes the object.
    await until("it is delivered", () => receiver.labels(200).length === 1);
    assert.equal((await relay.delivery("one", "a", "delivered")).attempts.length, 2);
  });

  test("hanging before its answer, it is given up at the timeout, tried again, and its event kept as a dead letter", async () => {
    const receiver = await startReceiver(hang);
    const relay = await startRelay([{ name: "a", url: receiver.url, timeoutMs: 400, retry: ["200ms"] }]);
    await relay.send({ label: "one" });
    const dead = await relay.delivery("one", "a", "dead");
    assert.deepEqual(
      dead.attempts.map(({ status, response }) => [status, response]),
      [
        [null, null],
        [null, null],
      ],
    );
    for (const { error, ms } of dead.attempts) {
      assert.match(error!, /^no answer after \d+ ms$/);
      assert.ok(ms >= 400 && ms < 2_000, `${ms} ms`);
    }
    await until("both connections are let go", () => receiver.held().length === 0);
    assert.equal(receiver.received.length, 2);
    receiver.answer = reply(200);
    assert.deepEqual(await relay.api("/api/dead-letters/replay", { destinations: ["a"] }), { queued: 1 });
    await until("the replay", () => receiver.labels(200).includes("one"));
    assert.equal(new Set(receiver.received.map(({ id }) => id)).size, 1);
  });

  test("hanging in the body of a success, it has succeeded, and is not waited for", async () => {
    const receiver = await startReceiver(hangInBody(200));
    const relay = await startRelay([{ name: "a", url: receiver.url, timeoutMs: 20_000, concurrency: 1 }]);
    await relay.sendAll(numbered("n", 3));
    await arrived(receiver, 3);
    await relay.delivery("n3", "a", "delivered");
    await until("the connections are let go", () => receiver.held().length === 0);
  });

  test("hanging in the body of a failure, it has failed, with the status it began with", async () => {
    const receiver = await startReceiver(hangInBody(500));
    const relay = await startRelay([{ name: "a", url: receiver.url, timeoutMs: 400, retry: [] }]);
    await relay.send({ label: "one" });
    const { attempts } = await relay.delivery("one", "a", "dead");
    assert.equal(attempts[0]!.status, 500);
    assert.equal(attempts[0]!.response, "begun");
    await until("the connection is let go", () => receiver.held().length === 0);
  });

  test("closing connections without an answer, it is tried again", async () => {
    const receiver = await startReceiver(inTurn(breakOff, breakOff, reply(200)));
    const relay = await startRelay([{ name: "a", url: receiver.url, retry: ["100ms", "100ms", "100ms"] }]);
    await relay.send({ label: "one" });
    await until("it is delivered", () => receiver.labels(200).length === 1);
    const { attempts } = await relay.delivery("one", "a", "delivered");
    assert.deepEqual(
      attempts.map(({ status }) => status),
      [null, null, 200],
    );
    assert.match(attempts[0]!.error!, /closed before an answer came/);
  });

  test("refusing connections, it gets everything when it listens again", async () => {
    const receiver = await startReceiver();
    await receiver.goDown();
    const relay = await startRelay([
      { name: "a", url: receiver.url, retry: Array.from({ length: 40 }, () => "300ms") },
    ]);
    const callbacks = numbered("n", 5);
    await relay.sendAll(callbacks);
    await until("all have failed", async () => (await relay.destination("a")).retrying === 5);
    assert.match((await relay.destination("a")).lastError!, /connection was refused/);
    await receiver.comeUp();
    await until("all are there", () => receiver.labels(200).length === 5);
    assert.deepEqual(receiver.labels().sort(), labelsOf(callbacks));
  });

  test("redirecting, it is not followed", async () => {
    const elsewhere = await startReceiver();
    const receiver = await startReceiver(inTurn(reply(302, { location: elsewhere.url }), reply(200)));
    const relay = await startRelay([{ name: "a", url: receiver.url, retry: ["100ms"] }]);
    await relay.send({ label: "one" });
    await until("it is delivered", () => receiver.labels(200).length === 1);
    const { attempts } = await relay.delivery("one", "a", "delivered");
    assert.equal(attempts[0]!.status, 302);
    assert.match(attempts[0]!.error!, /redirects are not followed/);
    assert.equal(elsewhere.received.length, 0);
  });

  test("answering 410, it gets nothing from any shard until it is resumed; then also the event that met it", async () => {
    const receiver = await startReceiver(inTurn(reply(410), reply(200)));
    const relay = await startRelay([{ name: "a", url: receiver.url, retry: [] }], { SHARDS: "3" });
    // A shard that is not the one which decides.
    await relay.send({ label: "first", group: "@TGS#3" });
    const { id } = await until("it has met a 410", () => receiver.received[0]);
    assert.notEqual(readEventId(id)!.shard, 0);
    // Refused as soon as shard 0 knows.
    await until("it is disabled", () =>
      relay.api(`/api/events/${id}/replay`, { destinations: ["a"] }, 400).catch(() => undefined),
    );
    const later = Array.from({ length: 12 }, (_, n) => ({ label: `later${n}`, group: `@TGS#${n}` }));
    await relay.sendAll(later);
    await until("they wait", async () => (await relay.destination("a")).waiting === later.length);
    assert.deepEqual(receiver.labels(), ["first"]);
    await relay.delivery("first", "a", "pending");
    assert.equal((await relay.destination("a")).state, "disabled");

    await relay.kill();
    await relay.start();
    assert.equal((await relay.destination("a")).state, "disabled");
    assert.deepEqual(receiver.labels(), ["first"]);

    await relay.api("/api/destinations/a/resume", null, 200);
    await until("all are there", () => receiver.labels(200).length === 1 + later.length);
    assert.deepEqual(receiver.labels(200).sort(), ["first", ...labelsOf(later)].sort());
    const { attempts } = await relay.delivery("first", "a", "delivered");
    assert.deepEqual(
      attempts.map(({ status }) => status),
      [410, 200],
    );
  });

  for (const [status, how, retryAfter] of [
    [429, "seconds", () => "2"],
    // A date counts whole seconds.
    [503, "a date", () => new Date(Math.ceil(Date.now() / 1000) * 1000 + 2_000).toUTCString()],
  ] as const)
    test(`answering ${status} with Retry-After in ${how}, it is left alone that long, with all its events`, async () => {
      const receiver = await startReceiver((response, request) => {
        const told = receiver.received.length === 1;
        reply(told ? status : 200, told ? { "retry-after": retryAfter() } : {})(response, request);
      });
      const relay = await startRelay([{ name: "a", url: receiver.url, retry: ["100ms"], concurrency: 1 }]);
      await relay.sendAll(numbered("n", 6));
      await until("all are there", () => receiver.labels(200).length === 6);
      const [first, second] = receiver.received;
      const pause = second!.at - first!.endedAt!;
      assert.ok(pause >= 1_990, `${pause} ms`);
      // Up to a second for the date's rounding, a fifth for the jitter.
      assert.ok(pause < 3_000 * 1.2 + 1_500, `${pause} ms`);
      assert.equal(receiver.received.length, 7);
    });

  test("sending endless bodies, it is read no further than needed", async () => {
    const receiver = await startReceiver(inTurn(flood(500), flood(200)));
    const relay = await startRelay([{ name: "a", url: receiver.url, timeoutMs: 20_000, retry: ["100ms"] }]);
    await relay.send({ label: "one" });
    const { attempts } = await relay.delivery("one", "a", "delivered");
    assert.deepEqual(
      attempts.map(({ status }) => status),
      [500, 200],
    );
    assert.equal(attempts[0]!.response, "x".repeat(4096));
    await until("the connections are let go", () => receiver.held().length === 0);
  });

  test("failing, its event is sent again after each wait, then is a dead letter, until it is replayed", async () => {
    const receiver = await startReceiver(reply(500, {}, "the database is away"));
    const waits = [200, 400, 800];
    const relay = await startRelay([{ name: "a", url: receiver.url, retry: waits.map((ms) => `${ms}ms`) }]);
    await relay.sendAll(numbered("n", 2));
    await until("both are dead", async () => (await relay.destination("a")).dead === 2);
    for (const label of ["n1", "n2"]) {
      const attempts = receiver.received.filter(({ labels }) => labels[0] === label);
      assert.equal(attempts.length, 1 + waits.length);
      assert.equal(new Set(attempts.map(({ id }) => id)).size, 1);
      waits.forEach((wait, index) => {
        const waited = attempts[index + 1]!.at - attempts[index]!.endedAt!;
        assert.ok(waited >= 0.8 * wait - 10, `${waited} ms instead of ${wait}`);
        assert.ok(waited <= 1.2 * wait + 1_000, `${waited} ms instead of ${wait}`);
      });
    }
    const { deadLetters, cursor } = await relay.api("/api/dead-letters?destination=a");
    assert.equal(cursor, null);
    assert.deepEqual(
      deadLetters.map(({ attempts, error, destination }: Record<string, unknown>) => [
        destination,
        attempts,
        error,
      ]),
      [
        ["a", 4, "answered 500"],
        ["a", 4, "answered 500"],
      ],
    );
    assert.equal((await relay.delivery("n1", "a", "dead")).attempts[3]!.response, "the database is away");

    receiver.answer = reply(200);
    const [{ event }] = deadLetters;
    assert.deepEqual(await relay.api("/api/dead-letters/replay", { ids: [event] }), { queued: 1 });
    await until("the replay", () => receiver.labels(200).length === 1);
    assert.deepEqual(await relay.api("/api/dead-letters/replay", {}), { queued: 1 });
    await until("the other", () => receiver.labels(200).length === 2);
    await until("nothing is dead", async () => (await relay.destination("a")).dead === 0);
    assert.equal(receiver.received.length, 10);
    assert.equal((await relay.delivery("n1", "a", "delivered")).attempts.length, 5);
  });

  test("hanging with all its connections, it delays no other", async () => {
    const hanging = await startReceiver(hang);
    const healthy = await startReceiver();
    const relay = await startRelay([
      ...[1, 2, 3].map((n) => ({
        name: `hanging-${n}`,
        url: hanging.url,
        timeoutMs: 30_000,
        concurrency: 5,
      })),
      { name: "healthy", url: healthy.url },
    ]);
    const callbacks = Array.from({ length: 40 }, (_, n) => ({ label: `n${n}`, group: `@TGS#${n}` }));
    await relay.sendAll(callbacks.slice(0, 10));
    await until("all hang", () => hanging.held().length === 15);
    await relay.sendAll(callbacks.slice(10));
    await until("the healthy one has all", () => healthy.labels(200).length === callbacks.length);
    assert.equal(hanging.held().length, 15);
    assert.equal(hanging.received.length, 15);
  });
});
