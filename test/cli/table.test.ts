import assert from "node:assert/strict";
import { test } from "node:test";
import { plain } from "../../src/cli/screen.ts";
import { type Column, cutToWidth, tableOf } from "../../src/cli/table.ts";

interface Row {
  id: string;
  name: string;
  count: number;
}

const columns: Column<Row>[] = [
  { title: "ID", cell: ({ id }) => id },
  { title: "NAME", cell: ({ name }) => name, least: 4 },
  { title: "N", cell: ({ count }) => String(count), right: true, optional: true },
];
const rows: Row[] = [
  { id: "a", name: "港口散步", count: 7 },
  { id: "bb", name: "pier 👩‍👩‍👧 walk", count: 1200 },
];

const lines = (width: number) => tableOf(columns, rows, width).map((line) => line.map(plain).join(""));

test("columns stand straight also where a character takes two columns or none", () => {
  assert.deepEqual(lines(Infinity), [
    "ID  NAME             N",
    "a   港口散步         7",
    "bb  pier 👩‍👩‍👧 walk  1200",
  ]);
});

test("what does not fit is cut, and optional columns go first", () => {
  assert.deepEqual(lines(20), ["ID  NAME           N", "a   港口散步       7", "bb  pier 👩‍👩‍👧 w…  1200"]);
  assert.deepEqual(lines(11), ["ID  NAME", "a   港口散…", "bb  pier …"]);
});

test("a text that grows for a while moves no other column", () => {
  const ages: Column<Row>[] = [
    { title: "AGO", cell: ({ count }) => `${count}s ago`, usual: 7 },
    { title: "NAME", cell: ({ name }) => name, optional: true },
  ];
  const shown = (count: number, width: number) =>
    tableOf(ages, [{ id: "a", name: "pier", count }], width).map((line) => line.map(plain).join(""));
  assert.deepEqual(shown(1, 80), ["AGO      NAME", "1s ago   pier"]);
  assert.deepEqual(shown(59, 80), ["AGO      NAME", "59s ago  pier"]);
  assert.deepEqual(shown(1, 12), ["AGO", "1s ago"]);
});

test("a table is never cut below what its columns need", () => {
  assert.deepEqual(lines(1), ["ID  NAME", "a   港…", "bb  pie…"]);
});

test("a text is cut between whole characters", () => {
  assert.equal(cutToWidth("港口", 4), "港口");
  assert.equal(cutToWidth("港口散", 4), "港…");
  assert.equal(cutToWidth("a👩‍👩‍👧b", 3), "a…");
  assert.equal(cutToWidth("", 0), "");
});

test("line breaks and characters that a terminal obeys do not reach a cell", () => {
  const [, line] = tableOf(columns, [{ id: "a\nb", name: "\u001b[31m", count: 1 }], Infinity);
  assert.equal(line!.map(plain).join(""), "a\\nb  \\u001b[31m  1");
});
