import assert from "node:assert/strict";
import { test } from "node:test";
import { measuredPart } from "../../src/generate/measured.ts";
import { goals } from "../bench/goals.ts";

/** A page of measurements in which one goal of all is missed. */
const bench = [
  ...Object.values(goals).map(
    ({ what }, at) => `| ${what} | ≤ 2 ms | 1 ms |  | ${at === 0 ? "no" : "yes"} |`,
  ),
  "Measured on 2026-11-27 in 14 minutes (full): a machine, 2 cores. The load of the machine was 1.9 before.",
].join("\n");

test("the README's measurements are goals of the bench, in both languages", () => {
  const all = Object.keys(goals).length;
  for (const [language, sum, when] of [
    ["en", `${all - 1} of ${all} goals are reached`, "Measured on 2026-11-27: a machine, 2 cores."],
    ["zh-CN", `${all} 项目标中已达到 ${all - 1} 项`, "测量日期 2026-11-27：a machine、2 核。"],
  ] as const) {
    const part = measuredPart(bench, language);
    assert.equal(part.match(/ \| 1 ms \| ≤ 2 ms \|$/gm)?.length, 6);
    assert.ok(part.includes(sum) && part.includes(when), part);
  }
});

test("a goal that a measurement misses is called missed, in both languages", () => {
  const missed = bench.replace(
    /^\| (Answer at 200 events\/s, p99) .*$/m,
    "| $1 | ≤ 500 events/s | 500 events/s |  | no |",
  );
  assert.match(measuredPart(missed, "en"), /\| 500 events\/s \| ≤ 500 events\/s: missed \|$/m);
  assert.match(measuredPart(missed, "zh-CN"), /\| 500 个事件\/秒 \| ≤ 500 个事件\/秒：未达到 \|$/m);
});

test("a measurement that the bench has no more is named", () => {
  const without = bench.replace("Verdict overhead", "Overhead");
  assert.throws(() => measuredPart(without, "en"), /docs\/bench\.md has no row "Verdict overhead over/);
});
