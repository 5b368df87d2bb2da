import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { fingerprint } from "../../src/callback/fingerprint.ts";

test("property: a fingerprint is the first 53 bits of SHA-256, as stored by other versions", () =>
  fc.assert(
    fc.asyncProperty(fc.string({ unit: "grapheme" }), async (text) => {
      const digest = createHash("sha256").update(text).digest();
      assert.equal(await fingerprint(text), Number(digest.readBigUInt64BE() >> 11n));
    }),
  ));

test("a fingerprint is a whole number that JavaScript and SQLite keep exactly", async () => {
  for (const text of ["", "a", "你好", "x".repeat(1_000_000)])
    assert.ok(Number.isSafeInteger(await fingerprint(text)));
});
