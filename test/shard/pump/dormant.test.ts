import assert from "node:assert/strict";
import { test } from "node:test";
import { Journal } from "../../../src/shard/journal/journal.ts";
import { BlockedConversations } from "../../../src/shard/pump/blocked.ts";
import { Dormant } from "../../../src/shard/pump/dormant.ts";
import { eventWith } from "../../delivery/sample.ts";
import { newSql } from "../sqlite.ts";

test("a dormant name looks through the rows of ended deliveries only when its events are counted", () => {
  const sql = newSql();
  const looked: number[] = [];
  const ended = {
    has: (position: number) => position === 3,
    from(position: number) {
      looked.push(position);
      return [{ position: 6, dead: false }];
    },
    take: () => null,
    giveUp() {},
  };
  const state = { cursor: 5, underway: [2, 3] };
  const dormant = new Dormant(state, new Journal(sql), new BlockedConversations(sql, "a"), ended);
  assert.deepEqual(dormant.state.underway, [2]);
  assert.deepEqual(looked, []);
  const event = eventWith({});
  assert.deepEqual(
    [4, 5, 6, 7].filter((position) => dormant.unread(position, event)),
    [5, 7],
  );
  assert.deepEqual(looked, [5]);
});

test("a delivery of a dormant name is given up where it waits, is under way or stands in the retry list", () => {
  const sql = newSql();
  const filed: number[] = [];
  const ended = {
    has: () => false,
    from: () => [],
    take: (position: number) => (position === 1 ? "[1]" : null),
    giveUp: (position: number, attempts: string) => filed.push(position, attempts.length),
  };
  const state = { cursor: 5, underway: [2] };
  const dormant = new Dormant(state, new Journal(sql), new BlockedConversations(sql, "a"), ended);
  const event = eventWith({});
  const given = [0, 1, 2, 5, 6].filter((position) => dormant.giveUp({ position, event }, 7));
  assert.deepEqual(given, [1, 2, 5, 6]);
  assert.deepEqual(filed, [1, 3, 2, 2, 5, 2, 6, 2]);
  assert.deepEqual(dormant.state.underway, []);
  assert.deepEqual(
    [2, 5, 6, 7].filter((position) => dormant.unread(position, event)),
    [7],
  );
  assert.equal(dormant.giveUp({ position: 5, event }, 7), false);
});
