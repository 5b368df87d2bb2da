/** That the measurements run, and the numbers that do not depend on the machine. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { bundle } from "../../src/cli/bundle.ts";
import { root } from "../../src/cli/root.ts";
import { chart } from "./chart.ts";
import { goals, type Key } from "./goals.ts";
import { gzipKb, measure, withBench } from "./measure.ts";
import { plans } from "./plans.ts";
import { json, markdown, table, versionsJson, versionsTable } from "./report.ts";
import { buildOf, compareVersions } from "./versions.ts";

const product = await bundle(AbortSignal.timeout(60_000));
const smallest = { plan: plans.smallest, product, say: () => {} };

test("the Worker is small enough", () => {
  assert.ok(gzipKb(product) <= goals.bundleGzipKb.goal, `${gzipKb(product)} KB`);
});

test("the Worker imports no module of Node's, which a fresh isolate would load before its first answer", () => {
  for (const { name } of product.modules)
    assert.doesNotMatch(readFileSync(join(product.dir, name), "utf8"), /(from|import\()\s*["']node:/, name);
});

test("the measurements run in their smallest form; rows are packed", async () => {
  const report = await withBench(smallest, measure);
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

test("a version compared with itself writes as many rows an event", async () => {
  const same = await buildOf(root, AbortSignal.timeout(60_000));
  const compared = await withBench(smallest, (bench) => compareVersions(bench, same));
  const { ratio } = compared.rows;
  // A busy machine packs the events of one short run otherwise than those of the other.
  assert.ok(ratio.median > 0.25 && ratio.median < 4, `${ratio.median}`);
  for (const { what, ratio } of Object.values(compared)) {
    assert.ok(ratio.least > 0, what);
    assert.ok(versionsTable([compared.accepted, compared.cpuMs, compared.rows]).includes(what), what);
  }
  assert.deepEqual(Object.keys(JSON.parse(versionsJson(compared))), Object.keys(compared));
});
