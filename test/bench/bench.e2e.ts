/** That the measurements run, and the numbers that do not depend on the machine. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { bundle } from "../../src/cli/bundle.ts";
import { root } from "../../src/cli/root.ts";
import { goals, keys } from "./goals.ts";
import { measure, withBench } from "./measure.ts";
import { partNames } from "./parts.ts";
import { plans } from "./plans.ts";
import { chartOf, json, markdown, terminal } from "./report.ts";
import { buildOf, compareVersions } from "./versions.ts";
import { versionsJson, versionsTable } from "./versions-report.ts";
import { gzipKb } from "./worker.ts";

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
  const report = await measure(smallest, partNames, new AbortController().signal);
  for (const [part, reason] of report.failed) assert.fail(`the part ${part} failed: ${reason}`);
  const { rowsPerEvent } = report.measured.get("accepting")!.numbers;
  assert.ok(rowsPerEvent!.median > 0 && rowsPerEvent!.median <= 0.3, `${rowsPerEvent!.median} rows an event`);

  const line = JSON.parse(json(report));
  assert.deepEqual(Object.keys(line), keys);
  for (const key of keys) assert.equal(typeof line[key], "number", key);
  for (const { what } of Object.values(goals)) {
    assert.ok(terminal(report, true).includes(what), what);
    assert.ok(markdown(report).includes(what), what);
  }
  assert.match(chartOf(report)!, /^<svg .*tim-relay.*<\/svg>\n$/s);
});

test("a part that fails is named, and the others go on", async () => {
  const fails = async () => {
    throw new Error("the disk is full");
  };
  const { signal } = new AbortController();
  const report = await measure(smallest, ["accepting", "worker"], signal, { accepting: fails });
  assert.deepEqual([...report.failed], [["accepting", "the disk is full"]]);
  assert.equal(JSON.parse(json(report)).acceptRatio, null);
  assert.equal(typeof JSON.parse(json(report)).coldStartRatio, "number");
  assert.match(markdown(report), /The part `accepting` failed: the disk is full/);
  assert.match(markdown(report), /≥ 1\.50 × \| {2}\| {2}\| not measured \|/);
});

test("a version is compared with itself", async () => {
  const same = await buildOf(root, AbortSignal.timeout(60_000));
  const compared = await withBench(smallest, (bench) => compareVersions(bench, same));
  for (const { what, ratio } of Object.values(compared)) {
    assert.ok(ratio.least > 0, what);
    assert.ok(versionsTable([compared.accepted, compared.cpuMs, compared.rows]).includes(what), what);
  }
  assert.deepEqual(Object.keys(JSON.parse(versionsJson(compared))), Object.keys(compared));
});
