import assert from "node:assert/strict";
import { test } from "node:test";
import * as signature from "../../src/callback/signature.ts";
import { signatureOf } from "../../src/cli/signature.ts";

const token = "xxxxyyyy";
const time = "1669872112";
const sign = "17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061";
const now = Number(time);

async function signatureProblem(
  tokens: readonly string[],
  given: string | null,
  at: string | null,
  clock: number,
): Promise<string | null> {
  return signature.signatureProblem(await signature.signaturesOf(tokens, at), given, at, clock);
}

test("Tencent's own signature vector is reproduced, by senders too", async () => {
  assert.equal(await signature.signatureOf(token, time), sign);
  assert.equal(signatureOf(token, time), sign);
});

test("another second and another token give other signatures", async () => {
  const tokens = [token, "new"];
  const signs = (at: string) => tokens.map((one) => signatureOf(one, at));
  for (const at of [time, time, "1669872113", time])
    assert.deepEqual(await signature.signaturesOf(tokens, at), signs(at));
  assert.deepEqual(await signature.signaturesOf(["new"], time), [signatureOf("new", time)]);
});

test("a valid signature within a minute has no problem, in lower and upper case", async () => {
  assert.equal(await signatureProblem([token], sign, time, now), null);
  assert.equal(await signatureProblem([token], sign.toUpperCase(), time, now), null);
  assert.equal(await signatureProblem([token], sign, time, now + 60), null);
  assert.equal(await signatureProblem([token], sign, time, now - 60), null);
});

test("any of several tokens may have signed", async () => {
  assert.equal(await signatureProblem(["new", token], sign, time, now), null);
  assert.equal(await signatureProblem([token, "new"], sign, time, now), null);
});

test("each problem has its own sentence", async () => {
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
    assert.match(
      (await signatureProblem([token], given, at, clock)) ?? "nothing",
      expected,
      `${given} ${at}`,
    );
});
