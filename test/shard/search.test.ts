/** Searches and exports of a shard: what they find, where they stop, and what they leave alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Verdict } from "../../src/callback/event.ts";
import { readConfig } from "../../src/config.ts";
import { Journal } from "../../src/shard/journal/journal.ts";
import { type PackedEvent, packEvent } from "../../src/shard/journal/packed-event.ts";
import type { EventPage } from "../../src/shard/query/event-queries.ts";
import type { ExportQuery } from "../../src/shard/query/export.ts";
import { anyEvent, type EventQuery, eventFilter } from "../../src/shard/query/filter.ts";
import { eventWith } from "../delivery/sample.ts";
import { newSql, withoutTransactions } from "./sqlite.ts";
import { noon, TestShard } from "./test-shard.ts";

const everything: EventQuery = {
  ...anyEvent,
  before: Number.MAX_SAFE_INTEGER,
  limit: 200,
};

const exportAll: ExportQuery = { ...everything, until: noon + 86_400_000, from: null, sees: "bodies" };

/** A shard with so many events, each in a row of its own. */
async function shardWith(events: number): Promise<TestShard> {
  const shard = await new TestShard([]).start();
  for (let n = 0; n < events; n++) await shard.append(`group:${n % 7}`);
  return shard;
}

test("a search that runs out of time answers with the events found so far, and goes on by its cursor", async () => {
  const shard = await shardWith(150);
  const { clock, stages } = shard;
  const found: number[] = [];
  let pages = 0;
  for (let before: number | null = everything.before; before !== null; pages++) {
    const asked = stages.events.page({ ...everything, before }, 0);
    // The turn takes until after its time.
    clock.set(clock.now() + 10_000);
    await clock.advance(10);
    const page = await asked;
    found.push(...page.events.map(({ position }) => position));
    before = page.next;
  }
  assert.ok(pages > 1, "it ran out of time");
  assert.equal(found.length, 150);
  assert.deepEqual(
    found,
    [...new Set(found)].sort((one, other) => other - one),
  );
});

test("a page with bodies ends before it is too large for a call, and goes on by its cursor", async () => {
  const shard = await new TestShard([]).start();
  const verdict: Verdict = { rule: null, code: 0, ms: 0, how: "default", shadows: [] };
  const body = JSON.stringify({ text: "x".repeat(1_000_000) });
  for (let n = 0; n < 10; n++) await shard.append(`group:${n}`, { verdict, body });
  const pages: number[] = [];
  for (let before: number | null = everything.before; before !== null; ) {
    const asked = shard.stages.events.page({ ...everything, judged: true, before }, 0);
    await shard.clock.advance(1_000);
    const { events, next }: EventPage = await asked;
    for (const { event } of events) assert.equal(event.body, body);
    pages.push(events.length);
    before = next;
  }
  assert.deepEqual(pages, [4, 4, 2]);
});

test("a search by a text of the heads or bodies finds what an unsifted one finds", async () => {
  const shard = await shardWith(100);
  const page = async (query: Partial<EventQuery>) => {
    const asked = shard.stages.events.page({ ...everything, ...query }, 0);
    await shard.clock.advance(1_000);
    return (await asked).events;
  };
  const all = await page({});
  assert.equal(all.length, 100);
  const of = (conversation: string) => all.filter(({ event }) => event.conversation === conversation);
  assert.deepEqual(await page({ conversation: "group:3" }), of("group:3"));
  assert.deepEqual(await page({ conversation: "3" }), of("group:3"));
  assert.deepEqual(await page({ conversation: "up:3" }), []);
  assert.equal((await page({ text: '{"n":42}' })).length, 1);
  assert.equal((await page({ text: '"n":9' })).length, 11);
});

test("quarantined and refused events are found, whatever their heads hold, in rows of the version before too", async () => {
  const shard = await new TestShard([]).start();
  const kept: { quarantined: boolean; refused: boolean; erased: boolean }[] = [];
  for (let n = 0; n < 64; n++) {
    const [known, before, quarantined, erased] = [1, 2, 4, 8].map((bit) => (n & bit) > 0);
    const refused = n % 3 === 0;
    // A time of the verdict that looks like the flags of a quarantined event.
    const verdict: Verdict = {
      rule: n % 5 === 0 ? null : "rule-10",
      code: refused ? 10_016 + n : 0,
      ms: 8 + (n % 20),
      how: n % 2 ? "answered" : "rule",
      shadows: n % 7 ? [] : [{ rule: "trial", code: 8 }],
    };
    await shard.append(`group:${n}`, {
      known: known!,
      phase: before ? "before" : "after",
      valid: !quarantined,
      quarantined: quarantined!,
      query: '["no",10016,8,"rule",[',
      ...(erased && { erased: true }),
      ...(n >= 32 && { verdict }),
    });
    kept.push({ quarantined: quarantined!, refused: refused && n >= 32, erased: erased! });
  }
  const found = async (query: Partial<EventQuery>) => {
    const asked = shard.stages.events.page({ ...everything, ...query }, 0);
    await shard.clock.advance(1_000);
    return (await asked).events.map(({ event }) => Number(event.conversation!.slice(6))).reverse();
  };
  const those = (key: "quarantined" | "refused") => kept.flatMap((one, n) => (one[key] ? [n] : []));
  for (const written of ["now", "by the version before"]) {
    assert.deepEqual(await found({ state: "quarantined" }), those("quarantined"), written);
    assert.deepEqual(await found({ verdict: "refuse" }), those("refused"), written);
    for (const day of shard.stages.journal.days)
      shard.sql.exec(`UPDATE segment_${day} SET news = json_remove(news, '$.kinds')`);
    await shard.start();
  }
});

