/**
 * Tencent's callback authentication. The signature covers the time but not the body: a reader of one request can forge
 * bodies for a minute, so a callback URL should be https.
 * https://cloud.tencent.com/document/product/269/32431
 */
import { hash, timingSafeEqual } from "node:crypto";

const utf8 = new TextEncoder();

/** Largest difference between `RequestTime` and our clock, seconds. */
const window = 60;

/** Lower-case hex SHA-256 of the token and the request time (Unix seconds, as the text in the URL). */
export function signatureOf(token: string, requestTime: string): string {
  return hash("sha256", token + requestTime);
}

/** The last signature of each token: all callbacks of one second have the same signature. */
const lastSigned = new Map<string, { requestTime: string; sign: Uint8Array }>();

function expectedOf(token: string, requestTime: string): Uint8Array {
  const last = lastSigned.get(token);
  if (last?.requestTime === requestTime) return last.sign;
  const sign = utf8.encode(signatureOf(token, requestTime));
  lastSigned.set(token, { requestTime, sign });
  return sign;
}

/**
 * The mistake in a request's signature, as a sentence; null if it is valid.
 * Any of the tokens may have signed, so that a token can be rotated without losing a callback.
 */
export function signatureProblem(
  tokens: readonly string[],
  sign: string | null,
  requestTime: string | null,
  nowSeconds: number,
): string | null {
  if (!sign) return "Sign is missing from the URL";
  if (!requestTime) return "RequestTime is missing from the URL";
  if (!/^\d{1,12}$/.test(requestTime)) return "RequestTime is not a time in Unix seconds";

  const given = utf8.encode(sign.toLowerCase().padEnd(64).slice(0, 65));
  let matches = false;
  for (const token of tokens) {
    const expected = expectedOf(token, requestTime);
    if (given.length === expected.length && timingSafeEqual(given, expected)) matches = true;
  }
  if (!matches) return "Sign does not match any CALLBACK_TOKEN";

  // RequestTime is in whole seconds, so the clock is rounded down too: 60.4 s are not over 60.
  const off = Math.abs(Math.floor(nowSeconds) - Number(requestTime));
  return off > window ? `RequestTime is ${off} s off, more than ${window} s` : null;
}
