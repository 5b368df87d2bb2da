import assert from "node:assert/strict";
import { test } from "node:test";
import { exposition } from "../../src/http/exposition.ts";
import { parseExposition } from "./exposition.ts";

test("label values that differ are written differently", () => {
  const texts = [
    "\ud800",
    "\udc00",
    "\ufffd",
    "\ufffdd800",
    "\\ud800",
    "a\\",
    'a"',
    "a\n",
    "a\\n",
    "a",
    "\ufffd\ufffd",
    "\ud83d\udc33",
  ];
  const samples = texts.map((text) => ({ labels: { text }, value: 1 }));
  const written = exposition([{ name: "texts", type: "gauge", help: "All of them.", samples }]);
  const bytes = new TextDecoder().decode(new TextEncoder().encode(written));
  assert.equal(parseExposition(bytes).get("texts")!.series.length, texts.length);
  assert.equal(parseExposition(bytes).get("texts")!.series.at(-1)!.labels.get("text"), "🐳");
});
