import assert from "node:assert/strict";
import { test } from "node:test";
import { exactText, parseExact } from "../../src/dashboard/exact-json.ts";

test("whole numbers keep all digits on the way through the page", () => {
  const text = '{"seq":9007199254740993,"list":[-12345678901234567890,1.5,2],"text":"9007199254740993"}';
  assert.deepEqual(parseExact(text), {
    seq: 9007199254740993n,
    list: [-12345678901234567890n, 1.5, 2],
    text: "9007199254740993",
  });
  assert.equal(exactText(parseExact(text)).replace(/\s/g, ""), text);
});

test("the least whole number that a double may miss keeps its digits; those below stay numbers", () => {
  assert.deepEqual(parseExact("[9007199254740992,-9007199254740993]"), [
    9007199254740992n,
    -9007199254740993n,
  ]);
  assert.deepEqual(
    parseExact("[9007199254740991,999999999999999,0.1234567890123456789]"),
    [9007199254740991, 999999999999999, 0.12345678901234568],
  );
});

test("formatted JSON is JSON", () => {
  const value = { empty: {}, none: [], 'a"b': ["\u2028", null, true, { deep: [1] }] };
  assert.deepEqual(JSON.parse(exactText(value)), value);
});
