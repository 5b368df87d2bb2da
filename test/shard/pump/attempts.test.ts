import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Outcome } from "../../../src/delivery/outcome.ts";
import { say } from "../../../src/sentence.ts";
import {
  blanked,
  noAttempts,
  type PackedAttempts,
  reasonIn,
  shortened,
  unpackAttempts,
  withAttempt,
  withoutReason,
  withReason,
} from "../../../src/shard/pump/attempts.ts";

const failed = (at: number, response: string | null): Outcome => ({
  at,
  ms: 5,
  status: 400,
  error: "answered 400",
  response,
  delivered: false,
  alive: true,
  gone: false,
  holdMs: null,
});

function tried(responses: readonly (string | null)[]): PackedAttempts {
  return responses.reduce<PackedAttempts>(
    (packed, response, index) => withAttempt(packed, failed(index, response)),
    noAttempts,
  );
}

test("an attempt is kept with its number and its answer", () => {
  assert.deepEqual(unpackAttempts(tried(["no"])), [
    { number: 1, at: 0, ms: 5, status: 400, error: "answered 400", response: "no" },
  ]);
});

test("the first 3 and the last 20 of many attempts are kept, with their numbers", () => {
  const numbers = unpackAttempts(tried(Array.from({ length: 60 }, () => null))).map(({ number }) => number);
  assert.deepEqual(numbers, [1, 2, 3, ...Array.from({ length: 20 }, (_, n) => 41 + n)]);
});

test("equal answers are stored once, and shown with each attempt", () => {
  const page = "<html>busy</html>".repeat(200);
  const packed = tried(Array.from({ length: 12 }, () => page));
  assert.ok(packed.length < page.length + 12 * 150, `${packed.length} characters`);
  for (const { response } of unpackAttempts(packed)) assert.equal(response, page);
});

test("property: a row stays small whatever is answered, and shows the beginning of each answer", () => {
  const answer = fc.oneof(
    fc.string({ maxLength: 4096, unit: "binary" }),
    fc.constant("\0".repeat(4096)),
    fc.constant("😀".repeat(2048)),
  );
  fc.assert(
    fc.property(fc.array(answer, { minLength: 1, maxLength: 40 }), (answers) => {
      const packed = tried(answers);
      assert.ok(packed.length <= 8_000 + 23 * 400, `${packed.length} characters`);
      const attempts = unpackAttempts(packed);
      for (const { number, response } of attempts) {
        assert.ok(answers[number - 1]!.startsWith(response!));
        assert.ok(response !== "" || answers[number - 1] === "");
        assert.equal(response!.isWellFormed(), true);
      }
    }),
    { numRuns: 30 },
  );
});

test("rows of the version before, without numbers, are read", () => {
  const before =
    '[{"at":1,"ms":2,"status":500,"error":"answered 500","response":"a"},{"at":3,"ms":4,"status":null,"error":"no","response":null}]';
  assert.deepEqual(
    unpackAttempts(before).map(({ number, response }) => [number, response]),
    [
      [1, "a"],
      [2, null],
    ],
  );
  assert.equal(unpackAttempts(withAttempt(before, failed(9, "b"))).at(-1)!.number, 3);
});

test("the attempts of a batch are shortened for each of its events", () => {
  const packed = shortened(tried(["x".repeat(4000), "y".repeat(4000)]));
  assert.ok(packed.length < 1_000);
  assert.equal(unpackAttempts(packed)[1]!.response, "y".repeat(256));
});

test("the reason why there is no further attempt is none, and ends with the next one", () => {
  const given = withReason(tried(["a", "b"]), say`given up`, 9);
  assert.equal(reasonIn(given), "given up");
  assert.deepEqual(unpackAttempts(given), unpackAttempts(tried(["a", "b"])));
  assert.equal(reasonIn(blanked(given, (text) => text.replace("up", "***"))), "given ***");
  assert.equal(reasonIn(withReason(given, say`again`, 10)), "again");
  for (const later of [withAttempt(given, failed(2, "c")), withoutReason(given)])
    assert.equal(reasonIn(later), null);
  assert.equal(withAttempt(given, failed(2, "c")), tried(["a", "b", "c"]));
  assert.deepEqual([reasonIn(noAttempts), reasonIn(tried(["a"]))], [null, null]);
  assert.deepEqual(unpackAttempts(withReason(noAttempts, say`given up`, 9)), []);
});

test("an attempt that the version before has added after a reason has the next number", () => {
  const given = JSON.parse(withReason(tried(["a"]), say`given up`, 9)) as { number: number }[];
  assert.equal(given.at(-1)!.number, 1);
  const later = JSON.stringify([...given, { ...given[0], number: 2 }]);
  assert.deepEqual(
    unpackAttempts(later).map(({ number }) => number),
    [1, 2],
  );
  assert.equal(reasonIn(later), null);
});
