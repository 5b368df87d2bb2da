import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { maskedMessage, wordMask } from "../../src/verdict/replace.ts";

const words = (...list: string[]) => list.map((word) => ({ word, mask: null }));
const masked = (text: string, ...list: string[]) => wordMask(words(...list))(text);

test("a word is masked by as many stars as it has characters, wherever it stands", () => {
  assert.equal(masked("darn, I am darned", "darn"), "****, I am ****ed");
  assert.equal(masked("你这个笨蛋啊", "笨蛋"), "你这个**啊");
  assert.equal(masked("so 🙈🙈 it is", "🙈🙈"), "so ** it is");
  assert.equal(masked("nothing here", "darn"), "nothing here");
  assert.equal(masked("", "darn"), "");
});

test("a mask of the rule's own stands in its place, also an empty one", () => {
  const mask = wordMask([
    { word: "darn", mask: "[…]" },
    { word: "heck", mask: "" },
  ]);
  assert.equal(mask("Darn the heck"), "[…] the ");
});

test("case is folded as Unicode folds it, whole characters only", () => {
  const cases: [text: string, word: string, expected: string][] = [
    ["DaRn", "dArN", "****"],
    ["STRASSE und straße und Straẞe", "Straße", "****** und ****** und ******"],
    ["ΟΔΥΣΣΕΥΣ, Οδυσσεύς, οδυσσευς", "οδυσσευσ", "********, Οδυσσεύς, ********"],
    ["ﬁend", "FIEND", "*****"],
    ["İstanbul", "i̇stanbul", "*********"],
    ["К КУРИТЬ", "курить", "К ******"],
    ["300 K", "k", "300 *"],
    // The dotless ı is no i: a word of everyday Turkish must not be masked for another.
    ["sık sık", "sik", "sık sık"],
    ["SIK", "sik", "***"],
    // Half of ß is no s.
    ["weiß", "s", "weiß"],
    ["weiß", "ss", "wei**"],
  ];
  for (const [text, word, expected] of cases)
    assert.equal(masked(text, word), expected, `${word} in ${text}`);
});

test("of several words at one place the longest counts, and what is masked is done with", () => {
  assert.equal(masked("badword", "bad", "badword"), "*******");
  assert.equal(masked("badwork", "bad", "badword"), "***work");
  assert.equal(masked("aaa", "aa"), "**a");
});

test("property: without any of the words the text stays; with one, it is gone and the rest stays", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "B", "ß", "Σ", "𐐀", " ", "é") });
  fc.assert(
    fc.property(text, text, (before, after) => {
      const mask = wordMask([{ word: "xyz", mask: "#" }]);
      assert.equal(mask(before + after), before + after);
      assert.equal(mask(`${before}XyZ${after}`), `${before}#${after}`);
    }),
  );
});

test("a long text with a long list takes no time", () => {
  const list = Array.from({ length: 2_000 }, (_, index) => ({
    word: `a${"b".repeat(20)}${index}`,
    mask: null,
  }));
  const mask = wordMask(list);
  const text = "a".repeat(10_000);
  mask(text);
  const from = performance.now();
  mask(text);
  assert.ok(performance.now() - from < 1_000);
});

const body = (...elements: unknown[]) => JSON.stringify({ From_Account: "lan darn", MsgBody: elements });
const text = (Text: string) => ({ MsgType: "TIMTextElem", MsgContent: { Text } });
const mask = wordMask(words("darn"));

test("text elements alone are masked, in their places", () => {
  const custom = { MsgType: "TIMCustomElem", MsgContent: { Data: "darn", Text: "darn" } };
  assert.deepEqual(maskedMessage(body(text("oh darn"), custom, text("fine")), mask), [
    text("oh ****"),
    custom,
    text("fine"),
  ]);
});

test("messages that are forwarded in one are masked too", () => {
  const relay = (Text: string) => ({
    MsgType: "TIMRelayElem",
    MsgContent: { Title: "Chat", MsgList: [{ From_Account: "siti", MsgBody: [text(Text)] }] },
  });
  assert.deepEqual(maskedMessage(body(relay("darn it")), mask), [relay("**** it")]);
});

test("a message without the words, or without a text, is left alone", () => {
  assert.equal(maskedMessage(body(text("fine")), mask), null);
  assert.equal(maskedMessage(body({ MsgType: "TIMTextElem", MsgContent: {} }), mask), null);
  assert.equal(maskedMessage(body({ MsgType: "TIMTextElem", MsgContent: null }), mask), null);
  assert.equal(maskedMessage('{"GroupId":"darn"}', mask), null);
});

test("what stands beside the text stays as it was written, numbers beyond 2^53 too", () => {
  const other =
    '{"MsgType":"TIMLocationElem","MsgContent":{"Latitude":39.90,"Id":144115200000000001,"E":1e2}}';
  const message = `{"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"Darn"}},${other}]}`;
  assert.equal(
    JSON.stringify(maskedMessage(message, mask)),
    `[{"MsgType":"TIMTextElem","MsgContent":{"Text":"****"}},${other}]`,
  );
});

test("a text element is masked however deep it lies", () => {
  const levels = 3_000;
  const nested = "[".repeat(levels) + JSON.stringify(text("darn")) + "]".repeat(levels);
  let value = maskedMessage(`{"MsgBody":${nested}}`, mask);
  while (Array.isArray(value)) value = value[0];
  assert.deepEqual(value, text("****"));
});
