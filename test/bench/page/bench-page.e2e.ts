/** That the measurements of the page run, and the numbers that do not depend on the machine. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bundle } from "../../../src/cli/bundle.ts";
import { chromiumPath, withoutChromium } from "../../support/chromium.ts";
import { measurePage, plans } from "./measure.ts";
import { figuresOf, json, markdown, table } from "./report.ts";

test("the measurements of the page run in their smallest form; its files are small, and its rows few", {
  skip: chromiumPath === null && withoutChromium,
}, async () => {
  const product = await bundle(AbortSignal.timeout(120_000));
  const report = await measurePage({ product, plan: plans.smallest, say: () => {} });
  const figures = figuresOf(report);
  assert.ok(figures.firstLoadKb.value <= figures.firstLoadKb.goal, `${figures.firstLoadKb.value} KB`);
  assert.ok(report.firstLoad.files <= 8, `${report.firstLoad.files} files`);
  const inList = [report.live, report.withEventOpen];
  for (const { shown } of inList) assert.ok(shown > 0, "events have rows");
  for (const { after } of [...inList, ...report.overview, ...report.destinations])
    assert.ok(after.nodes < 5_000, `${after.nodes} nodes`);
  const line = JSON.parse(json(report));
  assert.deepEqual(Object.keys(line), Object.keys(figures));
  for (const [key, { what }] of Object.entries(figures)) {
    assert.equal(typeof line[key], "number", key);
    assert.ok(table(report).includes(what), what);
    assert.ok(markdown(report).includes(what), what);
  }
});
