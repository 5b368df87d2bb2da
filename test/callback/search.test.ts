/** Searches in bodies. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { escapeOf, holdsText, messageFilter, namesAccount } from "../../src/callback/search.ts";

/** JSON of a text with some of its characters escaped, as senders may write it. */
const written = fc
  .tuple(
    fc.string({ unit: "binary", maxLength: 12 }),
    fc.infiniteStream(fc.constantFrom("as is", "\\u", "short")),
  )
  .map(([text, ways]) => {
    const plain = JSON.stringify(text);
    const characters = Array.from({ length: text.length }, (_, index) => text[index]!);
    const json = characters.map((one) => {
      const way = ways.next().value;
      if (way === "\\u") return `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`;
      if (way === "short" && one === "/") return "\\/";
      return JSON.stringify(one).slice(1, -1);
    });
    return { text, json: plain.length === 2 ? plain : `"${json.join("")}"` };
  });

test("property: every part of a text is found, and its body passes the sieve, however it is escaped", () => {
  fc.assert(
    fc.property(written, fc.nat(), fc.nat(), ({ text, json }, start, length) => {
      const from = start % (text.length + 1);
      const part = text.slice(from, from + 1 + (length % 12)).toWellFormed();
      if (part === "" || !text.includes(part)) return;
      const body = `{"Text":${json}}`;
      assert.ok(holdsText(body, part), body);
      assert.ok(body.includes(part) || body.includes(escapeOf(part)), body);
    }),
    { numRuns: 2_000 },
  );
});

test("property: every account is found, and its body passes the sieve, however it is escaped", () => {
  fc.assert(
    fc.property(written, ({ text, json }) => {
      if (text === "" || !text.isWellFormed()) return;
      const body = `{"List":[{"To_Account":["x",${json}]}]}`;
      assert.ok(namesAccount(body, text), body);
      assert.ok(body.includes(text) || body.includes(escapeOf(text)), body);
    }),
    { numRuns: 1_000 },
  );
});

test("the filter of a message tells which texts its bodies hold, those that it has learned too", () => {
  const filter = messageFilter("17");
  assert.deepEqual(filter.holds, ["17"]);
  assert.equal(filter.matches('{"MsgSeq":17,"Random":4242}'), true);
  assert.deepEqual(filter.holds, ["17", "4242"]);
  assert.equal(filter.matches('{"Random":4242}'), true);
  assert.equal(filter.matches('{"MsgSeq":18,"Random":17}'), true);
});
