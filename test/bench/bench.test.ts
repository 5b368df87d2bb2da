/** That the measurements run, and the numbers that do not depend on the machine. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bundle } from "../../src/cli/bundle.ts";
import { chart } from "./chart.ts";
import { goals, type Key } from "./goals.ts";
import { gzipKb, measure } from "./measure.ts";
import { plans } from "./plans.ts";
import { json, markdown, table } from "./report.ts";

const product = await bundle(AbortSignal.timeout(60_000));

test("the Worker is small enough", () => {
  assert.ok(gzipKb(product) <= goals.bundleGzipKb.goal, `${gzipKb(product)} KB`);
});

test("the measurements run in their smallest form; rows are packed", async () => {
  const report = await measure(plans.smallest, product, () => {});
  const { rowsPerEvent } = report.numbers;
  assert.ok(rowsPerEvent! > 0 && rowsPerEvent! <= goals.rowsPerEvent.goal, `${rowsPerEvent} rows an event`);

  const line = JSON.parse(json(report));
  assert.deepEqual(Object.keys(line), Object.keys(goals));
  for (const key of Object.keys(goals) as Key[]) assert.equal(typeof line[key], "number", key);
  for (const { what } of Object.values(goals)) {
    assert.ok(table(report).includes(what), what);
    assert.ok(markdown(report).includes(what), what);
  }
  assert.match(chart(report), /^<svg .*tim-relay.*<\/svg>\n$/s);
});
