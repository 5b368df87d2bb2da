/**
 * The attempts of a delivery as rows hold them. A row is bounded, however often an event is tried or replayed, and
 * however long its answers are. It holds the first and the last attempts, and of long answers the newest.
 *
 *     [{"number":1,"at":1794160000000,"ms":12,"status":500,"error":"answered 500","response":null,"asNext":true},
 *      {"number":2,"at":1794160005000,"ms":11,"status":500,"error":"answered 500","response":"<html>…"}]
 */
import type { Outcome } from "../../delivery/outcome.ts";
import { listIn } from "../sql.ts";

export interface Attempt extends Pick<Outcome, "at" | "ms" | "status" | "error" | "response"> {
  /** From 1, over all replays. */
  number: number;
}

/** A list of attempts as it stands in a row. */
export type PackedAttempts = string;

/** `asNext`: the answer equals that of the next attempt. Rows of earlier versions have no numbers. */
type Stored = Omit<Attempt, "number"> & { number?: number; asNext?: true };

/** How many are kept of the earliest and of the latest. */
const first = 3;
const last = 20;

/** Characters of JSON that one answer may take, and all different answers of a row together. */
const longestResponse = 6_000;
const allResponses = 8_000;

/** At least so many characters of every answer are kept. */
const shortestResponse = 256;

export const noAttempts: PackedAttempts = "[]";

/** Adds an attempt. */
export function withAttempt(
  before: PackedAttempts,
  { at, ms, status, error, response }: Omit<Attempt, "number">,
): PackedAttempts {
  const attempts = unpackAttempts(before);
  const number = (attempts.at(-1)?.number ?? 0) + 1;
  return packAttempts([
    ...attempts,
    { number, at, ms, status, error, response: response && cut(response, longestResponse) },
  ]);
}

/** Adds the reason why there will be no further attempt. */
export function withError(before: PackedAttempts, error: string, at: number): PackedAttempts {
  return withAttempt(before, { at, ms: 0, status: null, error, response: null });
}

/** With shorter answers, for the events of a batch: each has a row of its own. */
export function shortened(packed: PackedAttempts): PackedAttempts {
  return packAttempts(
    unpackAttempts(packed).map((one) => ({
      ...one,
      response: one.response && cut(one.response, shortestResponse),
    })),
  );
}

/** Without the answers, which may repeat the event. @param hidden hides a text of an error */
export function blanked(packed: PackedAttempts, hidden: (text: string) => string): PackedAttempts {
  return packAttempts(
    unpackAttempts(packed).map((one) => ({
      ...one,
      error: one.error && hidden(one.error),
      response: one.response && "***",
    })),
  );
}

function packAttempts(attempts: readonly Attempt[]): PackedAttempts {
  const kept =
    attempts.length <= first + last ? attempts : [...attempts.slice(0, first), ...attempts.slice(-last)];
  const stored: Stored[] = [];
  let left = allResponses;
  for (const [index, attempt] of [...kept.entries()].reverse()) {
    const { response } = attempt;
    if (response === null) stored.push(attempt);
    else if (response === kept[index + 1]?.response)
      stored.push({ ...attempt, response: null, asNext: true });
    else {
      const shown = cut(response, Math.max(left, shortestResponse));
      left -= written(shown);
      stored.push({ ...attempt, response: shown });
    }
  }
  return JSON.stringify(stored.reverse());
}

/** Torn attempts read as none: the delivery goes on. */
export function unpackAttempts(packed: PackedAttempts): Attempt[] {
  const stored = listIn<Stored>(packed);
  const attempts: Attempt[] = [];
  for (const [index, { asNext, ...attempt }] of [...stored.entries()].reverse())
    attempts.unshift({
      ...attempt,
      number: attempt.number ?? index + 1,
      response: asNext ? (attempts[0]?.response ?? null) : attempt.response,
    });
  return attempts;
}

/** Cuts a text so that JSON writes it in so many characters at most; a pair of surrogates stays whole. */
function cut(text: string, longest: number): string {
  let shown = text.slice(0, longest);
  while (written(shown) > longest) {
    const share = longest / written(shown);
    shown = shown.slice(0, Math.min(shown.length - 1, Math.floor(shown.length * share)));
  }
  return shown.isWellFormed() || !text.isWellFormed() ? shown : shown.slice(0, -1);
}

function written(text: string): number {
  return JSON.stringify(text).length - 2;
}
