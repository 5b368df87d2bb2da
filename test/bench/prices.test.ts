import assert from "node:assert/strict";
import { test } from "node:test";
import { billOfMonth, costOfMillion, type Usage } from "./prices.ts";

const usage: Usage = {
  requests: 1,
  shardRequests: 1,
  rowsWritten: 0.2,
  rowsRead: 0.2,
  cpuMs: 2,
  objectSeconds: 0.02,
  bytes: 1_000,
  retentionDays: 7,
  logEvents: 0.04,
};

const dollarsOf = (item: string) => costOfMillion(usage).find((line) => line.item === item)!.dollars;

test("a million further events cost what each item costs, and keeping them is billed by the month", () => {
  assert.equal(dollarsOf("million Worker requests"), 0.3);
  assert.equal(dollarsOf("million rows written"), 0.2);
  assert.equal(dollarsOf("million GB-seconds of Durable Objects").toFixed(3), "0.032");
  assert.equal(dollarsOf("GB-months kept").toFixed(4), "0.0467");
});

test("a month of few events costs the plan alone", () => {
  assert.equal(billOfMonth(usage, 0.3), 5);
});

test("a month of many events costs the plan and what it does not include", () => {
  const perSecond = 1_000;
  const millions = perSecond * 2.592;
  const further = costOfMillion(usage).reduce((sum, { dollars }) => sum + dollars, 0) * millions;
  const included =
    10 * 0.3 + 30 * 0.02 + 1 * 0.15 + 0.4 * 12.5 + 50 + millions * 0.2 * 0.001 + 5 * 0.2 + 20 * 0.6;
  assert.equal(billOfMonth(usage, perSecond).toFixed(6), (5 + further - included).toFixed(6));
});
