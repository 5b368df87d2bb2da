import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../../src/cli/root.ts";
import { mutated } from "./mutated.ts";
import { mutations } from "./mutations.ts";

test("each mistake finds its code, once, and changes it", () => {
  for (const mutation of mutations) {
    const source = readFileSync(join(root, "src", mutation.file), "utf8");
    assert.notEqual(mutated(mutation, source), source, mutation.name);
  }
});

test("a mistake whose code is gone or stands twice is an error", () => {
  const mutation = { name: "a slip", file: "a.ts", code: "one", instead: "two" };
  assert.equal(mutated(mutation, "that one."), "that two.");
  assert.throws(() => mutated(mutation, "that."), /a slip: a.ts holds the code 0 times/);
  assert.throws(() => mutated(mutation, "one one"), /2 times/);
});

test("the page on reliability lists each mistake, and counts them", () => {
  const page = readFileSync(join(root, "docs/reliability.md"), "utf8");
  const [, part = ""] = /^## Mistakes made on purpose\n([\s\S]*?)(?=^## )/m.exec(page) ?? [];
  const [, ...listed] = [...part.matchAll(/^\| ([^|-][^|]*) \|/gm)].map(([, name]) => name);
  assert.deepEqual(
    listed,
    mutations.map(({ name }) => name),
  );
  assert.match(page, new RegExp(`\\| ${mutations.length} found by the simulation, 6 by unit tests \\|`));
});
