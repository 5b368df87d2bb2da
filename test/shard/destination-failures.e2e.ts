/** Destinations that fail in every way that a network allows. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readEventId } from "../../src/callback/event-id.ts";
import { labelsOf, numbered, ofManyGroups } from "../support/callbacks.ts";
import { startGateway } from "../support/gateway.ts";
import {
  breakOff,
  flood,
  hang,
  hangInBody,
  inTurn,
  type Received,
  reply,
  replyAfter,
  startReceiver,
} from "../support/receiver.ts";
import { until } from "../support/until.ts";

describe("a failing destination", { concurrency: 4 }, () => {
  test("may take 13 s to answer, which is longer than an idle object lives", async () => {
    const receiver = await startReceiver(replyAfter(13_000));
    const gateway = await startGateway({
      FORWARD_RULES: [{ name: "a", url: receiver.url, timeoutMs: 30_000 }],
    });
    await gateway.sendLabelled({ label: "one" });
    await receiver.delivered(1);
    await gateway.delivery("one", "a", "delivered");
    assert.equal(receiver.received.length, 1, "sent once");
  });

  test("is tried again after 13 s, though its idle object was evicted meanwhile", async () => {
    const receiver = await startReceiver(inTurn(reply(500), reply(200)));
    const gateway = await startGateway({ FORWARD_RULES: [{ name: "a", url: receiver.url, retry: ["13s"] }] });
    await gateway.sendLabelled({ label: "one" });
    // Without a request, only the alarm wakes the object.
    await receiver.delivered(1);
    assert.equal((await gateway.delivery("one", "a", "delivered")).attempts.length, 2);
  });

  test("that never answers fails at the timeout, is tried again, and leaves a dead letter", async () => {
    const receiver = await startReceiver(hang);
    const gateway = await startGateway({
      FORWARD_RULES: [{ name: "a", url: receiver.url, timeoutMs: 400, retry: ["200ms"] }],
    });
    await gateway.sendLabelled({ label: "one" });
    const dead = await gateway.delivery("one", "a", "dead");
    assert.deepEqual(
      dead.attempts.map(({ status, response }) => [status, response]),
      [
        [null, null],
        [null, null],
      ],
    );
    for (const { error, ms } of dead.attempts) {
      assert.match(error!, /^no answer after \d+ ms$/);
      assert.ok(ms >= 400 && ms < 10_000, `${ms} ms`);
    }
    await until("both connections are closed", () => receiver.held().length === 0);
    assert.equal(receiver.received.length, 2);
    receiver.answer = reply(200);
    assert.deepEqual(await gateway.post("/api/dead-letters/replay", { destinations: ["a"] }), { queued: 1 });
    await receiver.delivered(1);
    assert.equal(new Set(receiver.received.map(({ id }) => id)).size, 1);
  });

  test("that answers 200 and stalls in the body has succeeded at once", async () => {
    const receiver = await startReceiver(hangInBody(200));
    const gateway = await startGateway({
      FORWARD_RULES: [{ name: "a", url: receiver.url, timeoutMs: 20_000, concurrency: 1 }],
    });
    await gateway.sendAll(numbered("n", 3));
    await receiver.requests(3);
    await gateway.delivery("n3", "a", "delivered");
    await until("the connections are closed", () => receiver.held().length === 0);
  });

  test("that answers 500 and stalls in the body has failed with 500", async () => {
    const receiver = await startReceiver(hangInBody(500));
    const gateway = await startGateway({
      FORWARD_RULES: [{ name: "a", url: receiver.url, timeoutMs: 5_000, retry: [] }],
    });
    await gateway.sendLabelled({ label: "one" });
    const { attempts } = await gateway.delivery("one", "a", "dead");
    assert.equal(attempts[0]!.status, 500);
    assert.equal(attempts[0]!.response, "begun");
    await until("the connection is closed", () => receiver.held().length === 0);
  });

  test("that closes connections without an answer is tried again", async () => {
    const receiver = await startReceiver(inTurn(breakOff, breakOff, reply(200)));
    const gateway = await startGateway({
      FORWARD_RULES: [{ name: "a", url: receiver.url, retry: ["100ms", "100ms", "100ms"] }],
    });
    await gateway.sendLabelled({ label: "one" });
    await receiver.delivered(1);
    const { attempts } = await gateway.delivery("one", "a", "delivered");
    assert.deepEqual(
      attempts.map(({ status }) => status),
      [null, null, 200],
    );
    assert.match(attempts[0]!.error!, /closed before an answer came/);
  });

  test("that refuses connections gets every event once it listens again", async () => {
    const receiver = await startReceiver();
    await receiver.goDown();
    const gateway = await startGateway({
      FORWARD_RULES: [{ name: "a", url: receiver.url, retry: Array.from({ length: 40 }, () => "300ms") }],
    });
    const callbacks = numbered("n", 5);
    await gateway.sendAll(callbacks);
    await gateway.destinationIs("a", { retrying: 5 });
    assert.match((await gateway.destination("a")).lastError!, /connection was refused/);
    await receiver.comeUp();
    await receiver.delivered(5);
    assert.deepEqual(receiver.labels().sort(), labelsOf(callbacks));
  });

  test("that redirects is not followed", async () => {
    const elsewhere = await startReceiver();
    const receiver = await startReceiver(inTurn(reply(302, { location: elsewhere.url }), reply(200)));
    const gateway = await startGateway({
      FORWARD_RULES: [{ name: "a", url: receiver.url, retry: ["100ms"] }],
    });
    await gateway.sendLabelled({ label: "one" });
    await receiver.delivered(1);
    const { attempts } = await gateway.delivery("one", "a", "delivered");
    assert.equal(attempts[0]!.status, 302);
    assert.match(attempts[0]!.error!, /redirects are not followed/);
    assert.equal(elsewhere.received.length, 0);
  });

  test("that answers 410 is disabled on every shard; resumed, it also gets the event that it refused", async () => {
    const receiver = await startReceiver(inTurn(reply(410), reply(200)));
    const gateway = await startGateway({
      FORWARD_RULES: [{ name: "a", url: receiver.url, retry: [] }],
      SHARDS: 3,
    });
    // Of a shard other than 0, which coordinates.
    await gateway.sendLabelled({ label: "first", group: "@TGS#3" });
    const [{ id }] = (await receiver.requests(1)) as [Received];
    assert.notEqual(readEventId(id)!.shard, 0);
    // A replay is refused as soon as shard 0 has noted the 410.
    await until(
      "a is disabled",
      async () => (await gateway.api(`/api/events/${id}/replay`, { destinations: ["a"] })).status === 400,
    );
    const later = ofManyGroups(12);
    await gateway.sendAll(later);
    await gateway.destinationIs("a", { waiting: later.length });
    assert.deepEqual(receiver.labels(), ["first"]);
    await gateway.delivery("first", "a", "pending");
    assert.equal((await gateway.destination("a")).state, "disabled");

    await gateway.restart();
    assert.equal((await gateway.destination("a")).state, "disabled");
    assert.deepEqual(receiver.labels(), ["first"]);

    await gateway.resume("a");
    await receiver.delivered(1 + later.length);
    assert.deepEqual(receiver.labels(200).sort(), ["first", ...labelsOf(later)].sort());
    const { attempts } = await gateway.delivery("first", "a", "delivered");
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
    test(`that answers ${status} with Retry-After in ${how} gets no event for that long`, async () => {
      const receiver = await startReceiver((response, request) => {
        const told = receiver.received.length === 1;
        reply(told ? status : 200, told ? { "retry-after": retryAfter() } : {})(response, request);
      });
      const gateway = await startGateway({
        FORWARD_RULES: [{ name: "a", url: receiver.url, retry: ["100ms"], concurrency: 1 }],
      });
      await gateway.sendAll(numbered("n", 6));
      await receiver.delivered(6);
      const [first, second] = receiver.received;
      // The answer was sent at once.
      const pause = second!.at - first!.at;
      assert.ok(pause >= 1_990, `${pause} ms`);
      // The date is rounded up to a second, jitter adds up to a fifth, and a busy machine takes its time.
      assert.ok(pause < 3_000 * 1.2 + 8_000, `${pause} ms`);
      assert.equal(receiver.received.length, 7);
    });

  test("that sends endless bodies is read no further than needed", async () => {
    const receiver = await startReceiver(inTurn(flood(500), flood(200)));
    const gateway = await startGateway({
      FORWARD_RULES: [{ name: "a", url: receiver.url, timeoutMs: 20_000, retry: ["100ms"] }],
    });
    await gateway.sendLabelled({ label: "one" });
    const { attempts } = await gateway.delivery("one", "a", "delivered");
    assert.deepEqual(
      attempts.map(({ status }) => status),
      [500, 200],
    );
    assert.equal(attempts[0]!.response, "x".repeat(4096));
    await until("the connections are closed", () => receiver.held().length === 0);
  });

  test("gets an event again after each wait of its schedule; then the event is a dead letter until it is replayed", async () => {
    const receiver = await startReceiver(reply(500, {}, "the database is away"));
    const waits = [200, 400, 800];
    const gateway = await startGateway({
      FORWARD_RULES: [{ name: "a", url: receiver.url, retry: waits.map((ms) => `${ms}ms`) }],
    });
    await gateway.sendAll(numbered("n", 2));
    await gateway.destinationIs("a", { dead: 2 });
    for (const label of ["n1", "n2"]) {
      const attempts = receiver.received.filter(({ labels }) => labels[0] === label);
      assert.equal(attempts.length, 1 + waits.length);
      assert.equal(new Set(attempts.map(({ id }) => id)).size, 1);
      waits.forEach((wait, index) => {
        const waited = attempts[index + 1]!.at - attempts[index]!.at;
        assert.ok(waited >= 0.8 * wait - 10, `${waited} ms instead of ${wait}`);
        assert.ok(waited <= 1.2 * wait + 8_000, `${waited} ms instead of ${wait}`);
      });
    }
    const { deadLetters, cursor } = await gateway.get("/api/dead-letters?destination=a");
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
    assert.equal((await gateway.delivery("n1", "a", "dead")).attempts[3]!.response, "the database is away");

    receiver.answer = reply(200);
    const [{ event }] = deadLetters;
    assert.deepEqual(await gateway.post("/api/dead-letters/replay", { ids: [event] }), { queued: 1 });
    await receiver.delivered(1);
    assert.deepEqual(await gateway.post("/api/dead-letters/replay"), { queued: 1 });
    await receiver.delivered(2);
    await gateway.destinationIs("a", { dead: 0 });
    assert.equal(receiver.received.length, 10);
    assert.equal((await gateway.delivery("n1", "a", "delivered")).attempts.length, 5);
  });

  test("that hangs on all its connections delays no other destination", async () => {
    const hanging = await startReceiver(hang);
    const healthy = await startReceiver();
    const gateway = await startGateway({
      FORWARD_RULES: [
        ...[1, 2, 3].map((n) => ({
          name: `hanging-${n}`,
          url: hanging.url,
          timeoutMs: 60_000,
          concurrency: 5,
        })),
        { name: "healthy", url: healthy.url },
      ],
    });
    const callbacks = ofManyGroups(40);
    await gateway.sendAll(callbacks.slice(0, 10));
    await until("all connections hang", () => hanging.held().length === 15);
    await gateway.sendAll(callbacks.slice(10));
    await healthy.delivered(callbacks.length);
    assert.equal(hanging.held().length, 15);
    assert.equal(hanging.received.length, 15);
  });
});
