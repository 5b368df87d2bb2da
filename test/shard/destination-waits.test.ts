/** Whatever waits is looked at again: after quiet weeks, dropped days, mended rules, a clock that was set back. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { age, keptDays } from "./ageing.ts";
import { hang, inTurn, reply, startReceiver } from "./recording-receiver.ts";
import { labelsOf, numbered, type Relay, startRelay } from "./relay.ts";
import { until } from "./until.ts";

/** When the shard's alarm is set, Unix milliseconds; null: it is not. */
function alarmAt(dataDir: string): number | null {
  const folder = join(dataDir, "tim-relay-Shard");
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".sqlite"))) {
    const database = new DatabaseSync(join(folder, name), { readOnly: true });
    try {
      for (const [table, column] of [
        ["_cf_ALARM", "scheduled_time"],
        ["_cf_METADATA", "value"],
      ]) {
        if (!database.prepare("SELECT 1 FROM sqlite_master WHERE name = ?").get(table!)) continue;
        const statement = database.prepare(
          `SELECT ${column} AS at FROM ${table} WHERE typeof(${column}) = 'integer'`,
        );
        statement.setReadBigInts(true);
        const row = statement.get() as { at: bigint } | undefined;
        if (row && row.at > 10n ** 15n) return Number(row.at / 1_000_000n);
      }
    } finally {
      database.close();
    }
  }
  return null;
}

