import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { standIn } from "../../../src/rule/bindings.ts";
import type { Entry } from "../../../src/shard/journal/segment.ts";
import { partsOf } from "../../../src/shard/pump/parts.ts";
import { TestShard } from "../test-shard.ts";

const entriesOf = (conversations: readonly (string | null)[]): Entry[] =>
  conversations.map((conversation, position) => ({ position, event: { conversation } as Entry["event"] }));

const positionsIn = (parts: readonly (readonly Entry[])[]) =>
  parts.map((part) => part.map(({ position }) => position));

test("a batch is divided into parts of its events in their order", () => {
  const parts = partsOf(entriesOf(Array.from({ length: 10 }, () => "a")), 3, false);
  assert.deepEqual(positionsIn(parts), [
    [0, 1, 2, 3],
    [4, 5, 6, 7],
    [8, 9],
  ]);
  assert.deepEqual(positionsIn(partsOf(entriesOf(["a", "a"]), 2, false)), [[0], [1]]);
});

test("with order, each part has all events of its conversations, and a single conversation goes singly", () => {
  const parts = partsOf(entriesOf(["a", "b", "a", "c", "b", "a", null, "a", null]), 3, true);
  assert.deepEqual(positionsIn(parts), [
    [0, 2, 5, 7],
    [1, 3, 4],
    [6, 8],
  ]);
  assert.deepEqual(positionsIn(partsOf(entriesOf(["a", "a", "a", "a"]), 2, true)), [[0], [1], [2], [3]]);
});

test("one event that an archive cannot take ends alone, without a row for each other one", async () => {
  const bucket = { ARCHIVE: standIn("r2") as unknown as string };
  const rule = { name: "archive", url: "r2:ARCHIVE", batch: { size: 10_000, ms: 300_000 } };
  const shard = await new TestShard([rule], { settings: bucket }).start();
  const bad = "777";
  shard.answer = ({ events = [] }) => ({
    status: events.some(({ body }) => body.includes(`"n":${bad}}`)) ? 500 : 200,
  });
  for (let n = 0; n < 20; n++) await Promise.all(Array.from({ length: 100 }, () => shard.append()));
  /** Moves time on until something is so: messages of many events are made beside the clock. */
  const advanceUntil = async (isSo: () => boolean, step = 1_000) => {
    for (let rounds = 0; !isSo() && rounds < 2_000; rounds++) {
      await shard.advance(step);
      await setImmediate();
    }
    assert.ok(isSo());
  };
  await advanceUntil(() => shard.posts.length === 1);
  assert.deepEqual(
    shard.posts.map(({ events }) => events!.length),
    [2_000],
  );
  const rows = () => shard.sql.exec<{ rows: number }>("SELECT count(*) AS rows FROM retry").one().rows;
  await advanceUntil(() => shard.posts.length === 2 && rows() === 32);
  assert.equal(shard.report("archive").retrying, 2_000);
  await advanceUntil(() => shard.report("archive").retrying === 1);
  assert.ok(shard.posts.length < 100, `${shard.posts.length} posts`);
  // The search counted as no failure: the event has all further waits of its rule.
  await advanceUntil(() => shard.report("archive").dead === 1, 3_600_000);
  const [{ attempts }] = shard.sql
    .exec<{ attempts: string }>(`SELECT attempts FROM settled_20261122 WHERE state = 'dead'`)
    .toArray() as [{ attempts: string }];
  assert.equal((JSON.parse(attempts) as { number: number }[]).at(-1)!.number, 12);
});
