import assert from "node:assert/strict";
import { test } from "node:test";
import { configureLog } from "../src/log.ts";
import { LogLimit } from "../src/log-limit.ts";

const minuteMs = 60_000;

test("a flood of lines leaves twenty a minute, and the next line counts the rest", () => {
  const limit = new LogLimit();
  const lines: object[] = [];
  const write = (now: number) =>
    limit.write((at, fields) => lines.push({ at, ...fields }), "refused", {}, now);
  for (let n = 0; n < 10_000; n++) write(n);
  assert.equal(lines.length, 20);
  write(minuteMs);
  assert.deepEqual(lines.at(-1), { at: "refused", omittedBefore: 9_980 });
  write(minuteMs + 1);
  assert.deepEqual(lines.at(-1), { at: "refused" });
});

test("a clock that was set back does not silence the log", () => {
  const limit = new LogLimit();
  let lines = 0;
  for (const now of [10 * minuteMs, 5 * minuteMs])
    for (let n = 0; n < 100; n++) limit.write(() => lines++, "refused", {}, now);
  assert.equal(lines, 40);
});

test("a limit of its own lines and period holds", () => {
  const limit = new LogLimit(2, 1_000);
  let lines = 0;
  for (let now = 0; now < 3_000; now += 100) limit.write(() => lines++, "callback", {}, now);
  assert.equal(lines, 6);
});

test("at the level debug no line is left out", () => {
  const limit = new LogLimit();
  let lines = 0;
  configureLog({ logLevel: "debug", logFormat: "json", logSample: 1, secrets: [] });
  for (let n = 0; n < 100; n++) limit.write(() => lines++, "refused", {}, 0);
  assert.equal(lines, 100);
});
