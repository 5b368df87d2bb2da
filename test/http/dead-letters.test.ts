import assert from "node:assert/strict";
import { test } from "node:test";
import { startReceiver } from "./receiver.ts";
import { eventually, startWorker, usual } from "./worker.ts";

const [one, other] = [await startReceiver(), await startReceiver()];
one.answers = other.answers = 400;
const worker = await startWorker({
  ...usual,
  SHARDS: 3,
  ALLOW_PRIVATE_DESTINATIONS: true,
  FORWARD_RULES: [
    { name: "one", url: one.url, retry: ["1ms"] },
    { name: "other", on: "Test.CallbackAfterBoth", url: other.url, retry: [] },
  ],
});

interface DeadLetter {
  event: string;
  destination: string;
  attempts: number;
  at: string;
  error: string;
}

async function deadLetters(query = ""): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for (let cursor = ""; ; ) {
    const { status, body } = await worker.api(`/api/dead-letters?${query}${cursor && `&cursor=${cursor}`}`);
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(Object.keys(body), ["deadLetters", "cursor"]);
    letters.push(...body.deadLetters);
    if (body.cursor === null) return letters;
    cursor = body.cursor;
  }
}

async function send(command: string, count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const { status, text } = await worker.send(command, { GroupId: `group-${index}` });
      assert.equal(status, 200, text);
    }),
  );
}

/** What the API says of an event's delivery to a destination. */
async function delivery(event: string, destination: string) {
  const { body } = await worker.api(`/api/events/${event}`);
  return body.deliveries.find((delivery: { destination: string }) => delivery.destination === destination);
}

test("without dead letters, the list is empty and a replay queues none", async () => {
  assert.deepEqual((await worker.api("/api/dead-letters")).body, { deadLetters: [], cursor: null });
  const { status, body } = await worker.api("/api/dead-letters/replay", {});
  assert.deepEqual([status, body], [202, { queued: 0 }]);
});

test("what was given up is listed, by destination or all, over all pages and shards", async () => {
  await send("Test.CallbackAfterBoth", 12);
  await send("Test.CallbackAfterOne", 7);
  const letters = await eventually(async () => {
    const found = await deadLetters();
    return found.length === 31 && found;
  });
  assert.equal((await deadLetters("destination=one")).length, 19);
  assert.equal((await deadLetters("destination=other")).length, 12);
  for (const limit of [1, 5, 30, 200]) {
    const paged = await deadLetters(`limit=${limit}`);
    assert.deepEqual(paged, letters);
  }
  const keys = letters.map(({ event, destination }) => `${event} ${destination}`);
  assert.equal(new Set(keys).size, 31);
  for (const letter of letters) {
    assert.deepEqual(Object.keys(letter), ["event", "destination", "attempts", "at", "error"]);
    assert.equal(letter.attempts, letter.destination === "one" ? 2 : 1);
    assert.match(letter.error, /400/);
    assert.match(letter.at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }
  const { body } = await worker.api("/api/events?state=dead&limit=200");
  assert.deepEqual(
    new Set(body.events.map(({ id }: { id: string }) => id)),
    new Set(letters.map(({ event }) => event)),
  );
  const health = await worker.api("/health");
  assert.ok(health.body.problems.includes("one: 19 dead letters"), health.body.problems.join("\n"));
});

test("a replay by ids takes those, of every destination", async () => {
  one.answers = other.answers = 200;
  const both = (await deadLetters("destination=other")).slice(0, 2).map(({ event }) => event);
  const { status, body } = await worker.api("/api/dead-letters/replay", {
    ids: [...both, both[0], "evt_nonsense"],
  });
  assert.deepEqual([status, body], [202, { queued: 4 }]);
  for (const event of both)
    for (const [name, receiver, attempts] of [
      ["one", one, 3],
      ["other", other, 2],
    ] as const) {
      await eventually(
        () => receiver.received.filter(({ headers }) => headers["webhook-id"] === event).length === attempts,
      );
      const delivered = await eventually(async () => {
        const found = await delivery(event, name);
        return found?.state === "delivered" && found;
      });
      assert.deepEqual(
        delivered.attempts.map(({ status }: { status: number }) => status),
        [...Array(attempts - 1).fill(400), 200],
      );
    }
  assert.equal((await deadLetters()).length, 27);
});

test("a replay by destination and ids takes what is both", async () => {
  const { event } = (await deadLetters("destination=other"))[0]!;
  const { body } = await worker.api("/api/dead-letters/replay", { destinations: ["one"], ids: [event] });
  assert.deepEqual(body, { queued: 1 });
  await eventually(async () => (await delivery(event, "one")).state === "delivered");
  assert.equal((await delivery(event, "other")).state, "dead");
  assert.equal((await deadLetters()).length, 26);
});

test("what fails again is a dead letter again, with all its attempts", async () => {
  one.answers = 404;
  const { event, attempts } = (await deadLetters("destination=one"))[0]!;
  await worker.api("/api/dead-letters/replay", { destinations: ["one"], ids: [event] });
  const again = await eventually(async () =>
    (await deadLetters("destination=one")).find(
      (letter) => letter.event === event && letter.attempts > attempts,
    ),
  );
  assert.match(again.error, /404/);
  assert.equal(again.attempts, attempts + 2, "a replay begins its schedule anew");
  assert.equal((await deadLetters()).length, 26);
  one.answers = 200;
});

test("a replay of all leaves out destinations that are disabled", async () => {
  other.answers = 410;
  await send("Test.CallbackAfterBoth", 1);
  await eventually(async () => {
    const { body } = await worker.api("/api/destinations");
    return body.find(({ name }: { name: string }) => name === "other").state === "disabled";
  });
  const dead = await deadLetters("destination=one");
  const { body } = await worker.api("/api/dead-letters/replay", {});
  assert.deepEqual(body, { queued: dead.length });
  await eventually(async () => (await deadLetters("destination=one")).length === 0);
  assert.equal((await deadLetters("destination=other")).length, 10);

  const refused = await worker.api("/api/dead-letters/replay", { destinations: ["other"] });
  assert.equal(refused.status, 400);
  assert.match(refused.body.error.message, /other/);
});

test("a replay to a paused destination waits, and goes on with it", async () => {
  other.answers = 200;
  await worker.api("/api/destinations/other/resume", {});
  await worker.api("/api/destinations/other/pause", {});
  const before = other.received.length;
  const { body } = await worker.api("/api/dead-letters/replay", { destinations: ["other"] });
  assert.deepEqual(body, { queued: 10 });
  assert.equal((await deadLetters()).length, 0);
  assert.ok(other.received.length - before <= 1, "nothing but what 410 had held");
  await worker.api("/api/destinations/other/resume", {});
  await eventually(() => other.received.length >= before + 10);
});

test("what a request has wrong is named by 400", async () => {
  const queries: [string, RegExp][] = [
    ["destination=nowhere", /nowhere/],
    ["limit=0", /limit/],
    ["limit=201", /limit/],
    ["destinations=one", /did you mean destination\?/],
    ["cursor=nonsense", /cursor/],
  ];
  for (const [query, names] of queries) {
    const { status, body } = await worker.api(`/api/dead-letters?${query}`);
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
    const { status, body } = await worker.api("/api/dead-letters/replay", sent);
    assert.equal(status, 400, JSON.stringify(sent));
    assert.match(body.error.message, names);
  }
});
