/** The Chinese texts that the compiler cannot hold to their definitions. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { tablesPage } from "../../src/generate/tables.ts";
import { parameterInChinese, parameters } from "../../src/generate/zh-CN/parameters.ts";
import { tableTexts } from "../../src/generate/zh-CN/tables.ts";

const root = join(import.meta.dirname, "../..");

test("no Chinese of a parameter is left over", () => {
  const document = readFileSync(join(root, "docs/openapi.json"), "utf8");
  const spare = Object.keys(parameters).filter(
    (sentence) => !document.includes(JSON.stringify(sentence).slice(1, -1)),
  );
  assert.deepEqual(spare, []);
});

test("a parameter without Chinese is named", () => {
  assert.throws(() => parameterInChinese("How many."), /parameters\.ts has no Chinese of “How many\.”/);
});

test("every table of a shard has Chinese, and no Chinese is left over", () => {
  const page = tablesPage(root, "zh-CN");
  const names = [...page.matchAll(/^### `(\w+?)(?:_\d+)?`$/gm)].map(([, name]) => name);
  assert.deepEqual(names.sort(), Object.keys(tableTexts).sort());
});
