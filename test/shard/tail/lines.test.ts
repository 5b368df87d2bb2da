import assert from "node:assert/strict";
import { test } from "node:test";
import { framesOf, gapFrame, longestFrame } from "../../../src/shard/tail/lines.ts";

const item = (text: string, count = 1) => ({ text, count });

test("frames hold lines in order, each line once, and items stay whole", () => {
  const items = Array.from({ length: 500 }, (_, n) => item(`{"n":${n}},{"also":"${"x".repeat(n)}"}`, 2));
  const frames = framesOf(items);
  assert.ok(frames.length > 2);
  const lines = frames.flatMap(({ text }) => JSON.parse(text));
  assert.deepEqual(
    lines.filter(({ n }) => n !== undefined).map(({ n }) => n),
    items.map((_, n) => n),
  );
  for (const { text, count, items: held } of frames) {
    assert.ok(text.length <= longestFrame + 2);
    assert.equal(JSON.parse(text).length, count);
    assert.equal(held * 2, count);
  }
});

test("a line that is longer than a frame has one of its own; bytes are those of UTF-8", () => {
  const long = JSON.stringify("群".repeat(longestFrame));
  const frames = framesOf([item("1"), item(long), item("2")]);
  assert.deepEqual(
    frames.map(({ count }) => count),
    [1, 1, 1],
  );
  assert.equal(frames[1]!.bytes, 3 * longestFrame + 4);
  assert.deepEqual(framesOf([]), []);
  assert.equal(gapFrame(7).text, '[{"type":"gap","missed":7}]');
});
