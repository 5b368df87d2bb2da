import assert from "node:assert/strict";
import { test } from "node:test";
import { type Looked, newestOf } from "../../src/http/newest-events.ts";
import { eventWith } from "../delivery/sample.ts";

const at = (shard: number, time: number) => ({ position: time * 1024, shard, name: "" });

/** The events of a shard, each kept in the millisecond of its arrival. @param left the shard is searched on from then */
const looked = (shard: number, times: readonly number[], left: number | null = null): Looked => ({
  items: times.map((time) => ({
    ...at(shard, time),
    event: eventWith({ receivedAt: time, body: "0123456789" }),
  })),
  next: left === null ? null : at(shard, left),
  from: left === null ? 0 : left + 1,
});

const timesOf = ({ items }: Looked) => items.map(({ event }) => event.receivedAt);

test("the newest events of all shards are kept, as many as are asked for", () => {
  const shards = [looked(0, [9, 5, 1]), looked(1, [8, 7, 2])];
  const all = newestOf(shards, 6, 1_000);
  assert.deepEqual([timesOf(all), all.next, all.from], [[9, 8, 7, 5, 2, 1], null, 0]);
  const three = newestOf(shards, 3, 1_000);
  assert.deepEqual([timesOf(three), three.next?.position, three.from], [[9, 8, 7], 7 * 1024, 6]);
});

test("no more text of bodies is kept than may be, but one event at least", () => {
  const two = newestOf([looked(0, [9, 5, 1])], 10, 20);
  assert.deepEqual([timesOf(two), two.next?.position, two.from], [[9, 5], 5 * 1024, 2]);
  assert.deepEqual(timesOf(newestOf([looked(0, [9, 5, 1])], 10, 1)), [9]);
});

test("a search ends where any shard has come", () => {
  const some = newestOf([looked(0, [9, 5], 4), looked(1, [], 6)], 10, 1_000);
  assert.deepEqual([timesOf(some), some.next, some.from], [[9], at(1, 6), 7]);
});

test("events that arrived late among those left out bound the time, not the cursor", () => {
  const shard = looked(0, [9, 5]);
  const late = { ...shard.items[1]!, event: eventWith({ receivedAt: 8 }) };
  const one = newestOf([{ ...shard, items: [shard.items[0]!, late] }], 1, 1_000);
  assert.deepEqual([one.next?.position, one.from], [9 * 1024, 9]);
});
