/** Outcomes of attempts, with an answer and without one. */
import { type Sentence, say } from "../sentence.ts";
import { parseHttpDate } from "./http-date.ts";
import { CallFailed, type Missed, NoReceiver, reasonOf, Unfit } from "./no-answer.ts";

/** The outcome of one attempt. */
export interface Outcome {
  /** The start, Unix milliseconds. */
  at: number;
  /** The duration, milliseconds. */
  ms: number;
  /** Null if there was no answer. */
  status: number | null;
  /** The reason of the failure, as a sentence without secrets; null if delivered. */
  error: string | null;
  /** The first 4 KB of the answer to a failed attempt; null if delivered or without an answer. */
  response: string | null;
  /** Whether the destination took it: the status is 2xx, and the answer a success for the rule. */
  delivered: boolean;
  /** Whether the destination is up: it answered, and not with 408, 429 or 5xx. */
  alive: boolean;
  /** Whether the status is 410: the destination wants no more events. */
  gone: boolean;
  /** The `Retry-After` of a 429 or 503, milliseconds; null if there is none, or an unreadable one. */
  holdMs: number | null;
  /**
   * Set where a receiver that comes by itself was not there: `unsent`, before anything was sent, so that this was no
   * attempt; or `left`, before it answered. That says nothing about its health.
   */
  missed?: Missed;
  /** Set where the attempt shared a call that failed, and another one of its destination counts for the breaker. */
  uncounted?: true;
}

/** The parts of a `Response` that decide the outcome. */
export interface DestinationAnswer {
  status: number;
  headers: { get(name: string): string | null };
}

const maxHoldMs = 24 * 60 * 60 * 1000;

/**
 * The outcome of an attempt with an answer.
 * @param response the first text of the answer, already masked
 * @param at start of the attempt, Unix milliseconds
 * @param now end of the attempt, Unix milliseconds
 * @param mask removes secrets from a text of the answer
 * @param fault why a 2xx answer is no success for the rule, as the rest of a sentence; null: it is one
 */
export function answered(
  answer: DestinationAnswer,
  response: string,
  at: number,
  now: number,
  mask: (text: string) => string = (text) => text,
  fault: Sentence | null = null,
): Outcome {
  const { status, headers } = answer;
  const delivered = status >= 200 && status < 300 && fault === null;
  const holdMs = status === 429 || status === 503 ? holdOf(headers.get("retry-after"), now) : null;
  return {
    at,
    ms: Math.max(0, now - at),
    status,
    error: delivered ? null : complaint(status, headers.get("location"), holdMs, mask, fault),
    response: delivered ? null : response,
    delivered,
    alive: status < 500 && status !== 408 && status !== 429,
    gone: status === 410,
    holdMs,
  };
}

/** The outcome of an attempt whose message a binding has taken: as a success of HTTP. */
export function taken(at: number, now: number): Outcome {
  return answered({ status: 200, headers: new Headers() }, "", at, now);
}

/** The outcome of an attempt without an answer: `fetch` threw `error` at `now`. */
export function unanswered(error: unknown, at: number, now: number): Outcome {
  const ms = Math.max(0, now - at);
  return {
    at,
    ms,
    status: null,
    error: reasonOf(error, ms),
    response: null,
    delivered: false,
    alive: error instanceof Unfit,
    gone: false,
    holdMs: null,
    ...(error instanceof NoReceiver && { missed: error.missed }),
    ...(error instanceof CallFailed && !error.counts && { uncounted: true }),
  };
}

function complaint(
  status: number,
  location: string | null,
  holdMs: number | null,
  mask: (text: string) => string,
  fault: Sentence | null,
): Sentence {
  if (fault !== null) return say`answered ${status}, but ${fault}`;
  if (status >= 300 && status < 400) {
    // A relative location has no host of its own.
    const host = location && URL.parse(location, "https://itself")?.host;
    return host
      ? say`answered ${status} to ${mask(host).slice(0, 100)}: redirects are not followed`
      : say`answered ${status}: redirects are not followed`;
  }
  if (status === 410) return say`answered 410: it wants no more events`;
  if (status === 508) return say`answered 508: its url leads back to this gateway (a loop)`;
  if (holdMs !== null) return say`answered ${status} and asked to wait ${Math.ceil(holdMs / 1000)} s`;
  return say`answered ${status}`;
}

/**
 * The reason of a failure without its parts of the response: the target of a redirect, a field of the body, the
 * platform's words for the failure of a binding.
 */
export function withoutResponse(error: string): string {
  return error
    .replace(/ to \S+(?=: redirects are not followed$)/, "")
    .replace(/ is .*, and(?= should be )/s, "")
    .replace(/^(the \w+ failed): .*/s, "$1");
}

/** `Retry-After` in milliseconds from `now`: whole seconds, or a date (RFC 9110, 10.2.3). Any other text is ignored. */
function holdOf(retryAfter: string | null, now: number): number | null {
  const text = retryAfter?.replace(/^[ \t]+|[ \t]+$/g, "") ?? "";
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1000, maxHoldMs);
  const date = parseHttpDate(text, now);
  return date === null ? null : Math.min(Math.max(0, date - now), maxHoldMs);
}
