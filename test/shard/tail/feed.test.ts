/** What a shard feeds, by a journal in memory. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Batch } from "../../../src/shard/tail/feed.ts";
import { filterKey } from "../../../src/shard/tail/filter.ts";
import type { Watched } from "../../../src/shard/tail/interest.ts";
import { TestShard } from "../test-shard.ts";

const everything = { command: null, conversation: null, account: null, destination: null };
const rules = [{ name: "audit", url: "https://audit.example.com/", retry: ["1s"] }];

/** A second shard, which feeds the test. */
class FeedingShard extends TestShard {
  readonly batches: Batch[] = [];
  watched: Watched = { version: 1, filters: [everything] };
  reachable = true;

  constructor() {
    super(rules, { index: 1 });
    this.cluster = { version: 1, shards: 2, paused: [], disabled: [] };
  }

  override async feed(_: number, batch: Batch) {
    if (!this.reachable) throw new Error("unreachable");
    this.batches.push(batch);
    return this.watched;
  }

  get lines() {
    return this.batches.flatMap(({ items }) => items.flatMap(({ text }) => JSON.parse(`[${text}]`)));
  }

  /** By the keys of filters, over all batches. */
  get missed(): Record<string, number> {
    const sums: Record<string, number> = {};
    for (const { filters, missed } of this.batches)
      for (const [index, key] of filters.entries()) sums[key] = (sums[key] ?? 0) + missed[index]!;
    return sums;
  }

  get watchedRow(): number {
    const rows = this.sql
      .exec<{ value: string }>("SELECT value FROM standing WHERE name = 'watched'")
      .toArray();
    return rows.length === 0 ? 0 : JSON.parse(rows[0]!.value).filters.length;
  }
}

const types = (lines: { type: string }[]) => lines.map(({ type }) => type).join(" ");

test("nothing is fed or written while nothing is watched", async () => {
  const shard = await new FeedingShard().start();
  await shard.append();
  await shard.advance(10_000);
  assert.deepEqual([shard.batches, shard.watchedRow], [[], 0]);
});

test("events and attempts are fed, each batch from where the last one ended", async () => {
  const shard = await new FeedingShard().start();
  await shard.append();
  shard.stages.feed.watch(shard.watched);
  shard.answer = () => ({ status: shard.posts.length < 3 ? 500 : 200 });
  await shard.append();
  await shard.advance(2_000);
  assert.equal(types(shard.lines), "event delivery delivery");
  assert.deepEqual(
    shard.lines.slice(1).map(({ state, attempt }) => [state, attempt]),
    [
      ["retrying", 1],
      ["delivered", 2],
    ],
  );
  for (const [index, { from }] of shard.batches.entries())
    if (index > 0) assert.equal(from, shard.batches[index - 1]!.to);
});

test("an event that could not be kept is not fed", async () => {
  const shard = await new FeedingShard().start();
  shard.stages.feed.watch(shard.watched);
  shard.writable = false;
  await assert.rejects(shard.append());
  shard.writable = true;
  const { id } = await shard.append();
  await shard.advance(1_000);
  const events = shard.lines.filter(({ type }) => type === "event");
  assert.deepEqual(
    events.map(({ event }) => event.id),
    [id],
  );
});

test("the interest outlives the object, and ends with the answer to a batch", async () => {
  const shard = await new FeedingShard().start();
  shard.stages.feed.watch(shard.watched);
  await shard.start();
  await shard.append();
  await shard.advance(1_000);
  assert.equal(shard.lines.filter(({ type }) => type === "event").length, 1);
  assert.equal(shard.watchedRow, 1);
  shard.watched = { version: 2, filters: [] };
  await shard.append();
  await shard.advance(1_000);
  assert.equal(shard.watchedRow, 0);
  const { length } = shard.batches;
  await shard.append();
  await shard.advance(1_000);
  assert.equal(shard.batches.length, length);
});

test("an older interest does not replace a later one", async () => {
  const shard = await new FeedingShard().start();
  shard.stages.feed.watch({ version: 5, filters: [everything] });
  assert.equal(shard.stages.feed.watch({ version: 4, filters: [] }).version, 5);
  assert.equal(shard.stages.feed.watched, true);
});

test("events are fed when shard 0 answers again; lost deliveries are counted", async () => {
  const shard = await new FeedingShard().start();
  shard.stages.feed.watch(shard.watched);
  shard.reachable = false;
  const { id } = await shard.append();
  await shard.advance(500);
  shard.reachable = true;
  await shard.advance(10_000);
  assert.deepEqual(
    shard.lines.map(({ event }) => event.id),
    [id],
  );
  assert.deepEqual(shard.missed, { [filterKey(everything)]: 1 });
});

test("lost deliveries are counted for the filters that they fit", async () => {
  const shard = await new FeedingShard().start();
  const others = { ...everything, destination: "other" };
  shard.watched = { version: 1, filters: [others, everything] };
  shard.stages.feed.watch(shard.watched);
  shard.reachable = false;
  await shard.append();
  await shard.advance(500);
  shard.reachable = true;
  await shard.advance(10_000);
  assert.deepEqual(shard.missed, { [filterKey(others)]: 0, [filterKey(everything)]: 1 });
});

test("a delivery that waits for its batch is fed to no filter that has come since", async () => {
  const shard = await new FeedingShard().start();
  shard.stages.feed.watch(shard.watched);
  let answer = () => {};
  shard.answer = () => ({ status: 200, when: new Promise((resolve) => (answer = resolve)) });
  await shard.append();
  await shard.advance(1_000);
  answer();
  await shard.clock.advance(0);
  shard.watched = { version: 2, filters: [{ ...everything, command: "No.Such" }, everything] };
  shard.stages.feed.watch(shard.watched);
  await shard.advance(1_000);
  const [delivery] = shard.batches.flatMap(({ filters, items }) =>
    items.filter(({ position }) => position === null).map(({ fits }) => fits.map((index) => filters[index])),
  );
  assert.deepEqual(delivery, [filterKey(everything)]);
});

test("a filter that nothing fits costs a call a minute", async () => {
  const shard = await new FeedingShard().start();
  shard.watched = { version: 1, filters: [{ ...everything, command: "No.Such" }] };
  shard.stages.feed.watch(shard.watched);
  for (let second = 0; second < 180; second++) {
    await shard.append();
    await shard.advance(940);
  }
  assert.ok(shard.batches.length >= 2 && shard.batches.length <= 4, `${shard.batches.length}`);
});
