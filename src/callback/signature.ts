/**
 * Tencent's callback authentication. The signature covers the time but not the body. A reader of one request can forge
 * bodies for a minute, so a callback URL should be https.
 * https://cloud.tencent.com/document/product/269/32431
 */
import { timingSafeEqual } from "../timing-safe.ts";
import { hex, sha256 } from "./sha256.ts";

/** Largest difference between `RequestTime` and our clock, seconds. */
const window = 60;

/** Lower-case hex SHA-256 of the token and the request time (Unix seconds, as the text in the URL). */
export async function signatureOf(token: string, requestTime: string): Promise<string> {
  return hex(await sha256(token + requestTime));
}

/** A time in Unix seconds, as a request holds it. */
const unixSeconds = /^\d{1,12}$/;

/** The last signatures of each list of tokens: all callbacks of one second have the same signatures. */
const lastSigned = new WeakMap<readonly string[], { requestTime: string; signatures: readonly string[] }>();

/** The signature of a request time by each token; none if the text is no time. */
export async function signaturesOf(
  tokens: readonly string[],
  requestTime: string | null,
): Promise<readonly string[]> {
  if (requestTime === null || !unixSeconds.test(requestTime)) return [];
  const last = lastSigned.get(tokens);
  if (last?.requestTime === requestTime) return last.signatures;
  const signatures = await Promise.all(tokens.map((token) => signatureOf(token, requestTime)));
  lastSigned.set(tokens, { requestTime, signatures });
  return signatures;
}

/**
 * The mistake in a request's signature, as a sentence; null if it is valid.
 * @param expected the signatures of the request time, one for each token. Any of them is valid, so that a token can be
 * rotated without losing a callback
 */
export function signatureProblem(
  expected: readonly string[],
  sign: string | null,
  requestTime: string | null,
  nowSeconds: number,
): string | null {
  if (!sign) return "Sign is missing from the URL";
  if (!requestTime) return "RequestTime is missing from the URL";
  if (!unixSeconds.test(requestTime)) return "RequestTime is not a time in Unix seconds";

  const given = sign.toLowerCase().slice(0, 65);
  const matching = expected.filter((one) => timingSafeEqual(given, one));
  if (matching.length === 0) return "Sign does not match any CALLBACK_TOKEN";

  // RequestTime is in whole seconds, so the clock is rounded down too: 60.4 s are not over 60.
  const off = Math.abs(Math.floor(nowSeconds) - Number(requestTime));
  return off > window ? `RequestTime is ${off} s off, more than ${window} s` : null;
}

/** The place, from 1, of the token that gives this signature. */
export function placeOf(sign: string, expected: readonly string[]): number {
  return expected.indexOf(sign.toLowerCase()) + 1;
}
