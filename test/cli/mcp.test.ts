import assert from "node:assert/strict";
import { test } from "node:test";
import { harmless, textOf } from "../../src/cli/mcp/told.ts";

test("hidden and obeyed characters are escaped, and stay the same text within JSON", () => {
  const text = 'a\u0000\u001b[2J\u007f\u009b\u200b\u202e\u2028\ufeff\u{e0041}\u{f0000} "b" 你好 😀';
  const shown = harmless(JSON.stringify(text));
  assert.match(shown, /^[\x20-\x7e你好😀]+$/u);
  assert.equal(JSON.parse(shown), text);
});

test("data stands between marks, and without data there are none", () => {
  assert.equal(textOf({ says: "Nothing." }, "f00d"), "Nothing.");
  assert.equal(
    textOf({ says: "Two.", data: [{ a: 1 }, "b\nc"], next: "No more." }, "f00d"),
    'Two. No more.\n<untrusted-f00d>\n{"a":1}\n"b\\nc"\n</untrusted-f00d>',
  );
});

test("what does not fit is counted, with the way to ask for it", () => {
  const data = Array.from({ length: 10 }, (_, index) => `${index}`.repeat(3_000));
  const text = textOf(
    { says: "Ten.", data, next: "No more.", narrower: (shown) => `limit: ${shown}` },
    "f00d",
  );
  assert.match(text, /^Ten\. 7 of them do not fit: limit: 3\.\n/);
  assert.doesNotMatch(text, /No more/);
  assert.equal(text.split("\n").length, 6);
});

test("of a single line that does not fit the beginning is shown", () => {
  const text = textOf({ says: "One.", data: ["x".repeat(50_000)] }, "f00d");
  assert.ok(text.length < 12_200);
  assert.match(text, /x… \(cut: 50002 characters\)\n<\/untrusted-f00d>$/);
});

test("shards that have no part in an answer are named", () => {
  const missing = "Note: shard 3 has no part in this: more may be there than is shown, and /health says why.";
  assert.equal(textOf({ says: "2 queued.", missing: [3] }, "f00d"), `2 queued. ${missing}`);
  assert.equal(textOf({ says: "2 queued.", missing: undefined }, "f00d"), "2 queued.");
});
