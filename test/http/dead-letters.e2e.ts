import assert from "node:assert/strict";
import { test } from "node:test";
import { startGateway } from "../support/gateway.ts";
import { reply, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const [one, other] = [await startReceiver(reply(400)), await startReceiver(reply(400))];
const gateway = await startGateway({
  SHARDS: 3,
  FORWARD_RULES: [
    { name: "one", url: one.url, retry: ["1ms"] },
    { name: "other", on: "Test.CallbackAfterBoth", url: other.url, retry: [] },
  ],
});

const { deadLetters } = gateway;

async function send(command: string, count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, (_, index) => gateway.accept(command, { GroupId: `group-${index}` })),
  );
}

/** An event's delivery to a destination as soon as it is in that state. */
function delivery(event: string, destination: string, state: string) {
  return until(`${event} is ${state} at ${destination}`, async () =>
    (await gateway.event(event)).deliveries.find(
      (one) => one.destination === destination && one.state === state,
    ),
  );
}

test("without dead letters, the list is empty and a replay queues none", async () => {
  assert.deepEqual((await gateway.api("/api/dead-letters")).body, { deadLetters: [], cursor: null });
  assert.deepEqual(await gateway.post("/api/dead-letters/replay"), { queued: 0 });
});

test("an action names no more than a little of what a request names", async () => {
  const ids = ["x".repeat(500_000), "evt_01m8dmda5t01dq72ntmk051f"];
  assert.deepEqual(await gateway.post("/api/dead-letters/replay", { ids }), { queued: 0 });
  const action = await until("it is told", async () => {
    const { events } = await gateway.events({ command: "Relay.Action" });
    return events.find(({ size }) => size > 200);
  });
  assert.ok(action.size < 500, `${action.size} bytes`);
});

test("dead letters are listed, all or by destination, over all pages and shards", async () => {
  await send("Test.CallbackAfterBoth", 12);
  await send("Test.CallbackAfterOne", 7);
  const letters = await until("31 deliveries are dead", async () => {
    const found = await deadLetters();
    return found.length === 31 && found;
  });
  assert.equal((await deadLetters({ destination: "one" })).length, 19);
  assert.equal((await deadLetters({ destination: "other" })).length, 12);
  for (const limit of [1, 5, 30, 200]) assert.deepEqual(await deadLetters({ limit }), letters);
  const keys = letters.map(({ event, destination }) => `${event} ${destination}`);
  assert.equal(new Set(keys).size, 31);
  for (const letter of letters) {
    assert.deepEqual(Object.keys(letter), ["event", "destination", "attempts", "at", "error"]);
    assert.equal(letter.attempts, letter.destination === "one" ? 2 : 1);
    assert.match(letter.error!, /400/);
    assert.match(letter.at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }
  const dead = await gateway.allEvents({ state: "dead" });
  assert.deepEqual(new Set(dead.map(({ id }) => id)), new Set(letters.map(({ event }) => event)));
  await gateway.problem(/^one: 19 dead letters$/);
});

test("a replay by ids queues these events for every destination", async () => {
  one.answer = other.answer = reply(200);
  const both = (await deadLetters({ destination: "other" })).slice(0, 2).map(({ event }) => event);
  const ids = [...both, both[0], "evt_nonsense"];
  assert.deepEqual(await gateway.post("/api/dead-letters/replay", { ids }), { queued: 4 });
  for (const event of both)
    for (const [name, receiver, attempts] of [
      ["one", one, 3],
      ["other", other, 2],
    ] as const) {
      await until(
        `${event} has come ${attempts} times`,
        () => receiver.received.filter(({ id }) => id === event).length === attempts,
      );
      const delivered = await delivery(event, name, "delivered");
      assert.deepEqual(
        delivered.attempts.map(({ status }) => status),
        [...Array(attempts - 1).fill(400), 200],
      );
    }
  assert.equal((await deadLetters()).length, 27);
});

test("a replay by destination and ids queues the deliveries that fit both", async () => {
  const { event } = (await deadLetters({ destination: "other" }))[0]!;
  const wanted = { destinations: ["one"], ids: [event] };
  assert.deepEqual(await gateway.post("/api/dead-letters/replay", wanted), { queued: 1 });
  await delivery(event, "one", "delivered");
  await delivery(event, "other", "dead");
  assert.equal((await deadLetters()).length, 26);
});

test("a replayed event that fails again is a dead letter again, with all its attempts", async () => {
  one.answer = reply(404);
  const { event, attempts } = (await deadLetters({ destination: "one" }))[0]!;
  await gateway.post("/api/dead-letters/replay", { destinations: ["one"], ids: [event] });
  const again = await until(`${event} is dead again`, async () =>
    (await deadLetters({ destination: "one" })).find(
      (letter) => letter.event === event && letter.attempts > attempts,
    ),
  );
  assert.match(again.error!, /404/);
  assert.equal(again.attempts, attempts + 2, "a replay begins its schedule anew");
  assert.equal((await deadLetters()).length, 26);
  one.answer = reply(200);
});

test("a replay of all dead letters leaves out disabled destinations", async () => {
  other.answer = reply(410);
  await send("Test.CallbackAfterBoth", 1);
  await gateway.destinationIs("other", { state: "disabled" });
  const queued = (await deadLetters({ destination: "one" })).length;
  assert.deepEqual(await gateway.post("/api/dead-letters/replay"), { queued });
  await gateway.destinationIs("one", { dead: 0, retrying: 0 });
  assert.equal((await deadLetters({ destination: "other" })).length, 10);

  const refused = await gateway.api("/api/dead-letters/replay", { destinations: ["other"] });
  assert.equal(refused.status, 400);
  assert.match(refused.body.error.message, /other/);
});

test("a replay to a paused destination waits until it is resumed", async () => {
  other.answer = reply(200);
  await gateway.resume("other");
  await gateway.pause("other");
  const before = other.received.length;
  const replay = await gateway.post("/api/dead-letters/replay", { destinations: ["other"] });
  assert.deepEqual(replay, { queued: 10 });
  assert.equal((await deadLetters()).length, 0);
  assert.ok(other.received.length - before <= 1, "nothing but the event that the 410 had held back");
  await gateway.resume("other");
  await other.requests(before + 10);
});

test("a wrong query or body is 400 and named", async () => {
  const queries: [string, RegExp][] = [
    ["destination=nowhere", /nowhere/],
    ["limit=0", /limit/],
    ["limit=201", /limit/],
    ["destinations=one", /did you mean destination\?/],
    ["cursor=nonsense", /cursor/],
  ];
  for (const [query, names] of queries) {
    const { status, body } = await gateway.api(`/api/dead-letters?${query}`);
    assert.equal(status, 400, query);
    assert.match(body.error.message, names);
  }
  const bodies: [object, RegExp][] = [
    [{ destinations: ["nowhere"] }, /nowhere/],
    [{ destinations: ["one", "nowhere"] }, /nowhere/],
    [{ destinations: [7] }, /destinations/],
    [{ destinations: "one" }, /destinations/],
    [{ destination: "one" }, /did you mean destinations\?/],
    [{ id: ["evt_1"] }, /did you mean ids\?/],
    [{ ids: "evt_1" }, /ids/],
    [{ ids: [1] }, /ids/],
    [[], /object/],
  ];
  for (const [sent, names] of bodies) {
    const { status, body } = await gateway.api("/api/dead-letters/replay", sent);
    assert.equal(status, 400, JSON.stringify(sent));
    assert.match(body.error.message, names);
  }
});
