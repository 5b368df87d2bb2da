import assert from "node:assert/strict";
import { test } from "node:test";
import { DamagedRows } from "../../../src/shard/journal/damaged-rows.ts";

test("damaged rows beyond the 200 that are remembered write nothing", () => {
  let remembered: [number, number][] = [];
  let writes = 0;
  const memory = {
    read: () => remembered,
    write({ damaged: rows }: { damaged: [number, number][] }) {
      writes++;
      remembered = rows;
    },
  };
  const damaged = new DamagedRows(memory);
  for (let position = 1; position <= 300; position++) damaged.met({ position, events: 1 }, "torn");
  assert.equal(damaged.all.length, 300);
  assert.equal(writes, 200);
  damaged.dropBefore(2);
  assert.equal(writes, 201);
  assert.deepEqual(remembered.at(-1), [201, 1]);

  const again = new DamagedRows(memory);
  again.met({ position: 301, events: 1 }, "torn");
  assert.equal(writes, 201);
});

test("damaged rows are written again after a write that failed", () => {
  let full = true;
  let remembered: [number, number][] = [];
  const damaged = new DamagedRows({
    read: () => null,
    write({ damaged: rows }) {
      if (full) throw new Error("full");
      remembered = rows;
    },
  });
  damaged.met({ position: 1, events: 0 }, "torn");
  full = false;
  damaged.met({ position: 2, events: 3 }, "torn");
  assert.deepEqual(remembered, [
    [1, 0],
    [2, 3],
  ]);
});