/** How much all rows of the only day tell beside their events, characters, and how many events they hold. */
function told(dataDir: string): { news: number; events: number } {
  const folder = join(dataDir, "tim-relay-Shard");
  const [name] = readdirSync(folder).filter((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite");
  const database = new DatabaseSync(join(folder, name!));
  const [day] = keptDays(dataDir);
  const row = database
    .prepare(`SELECT sum(length(news)) AS news, sum(count) AS events FROM segment_${day}`)
    .get();
  database.close();
  return row as { news: number; events: number };
}

async function settle(
  relay: Relay,
  name: string,
  expected: Partial<Record<"waiting" | "retrying" | "dead" | "expired", number>>,
) {
  await until(`${name} stands at ${JSON.stringify(expected)}`, async () => {
    const destination = await relay.destination(name);
    return Object.entries(expected).every(([key, value]) => destination[key as "waiting"] === value);
  });
}

test("a gateway that was quiet for longer than events are kept answers, and drops their day", async () => {
  const receiver = await startReceiver();
  const relay = await startRelay([{ name: "audit", url: receiver.url }]);
  await relay.sendAll(numbered("old", 1));
  await settle(relay, "audit", { waiting: 0 });
  await relay.gateway.stop();
  age(relay.dataDir, 9);
  const [day] = keptDays(relay.dataDir);
  await relay.start();
  await relay.gateway.seen(new RegExp(`day dropped.*${day}`));
  await relay.sendAll(numbered("new", 1));
  await until("it goes on", () => receiver.labels(200).length === 2);
  assert.deepEqual(
    labelsOf(numbered("new", 1)),
    (await relay.events()).map(({ platform }) => platform),
  );
  assert.deepEqual((await relay.api("/health")).problems, []);
});

test("a conversation waits no longer than its head is kept, though its rule was wrong meanwhile", async () => {
  const receiver = await startReceiver(reply(400));
  const rule = { name: "audit", url: receiver.url, order: "conversation", retry: ["150h"] };
  const relay = await startRelay([rule]);
  await relay.sendAll(numbered("old", 3));
  await settle(relay, "audit", { waiting: 2, retrying: 1 });
  await relay.kill();
  age(relay.dataDir, 9);
  await relay.start([{ ...rule, retry: ["soon"] }]);
  await relay.gateway.seen(/day dropped/);
  await relay.sendAll(numbered("new", 3));
  await relay.kill();
  receiver.answer = reply(200);
  await relay.start([rule]);
  await settle(relay, "audit", { waiting: 0, retrying: 0 });
  assert.deepEqual(receiver.labels(200), labelsOf(numbered("new", 3)));
});

test("the alarm looks again at what waits for a rule that is wrong, or gone", async () => {
  const receiver = await startReceiver();
  const rule = { name: "audit", url: receiver.url };
  const other = { name: "other", url: receiver.url, on: "Nothing.Comes" };
  const relay = await startRelay([rule, other]);
  await relay.sendAll(numbered("a", 1));
  await settle(relay, "audit", { waiting: 0 });
  for (const rules of [[{ ...rule, retry: ["soon"] }, other], [other]]) {
    await relay.kill();
    await relay.start(rules);
    await relay.sendAll(numbered("b", 1, { group: `@TGS#${rules.length}` }));
    await until("what has happened is written down", async () =>
      (await relay.api("/health")).problems.some((one: string) => /audit/.test(one)),
    );
    await relay.kill();
    const at = alarmAt(relay.dataDir);
    assert.ok(at !== null && at <= Date.now() + 30_000, `the alarm is at ${at}`);
  }
});

test("a batch that is taken apart, since its rule has stopped batching, goes on by itself", async () => {
  const receiver = await startReceiver(reply(400));
  const rule = { name: "audit", url: receiver.url, retry: ["200ms", "1h"] };
  const relay = await startRelay([{ ...rule, batch: { size: 3, ms: 300 } }]);
  await relay.sendAll(numbered("a", 3));
  await until("the batch has failed", () => receiver.received.some(({ status }) => status === 400));
  await relay.kill();
  receiver.answer = reply(200);
  await relay.start([rule]);
  await settle(relay, "audit", { waiting: 0, retrying: 0, dead: 0 });
  assert.deepEqual(receiver.labels(200).sort(), labelsOf(numbered("a", 3)));
});

test("a delivery has one entry: a replay takes the place of a retry that waits", async () => {
  const receiver = await startReceiver(inTurn(reply(400), reply(200)));
  const relay = await startRelay([{ name: "audit", url: receiver.url, retry: ["1s"] }]);
  await relay.sendAll(numbered("a", 1));
  await settle(relay, "audit", { retrying: 1 });
  const [event] = await relay.events();
  assert.deepEqual(await relay.api(`/api/events/${event!.id}/replay`, {}), { queued: 1 });
  await settle(relay, "audit", { retrying: 0, waiting: 0, dead: 0 });
  const delivery = await relay.delivery("a1", "audit", "delivered");
  assert.deepEqual(
    delivery.attempts.map(({ status }) => status),
    [400, 200],
  );
  // The retry would have come after a second: what is sent then comes last.
  const due = Date.parse(delivery.attempts[0]!.at) + 1_300;
  await until("it would have come", () => Date.now() > due);
  await relay.sendAll(numbered("b", 1));
  await until("the next has come", () => receiver.has("b1", 200));
  assert.deepEqual(
    receiver.received.map(({ labels }) => labels.join()),
    ["a1", "a1", "b1"],
  );
});

test("ten replays to a paused destination are one post, also of an event that it was never sent", async () => {
  const receiver = await startReceiver();
  const relay = await startRelay([{ name: "audit", url: receiver.url }]);
  await relay.sendAll(numbered("sent", 1));
  await until("it has come", () => receiver.has("sent1", 200));
  await relay.api("/api/destinations/audit/pause", null, 200);
  await relay.sendAll(numbered("new", 1));
  for (const { id } of await relay.events())
    for (let count = 0; count < 10; count++)
      assert.deepEqual(await relay.api(`/api/events/${id}/replay`, {}), { queued: 1 });
  await relay.api("/api/destinations/audit/resume", null, 200);
  await relay.sendAll(numbered("last", 1));
  await until("the last has come", () => receiver.has("last1", 200));
  await settle(relay, "audit", { waiting: 0, retrying: 0 });
  assert.deepEqual(receiver.received.map(({ labels }) => labels.join()).sort(), [
    "last1",
    "new1",
    "sent1",
    "sent1",
  ]);
});

test("dead letters of a rule that is gone stay where they are, and are not counted as queued", async () => {
  const receiver = await startReceiver(reply(400));
  const rules = ["kept", "gone"].map((name) => ({ name, url: receiver.url, retry: [] }));
  const relay = await startRelay(rules);
  await relay.sendAll(numbered("a", 2));
  await settle(relay, "gone", { dead: 2 });
  await settle(relay, "kept", { dead: 2 });
  await relay.kill();
  await relay.start([rules[0]!]);
  receiver.answer = reply(200);
  assert.deepEqual(await relay.api("/api/dead-letters/replay", {}), { queued: 2 });
  await settle(relay, "kept", { dead: 0, retrying: 0 });
  const { deadLetters } = await relay.api("/api/dead-letters");
  assert.deepEqual(
    deadLetters.map(({ destination }: { destination: string }) => destination),
    ["gone", "gone"],
  );
});

test("no wait becomes longer by a clock that was set back", async () => {
  const [failing, busy] = [
    await startReceiver(reply(400)),
    await startReceiver(reply(503, { "retry-after": "2" })),
  ];
  const relay = await startRelay([
    { name: "failing", url: failing.url, retry: ["2s"] },
    { name: "busy", url: busy.url, retry: ["100ms"] },
  ]);
  await relay.sendAll(numbered("a", 1));
  await settle(relay, "failing", { retrying: 1 });
  await settle(relay, "busy", { retrying: 1 });
  await relay.kill();
  failing.answer = busy.answer = reply(200);
  // All that is stored was stored a day from now.
  age(relay.dataDir, -1);
  await relay.start();
  await relay.sendAll(numbered("b", 1));
  await until("each wait has ended", () => failing.has("a1", 200) && busy.has("a1", 200), 10_000);
});

test("after its second failure, events of a batch follow each other within their conversation", async () => {
  const receiver = await startReceiver(hang);
  receiver.answer = (response, { labels }) => {
    if (labels.length > 1) response.writeHead(500).end();
    // The later ones would overtake, if they were under way together.
    else setTimeout(() => response.writeHead(200).end(), labels[0] === "a1" ? 200 : 0);
  };
  const batch = { size: 4, ms: 500 };
  const relay = await startRelay([
    {
      name: "audit",
      url: receiver.url,
      order: "conversation",
      batch,
      retry: ["50ms", "50ms", "50ms"],
      concurrency: 8,
    },
  ]);
  await relay.sendAll(numbered("a", 4));
  await until("all have come", () => receiver.labels(200).length === 4);
  assert.deepEqual(receiver.labels(200), labelsOf(numbered("a", 4)));
  assert.equal(receiver.mostHeld(), 1);
});

test("a row tells little of destinations that hang, however many events wait for them", async () => {
  const receiver = await startReceiver(hang);
  const rules = Array.from({ length: 50 }, (_, n) => ({
    name: `backend-${n}`,
    url: receiver.url,
    order: "conversation",
    timeoutMs: 60_000,
  }));
  const relay = await startRelay(rules);
  await relay.sendAll(numbered("a", 120));
  await relay.kill();
  const { news, events } = told(relay.dataDir);
  assert.equal(events, 120);
  assert.ok(news / events < 50 * 100, `${Math.round(news / events)} characters an event`);
});

test("however often an event is tried and replayed, whatever is answered, it stays a dead letter that can be sent", async () => {
  const receiver = await startReceiver(reply(400, {}, "\0".repeat(4096)));
  const retry = Array.from({ length: 50 }, () => "0ms");
  const relay = await startRelay([{ name: "audit", url: receiver.url, retry }]);
  await relay.sendAll(numbered("a", 1));
  for (let replays = 1; replays <= 6; replays++) {
    await settle(relay, "audit", { dead: 1, retrying: 0 });
    assert.equal(receiver.received.length, replays * 51);
    if (replays < 6) assert.deepEqual(await relay.api("/api/dead-letters/replay", {}), { queued: 1 });
  }
  const { deadLetters } = await relay.api("/api/dead-letters");
  assert.deepEqual([deadLetters.length, deadLetters[0].attempts], [1, 306]);
  const { attempts } = await relay.delivery("a1", "audit", "dead");
  assert.deepEqual(
    attempts.map(({ number }) => number),
    [1, 2, 3, ...Array.from({ length: 20 }, (_, n) => 287 + n)],
  );
  assert.ok(JSON.stringify(attempts).length < 200_000);
  receiver.answer = reply(200);
  await relay.api("/api/dead-letters/replay", {});
  await settle(relay, "audit", { dead: 0, retrying: 0 });
  assert.equal((await relay.delivery("a1", "audit", "delivered")).attempts.at(-1)!.status, 200);
});

test("another url ends a hold, and the breaker of the url before", async () => {
  const busy = await startReceiver(reply(503, { "retry-after": "3600" }));
  const other = await startReceiver();
  const rule = { name: "audit", url: busy.url, retry: ["100ms"] };
  const relay = await startRelay([rule]);
  await relay.sendAll(numbered("a", 3));
  await until("it is held", async () => (await relay.destination("audit")).state === "open");
  assert.match((await relay.api("/health")).problems.join(), /audit: is held until/);
  await relay.gateway.stop();
  await relay.start([{ ...rule, url: other.url }]);
  await settle(relay, "audit", { waiting: 0, retrying: 0 });
  assert.deepEqual(other.labels(200).sort(), labelsOf(numbered("a", 3)));
});

test("a row tells little of destinations that hang on one conversation and take the others", async () => {
  const receiver = await startReceiver((response, { body }) => {
    if (!body.includes("@TGS#stuck")) response.writeHead(200).end();
  });
  const rules = Array.from({ length: 30 }, (_, n) => ({
    name: `backend-${n}`,
    url: receiver.url,
    order: "conversation",
    timeoutMs: 60_000,
  }));
  const relay = await startRelay(rules);
  for (let n = 0; n < 60; n++)
    await relay.sendAll([
      { label: `s${n}`, group: "@TGS#stuck" },
      { label: `o${n}`, group: `@TGS#${n}` },
    ]);
  await relay.gateway.kill();
  const { news, events } = told(relay.dataDir);
  assert.equal(events, 120);
  assert.ok(news / events < 12_000, `${Math.round(news / events)} characters an event`);
});

test("what waits for a wrong rule is counted, blocked conversations and dropped days included", async () => {
  const receiver = await startReceiver(reply(400));
  const rule = { name: "audit", url: receiver.url, order: "conversation", retry: ["150h"] };
  const relay = await startRelay([rule]);
  await relay.sendAll(numbered("a", 4));
  await settle(relay, "audit", { waiting: 3, retrying: 1 });
  await relay.gateway.stop();
  await relay.start([{ ...rule, retry: ["soon"] }]);
  await settle(relay, "audit", { waiting: 3, retrying: 1 });
  await relay.gateway.stop();
  age(relay.dataDir, 9);
  await relay.start();
  await relay.gateway.seen(/day dropped/);
  await settle(relay, "audit", { waiting: 0, retrying: 0, expired: 4 });
});

test("the alarm looks again at what was to be tried when its rule was switched off", async () => {
  const receiver = await startReceiver(reply(400));
  const rule = { name: "audit", url: receiver.url, retry: ["100ms"] };
  const relay = await startRelay([{ ...rule, retry: ["1h"] }]);
  await relay.sendAll(numbered("a", 1));
  await settle(relay, "audit", { retrying: 1 });
  await relay.gateway.stop();
  await relay.start([{ ...rule, enabled: false }]);
  await relay.api("/api/destinations");
  await relay.gateway.stop();
  const at = alarmAt(relay.dataDir);
  assert.ok(at !== null && at <= Date.now() + 30_000, `the alarm is at ${at}`);
});

test("a replay lets no event go that waits behind it in its conversation", async () => {
  const receiver = await startReceiver(reply(500));
  const batch = { size: 4, ms: 300 };
  const rule = {
    name: "audit",
    url: receiver.url,
    order: "conversation",
    batch,
    retry: ["50ms", "400ms", "400ms"],
  };
  const relay = await startRelay([rule]);
  await relay.sendAll(numbered("a", 4));
  await until("they go singly", () => receiver.received.some(({ labels }) => labels.length === 1));
  const [first] = await relay.events();
  assert.deepEqual(await relay.api(`/api/events/${first!.id}/replay`, {}), { queued: 1 });
  const before = receiver.received.length;
  await until("the first is tried again", () => receiver.received.length > before);
  receiver.answer = reply(200);
  await settle(relay, "audit", { waiting: 0, retrying: 0, dead: 0 });
  assert.deepEqual(receiver.labels(200), labelsOf(numbered("a", 4)));
});

test("a 410 that comes while its destination is paused disables it all the same", async () => {
  const paused = Promise.withResolvers<void>();
  const receiver = await startReceiver((response) =>
    paused.promise.then(() => response.writeHead(410).end()),
  );
  const relay = await startRelay([{ name: "audit", url: receiver.url }]);
  await relay.sendAll(numbered("a", 1));
  await until("it is under way", () => receiver.held().length === 1);
  await relay.api("/api/destinations/audit/pause", null, 200);
  paused.resolve();
  await until("it is disabled", async () => (await relay.destination("audit")).state === "disabled");
});
