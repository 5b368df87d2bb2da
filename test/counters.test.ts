import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { counters, countersShown } from "../src/counters.ts";
import { latencyBucket, latencySum } from "../src/shard/latency.ts";
import { add, type Counters, count } from "../src/shard/meter.ts";

const root = join(import.meta.dirname, "..");

test("every counter is counted somewhere", () => {
  const sources = globSync("src/**/*.ts", { cwd: root }).map((path) =>
    readFileSync(join(root, path), "utf8"),
  );
  const counted = new Set<string>([prefixOf(latencyBucket(1)), latencySum]);
  // `count("lost")`, `count(sums, "lost")`; of a prefix `count(`refused:${reason}`)`
  const call = /\bcount\(\s*(?:[\w.#]+,\s*)?(?:"(\w+)"|`(\w+:)\$)/g;
  for (const [, plain, prefix] of sources.join("\n").matchAll(call)) counted.add((plain ?? prefix)!);
  for (const name of Object.keys(counters)) assert.ok(counted.has(name), `${name} is never counted`);
});

const prefixOf = (name: string) => name.replace(/:.*/, ":");

test("a name that is not defined is an error of the compiler", () => {
  const sums: Counters = {};
  count(sums, "received");
  count(sums, "refused:signature", 2);
  count(sums, "quarantined:Group.CallbackAfterSendMsg");
  // @ts-expect-error: misspelt
  count(sums, "recieved");
  // @ts-expect-error: no reason of the table
  count(sums, "refused:nonsense");
  // @ts-expect-error: a prefix without its label
  count(sums, "refused:");
  assert.deepEqual([sums.received, sums["refused:signature"]], [1, 2]);
});

test("sums are added, and taken back", () => {
  const sums: Counters = { received: 1 };
  add(sums, { received: 2, lost: 3 });
  add(sums, { lost: 3 }, -1);
  assert.deepEqual(sums, { received: 3, lost: 0 });
});

test("the counters that are shown have names of their own", () => {
  for (const by of ["metric", "minute", "period"] as const) {
    const names = countersShown(by).map(({ name }) => name);
    assert.equal(new Set(names).size, names.length, by);
  }
});
