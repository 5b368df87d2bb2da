/**
 * The attempts of a delivery as rows hold them. A row is bounded, however often an event is tried or replayed, and
 * however long its answers are. It holds the first and the last attempts, and of long answers the newest.
 *
 *     [{"number":1,"at":1794160000000,"ms":12,"status":500,"error":"answered 500","response":null,"asNext":true},
 *      {"number":2,"at":1794160005000,"ms":11,"status":500,"error":"answered 500","response":"<html>…"},
 *      {"number":2,"at":1794160007000,"ms":0,"status":null,"error":"skipped by the operator","response":null,"ends":true}]
 *
 * The last one is no attempt, but the reason why there was no other. It repeats the last number: an earlier version
 * takes it for an attempt, and still counts on correctly.
 */
import type { Outcome } from "../../delivery/outcome.ts";
import type { Sentence } from "../../sentence.ts";
import { listIn } from "../sql.ts";

export interface Attempt extends Pick<Outcome, "at" | "ms" | "status" | "error" | "response"> {
  /** From 1, over all replays. */
  number: number;
}

/** A list of attempts as it stands in a row. */
export type PackedAttempts = string;

/**
 * `asNext`: the answer equals that of the next attempt. `ends`: no attempt, but a reason. Rows of earlier versions have
 * no numbers.
 */
type Stored = Omit<Attempt, "number"> & { number?: number; asNext?: true; ends?: true };

/** How many are kept of the earliest and of the latest. */
const first = 3;
const last = 20;

/** Characters of JSON that one answer may take, and all different answers of a row together. */
const longestResponse = 6_000;
const allResponses = 8_000;

/** At least so many characters of every answer are kept. */
const shortestResponse = 256;

export const noAttempts: PackedAttempts = "[]";

/** Adds an attempt. A reason why there would be none does not hold any more. */
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
export function withReason(before: PackedAttempts, reason: Sentence, at: number): PackedAttempts {
  const attempts = unpackAttempts(before);
  const number = attempts.at(-1)?.number ?? 0;
  return packAttempts(attempts, {
    number,
    at,
    ms: 0,
    status: null,
    error: reason,
    response: null,
    ends: true,
  });
}

/** The attempts alone. */
export function withoutReason(packed: PackedAttempts): PackedAttempts {
  return packAttempts(unpackAttempts(packed));
}

/** Why there was no further attempt; null: no reason is known but the attempts. */
export function reasonIn(packed: PackedAttempts): Sentence | null {
  return (endIn(packed)?.error as Sentence) ?? null;
}

function endIn(packed: PackedAttempts): Stored | null {
  const last = listIn<Stored>(packed).at(-1);
  return last?.ends ? last : null;
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
  const end = endIn(packed);
  return packAttempts(
    unpackAttempts(packed).map((one) => ({
      ...one,
      error: one.error && hidden(one.error),
      response: one.response && "***",
    })),
    end && { ...end, error: end.error && hidden(end.error) },
  );
}

function packAttempts(attempts: readonly Attempt[], end: Stored | null = null): PackedAttempts {
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
  return JSON.stringify([...stored.reverse(), ...(end ? [end] : [])]);
}

/** Torn attempts read as none: the delivery goes on. */
export function unpackAttempts(packed: PackedAttempts): Attempt[] {
  const stored = listIn<Stored>(packed).filter(({ ends }) => !ends);
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
