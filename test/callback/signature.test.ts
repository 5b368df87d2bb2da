import assert from "node:assert/strict";
import { test } from "node:test";
import { signatureOf, signatureProblem } from "../../src/callback/signature.ts";

const token = "xxxxyyyy";
const time = "1669872112";
const sign = "17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061";
const now = Number(time);

test("Tencent's own signature vector is reproduced", () => {
  assert.equal(signatureOf(token, time), sign);
});

test("a valid signature within a minute has no problem, in lower and upper case", () => {
  assert.equal(signatureProblem([token], sign, time, now), null);
  assert.equal(signatureProblem([token], sign.toUpperCase(), time, now), null);
  assert.equal(signatureProblem([token], sign, time, now + 60), null);
  assert.equal(signatureProblem([token], sign, time, now - 60), null);
});

test("any of several tokens may have signed", () => {
  assert.equal(signatureProblem(["new", token], sign, time, now), null);
  assert.equal(signatureProblem([token, "new"], sign, time, now), null);
});

test("each problem has its own sentence", () => {
  const cases: [string | null, string | null, number, RegExp][] = [
    [null, time, now, /Sign is missing/],
    ["", time, now, /Sign is missing/],
    [sign, null, now, /RequestTime is missing/],
    [sign, "yesterday", now, /not a time/],
    [sign, "-5", now, /not a time/],
    [sign.slice(1), time, now, /does not match/],
    [`${sign}0`, time, now, /does not match/],
    [`é${sign.slice(1)}`, time, now, /does not match/],
    [sign.replace("1", "2"), time, now, /does not match/],
    [sign, time, now + 61, /61 s off/],
    [sign, time, now - 61, /61 s off/],
  ];
  for (const [given, at, clock, expected] of cases)
    assert.match(signatureProblem([token], given, at, clock) ?? "nothing", expected, `${given} ${at}`);
});
