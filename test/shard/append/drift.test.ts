/** Drift and the erasure of an account, on a table in memory. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { catalogue } from "../../../src/callback/catalogue.ts";
import { driftOf } from "../../../src/callback/drift.ts";
import { DriftReport } from "../../../src/shard/append/drift.ts";
import { newSql } from "../sqlite.ts";

const name = "Group.CallbackAfterMemberExit";

/** What is left of the differences of a body after an erasure, in memory and in rows. */
function leftOf(changes: object, account: string): string[] {
  const command = catalogue.get(name)!;
  const sql = newSql(new DatabaseSync(":memory:"));
  const report = new DriftReport(sql);
  for (const drift of driftOf(command, { ...command.example, ...changes })) report.count(name, drift, 0);
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
