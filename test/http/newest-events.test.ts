import assert from "node:assert/strict";
import { test } from "node:test";
import { newestOf } from "../../src/http/newest-events.ts";
import { eventWith } from "../delivery/sample.ts";

const found = (...times: number[]) =>
  times.map((receivedAt) => ({
    position: receivedAt * 1024,
    event: eventWith({ receivedAt, body: "0123456789" }),
  }));

const timesOf = ({ found }: ReturnType<typeof newestOf>) => found.map(({ event }) => event.receivedAt);

test("the newest events of all shards are kept, as many as are asked for", () => {
  const shards = [
    { found: found(9, 5, 1), from: 0 },
    { found: found(8, 7, 2), from: 0 },
  ];
  const all = newestOf(shards, 6, 1_000);
  assert.deepEqual([timesOf(all), all.from], [[9, 8, 7, 5, 2, 1], 0]);
  const three = newestOf(shards, 3, 1_000);
  assert.deepEqual([timesOf(three), three.from], [[9, 8, 7], 6]);
});

test("no more text of bodies is kept than may be, but one event at least", () => {
  const shards = [{ found: found(9, 5, 1), from: 0 }];
  const two = newestOf(shards, 10, 20);
  assert.deepEqual([timesOf(two), two.from], [[9, 5], 2]);
  assert.deepEqual(timesOf(newestOf(shards, 10, 1)), [9]);
});

test("events are looked at from the latest time on to which any shard has come", () => {
  const shards = [
    { found: found(9, 5), from: 4 },
    { found: [], from: 6 },
  ];
  assert.equal(newestOf(shards, 10, 1_000).from, 6);
});
