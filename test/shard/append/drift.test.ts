/** Drift that is counted, and forgotten, on a table in memory. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { catalogue } from "../../../src/callback/catalogue.ts";
import { driftOf } from "../../../src/callback/drift.ts";
import { DriftReport } from "../../../src/shard/append/drift.ts";
import type { Difference } from "../../../src/shard/journal/relay-record.ts";
import { newSql } from "../sqlite.ts";

const name = "Group.CallbackAfterMemberExit";

const newReport = () => {
  const sql = newSql(new DatabaseSync(":memory:"));
  return { sql, report: new DriftReport(sql) };
};

/** Counts differences as one commit does. Returns those that are new, and how many rows were written. */
function counted(report: DriftReport, differences: readonly Difference[], now = 0) {
  const change = report.counting(differences, now);
  change.write();
  change.keep();
  return { fresh: change.fresh, rows: change.rows };
}

const difference = (path: string, seen = "string"): Difference => ({
  command: name,
  path,
  kind: "unknown field",
  seen,
});

const countsOf = ({ all }: DriftReport) => Object.fromEntries(all.map(({ path, count }) => [path, count]));

test("a difference is new once, whatever was seen, also within one commit", () => {
  const { report } = newReport();
  const { fresh } = counted(report, [difference("a"), difference("a", "number"), difference("b")]);
  assert.deepEqual(fresh, [difference("a"), difference("b")]);
  assert.deepEqual(counted(report, [difference("a", "boolean"), difference("b")]).fresh, []);
});

test("a count takes a row where it has doubled, also by a commit that passes a power of two", () => {
  const { report, sql } = newReport();
  const times = (n: number) => Array.from({ length: n }, () => difference("a"));
  const rows = [1, 1, 1, 3, 1, 20].map((n) => counted(report, times(n)).rows);
  assert.deepEqual(rows, [1, 1, 0, 1, 0, 1]);
  assert.deepEqual(countsOf(report), { a: 27 });
  assert.deepEqual(countsOf(new DriftReport(sql)), { a: 16 });
});

test("a change whose rows were not written leaves the counts, and is new again", () => {
  const { report } = newReport();
  counted(report, [difference("a")]);
  report.counting([difference("a"), difference("b")], 0);
  assert.deepEqual(countsOf(report), { a: 1 });
  assert.deepEqual(counted(report, [difference("b")]).fresh, [difference("b")]);
});

test("a difference that another shard has met is known, and is counted from the first one here", () => {
  const { report, sql } = newReport();
  const met = report.meeting([difference("a")], 0);
  assert.deepEqual(met.fresh, [difference("a")]);
  met.write();
  met.keep();
  assert.deepEqual(report.meeting([difference("a", "number")], 0).fresh, []);
  assert.deepEqual(counted(report, [difference("a")]), { fresh: [], rows: 1 });
  assert.deepEqual(countsOf(new DriftReport(sql)), { a: 1 });
});

test("of more than a thousand differences the rarest are forgotten, the oldest first, in memory and in rows", () => {
  const { report, sql } = newReport();
  for (let n = 0; n < 1_000; n++) counted(report, [difference(`field${n}`)], n);
  counted(report, [difference("field0")], 1_000);
  counted(report, [difference("one more")], 1_001);
  for (const one of [report, new DriftReport(sql)]) {
    const counts = countsOf(one);
    assert.equal(Object.keys(counts).length, 951);
    assert.deepEqual(
      [counts.field0, counts.field1, counts.field50, counts.field51],
      [2, undefined, undefined, 1],
    );
    assert.equal(counts["one more"], 1);
  }
});

/** What is left of the differences of a body after an erasure, in memory and in rows. */
function leftOf(changes: object, account: string): string[] {
  const command = catalogue.get(name)!;
  const { sql, report } = newReport();
  const drift = driftOf(command, { ...command.example, ...changes });
  counted(
    report,
    drift.map((one) => ({ command: name, ...one })),
  );
  assert.ok(report.all.length > 0);
  report.erase(account);
  const shown = (one: DriftReport) => one.all.map(({ path, seen }) => `${path} ${seen}`).sort();
  assert.deepEqual(shown(new DriftReport(sql)), shown(report));
  return shown(report);
}

test("an erasure forgets the differences that show the account, and no other", () => {
  for (const account of [
    "lan",
    "lan.of.tea",
    "[lan]",
    "l\ud800n",
    `${"l".repeat(63)}\u{1f375}`,
    "x".repeat(100),
  ]) {
    const left = leftOf({ [account]: 1, Tide: 1, ExitType: account }, account);
    assert.deepEqual(left, ["Tide number"], account);
  }
});