test("rows without a refusal or a quarantined event are not taken apart by a search for these", () => {
  const verdict: Verdict = { rule: "no-10", code: 0, ms: 8, how: "rule", shadows: [] };
  const heads = (changes: object) => packEvent(eventWith({ ...changes }));
  const passes = (query: Partial<EventQuery>, ...events: PackedEvent[]) => {
    const journal = new Journal(newSql());
    journal.append(events, { destinations: {}, delivered: [] }, noon, withoutTransactions);
    const { sieve } = eventFilter({ ...everything, ...query }, 0);
    return journal.sift("before", Number.MAX_SAFE_INTEGER, sieve).entries.length > 0;
  };
  const allowed = heads({ phase: "before", verdict });
  const refused = heads({ phase: "before", verdict: { ...verdict, code: 10 } });
  const misfit = heads({ valid: false, quarantined: true });
  assert.equal(passes({ verdict: "refuse" }, allowed, misfit), false);
  assert.equal(passes({ verdict: "refuse" }, allowed, refused), true);
  assert.equal(passes({ state: "quarantined" }, allowed, refused), false);
  assert.equal(passes({ state: "quarantined" }, allowed, misfit), true);
});

test("an export makes a page only when its reader asks, and none after the reader has gone", async () => {
  const shard = await shardWith(300);
  const { clock, stages } = shard;
  const reader = stages.exports.stream(exportAll, 0).getReader();
  const rowsRead = () => stages.meter.counters.rowsRead ?? 0;
  await reader.read();
  await clock.advance(10_000);
  const read = rowsRead();
  await clock.advance(10_000);
  assert.equal(rowsRead(), read, "it waits for its reader");
  const second = reader.read();
  await clock.advance(10);
  assert.equal((await second).done, false);
  assert.ok(rowsRead() > read);
  await reader.cancel();
  const gone = rowsRead();
  await clock.advance(10_000);
  assert.equal(rowsRead(), gone);
});

test("an export gives every event once, oldest first, whether in one stream or from the middle on", async () => {
  const shard = await shardWith(200);
  const lines = async (from: number | null) => {
    const read = new Response(shard.stages.exports.stream({ ...exportAll, from }, 0)).text();
    await shard.clock.advance(10_000);
    return (await read).split("\n").slice(0, -1);
  };
  const all = await lines(null);
  assert.equal(all.length, 201);
  assert.equal(all.at(-1), "end");
  const positions = all.slice(0, -1).map((line) => Number.parseInt(line, 10));
  assert.deepEqual(
    positions,
    positions.toSorted((one, other) => one - other),
  );
  assert.deepEqual(await lines(positions[77]!), all.slice(77));
  assert.deepEqual(await lines(positions[77]! + 1), all.slice(78));
});

test("quarantined events are found among relay events, which no such search lists, and rules on trial see both", async () => {
  const shard = await new TestShard([]).start();
  const { relay, events, journal } = shard.stages;
  const act = (target: string) =>
    relay.notice({ kind: "action", body: { action: "paused", target, by: "9f86d081" } });
  act("before");
  const { id } = await shard.append(null, { quarantined: true, valid: false }, ["GroupId"]);
  act("after");
  const { id: kept } = await shard.append();
  const found = async (query: Partial<EventQuery>) => {
    const page = events.page({ ...everything, ...query }, 0);
    await shard.clock.advance(100);
    return (await page).events.map(({ event }) => event);
  };
  const idsOf = async (query: Partial<EventQuery>) => (await found(query)).map((event) => event.id);
  assert.deepEqual(await idsOf({ state: "quarantined" }), [id]);
  assert.deepEqual(await idsOf({}), [kept, id]);
  assert.deepEqual(await idsOf({ state: "quarantined", command: "Relay.*" }), []);
  const told = await found({ command: "Relay.*" });
  assert.deepEqual(
    told.map(({ command, quarantined }) => [command, quarantined]),
    [
      ["Relay.Action", false],
      ["Relay.Action", false],
    ],
  );
  // A search for quarantined events reads no row that holds relay events alone.
  const { sieve } = eventFilter({ ...everything, state: "quarantined" }, 0);
  const rows = journal.sift("before", journal.end, { ...sieve, heads: [] }).entries;
  assert.deepEqual(
    rows.map(({ event }) => event.id),
    [id],
  );

  const { rules } = readConfig({
    SDK_APP_ID: "1400000000",
    FORWARD_RULES: JSON.stringify([
      { name: "all", url: "https://all.example.com/" },
      { name: "pager", on: "Relay.*", url: "https://pager.example.com/" },
    ]),
  }).rules;
  const fitting = events.fits([], rules, 10, 0);
  await shard.clock.advance(100);
  const fits = await fitting;
  const byName = Map.groupBy(fits, ({ would }) => would.join());
  assert.deepEqual([...byName].map(([name, { length }]) => [name, length]).sort(), [
    ["all", 2],
    ["pager", 2],
  ]);
});
