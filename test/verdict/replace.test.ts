import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { maskedMessage, wordMask } from "../../src/verdict/replace.ts";
import { cpuTime } from "../support/cpu-time.ts";

const words = (...list: string[]) => list.map((word) => ({ word, mask: null }));
const masked = (text: string, ...list: string[]) => wordMask(words(...list))(text);

test("a word is masked by as many stars as it has characters, anywhere in a text", () => {
  assert.equal(masked("darn, I am darned", "darn"), "****, I am ****ed");
  assert.equal(masked("你这个笨蛋啊", "笨蛋"), "你这个**啊");
  assert.equal(masked("so 🙈🙈 it is", "🙈🙈"), "so ** it is");
  assert.equal(masked("nothing here", "darn"), "nothing here");
  assert.equal(masked("", "darn"), "");
});

test("a word is replaced by the rule's own mask, also an empty one", () => {
  const mask = wordMask([
    { word: "darn", mask: "[…]" },
    { word: "heck", mask: "" },
  ]);
  assert.equal(mask("Darn the heck"), "[…] the ");
});

test("case is folded as in Unicode, and only whole characters match", () => {
  const cases: [text: string, word: string, expected: string][] = [
    ["DaRn", "dArN", "****"],
    ["STRASSE und straße und Straẞe", "Straße", "****** und ****** und ******"],
    ["ΟΔΥΣΣΕΥΣ, Οδυσσεύς, οδυσσευς", "οδυσσευσ", "********, Οδυσσεύς, ********"],
    ["ﬁend", "FIEND", "*****"],
    ["İstanbul", "i̇stanbul", "*********"],
    ["К КУРИТЬ", "курить", "К ******"],
    ["300 K", "k", "300 *"],
    // The dotless ı is not i: otherwise common Turkish words would be masked by mistake.
    ["sık sık", "sik", "sık sık"],
    ["SIK", "sik", "***"],
    // An s does not match half of ß.
    ["weiß", "s", "weiß"],
    ["weiß", "ss", "wei**"],
  ];
  for (const [text, word, expected] of cases)
    assert.equal(masked(text, word), expected, `${word} in ${text}`);
});

test("the longest of several words at one position is masked, and masked text is not searched again", () => {
  assert.equal(masked("badword", "bad", "badword"), "*******");
  assert.equal(masked("badwork", "bad", "badword"), "***work");
  assert.equal(masked("aaa", "aa"), "**a");
});

test("property: a text without the words stays; of a text with a word only the word changes", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "B", "ß", "Σ", "𐐀", " ", "é") });
  fc.assert(
    fc.property(text, text, (before, after) => {
      const mask = wordMask([{ word: "xyz", mask: "#" }]);
      assert.equal(mask(before + after), before + after);
      assert.equal(mask(`${before}XyZ${after}`), `${before}#${after}`);
    }),
  );
});

test("a long text with a long list of words takes linear time", () => {
  const list = Array.from({ length: 2_000 }, (_, index) => ({
    word: `a${"b".repeat(20)}${index}`,
    mask: null,
  }));
  const mask = wordMask(list);
  const text = "a".repeat(10_000);
  mask(text);
  const from = cpuTime();
  mask(text);
  assert.ok(cpuTime() - from < 1_000);
});

const body = (...elements: unknown[]) => JSON.stringify({ From_Account: "lan darn", MsgBody: elements });
const text = (Text: string) => ({ MsgType: "TIMTextElem", MsgContent: { Text } });
const mask = wordMask(words("darn"));

test("only text elements are masked", () => {
  const custom = { MsgType: "TIMCustomElem", MsgContent: { Data: "darn", Text: "darn" } };
  assert.deepEqual(maskedMessage(body(text("oh darn"), custom, text("fine")), mask), [
    text("oh ****"),
    custom,
    text("fine"),
  ]);
});

test("messages inside a merged forward are masked too", () => {
  const relay = (Text: string) => ({
    MsgType: "TIMRelayElem",
    MsgContent: { Title: "Chat", MsgList: [{ From_Account: "siti", MsgBody: [text(Text)] }] },
  });
  assert.deepEqual(maskedMessage(body(relay("darn it")), mask), [relay("**** it")]);
});

test("a message without the words or without a text gives null", () => {
  assert.equal(maskedMessage(body(text("fine")), mask), null);
  assert.equal(maskedMessage(body({ MsgType: "TIMTextElem", MsgContent: {} }), mask), null);
  assert.equal(maskedMessage(body({ MsgType: "TIMTextElem", MsgContent: null }), mask), null);
  assert.equal(maskedMessage('{"GroupId":"darn"}', mask), null);
});

test("all other values stay exact, numbers beyond 2^53 too", () => {
  const other =
    '{"MsgType":"TIMLocationElem","MsgContent":{"Latitude":39.90,"Id":144115200000000001,"E":1e2}}';
  const message = `{"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"Darn"}},${other}]}`;
  assert.equal(
    JSON.stringify(maskedMessage(message, mask)),
    `[{"MsgType":"TIMTextElem","MsgContent":{"Text":"****"}},${other}]`,
  );
});

test("a text element is masked at every depth", () => {
  const levels = 3_000;
  const nested = "[".repeat(levels) + JSON.stringify(text("darn")) + "]".repeat(levels);
  let value = maskedMessage(`{"MsgBody":${nested}}`, mask);
  while (Array.isArray(value)) value = value[0];
  assert.deepEqual(value, text("****"));
});
