import assert from "node:assert/strict";
import { test } from "node:test";
import { Meter, metered } from "../../src/shard/meter.ts";
import type { Sql } from "../../src/shard/sql.ts";

/** A storage whose statements report what they are called: `"3 read, 1 written"`. */
const storage = {
  exec(text: string) {
    const [rowsRead, rowsWritten] = text.split(",").map((part) => Number.parseInt(part, 10));
    return { rowsRead, rowsWritten };
  },
} as unknown as Sql;

test("rows are added up as the storage reports them", () => {
  const meter = new Meter();
  meter.add({ rowsWritten: 10, received: 5 });
  const sql = metered(storage, meter);
  sql.exec("0 read, 1 written");
  sql.exec("0 read, 2 written");
  assert.deepEqual(meter.counters, { rowsWritten: 13, rowsRead: 0, received: 5 });
});

test("the rows that a cursor reads are counted when it has read them", () => {
  const meter = new Meter();
  const sql = metered(storage, meter);
  const cursor = sql.exec("0 read, 0 written") as { rowsRead: number };
  cursor.rowsRead = 64;
  sql.exec("1 read, 0 written");
  assert.equal(meter.counters.rowsRead, 64);
  sql.exec("0 read, 0 written");
  assert.equal(meter.counters.rowsRead, 65);
});
