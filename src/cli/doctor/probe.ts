/**
 * Probes of the callback URL. The body is `{}`, as the console's check sends it. The gateway answers OK where the
 * signature is right, and neither keeps nor forwards anything. Only a wrong signature leaves a trace: it is counted.
 */
import { randomBytes } from "node:crypto";
import { callbackUrl } from "../example.ts";

export interface ProbeAnswer {
  /** Null without an answer. */
  status: number | null;
  /** The gateway's sentence, or the reason why there was no answer; empty where it accepted. */
  says: string;
  /** The difference between the answer's header `date` and our clock, to the second; null without one. */
  clockOffMs: number | null;
}

export interface CallbackTarget {
  /** The callback URL. */
  url: string;
  /** Null: not known here, and left out. */
  app: string | null;
}

const unaccepted = "its signature, or the time of it, is not accepted";

/** Longer than the 2 s after which Tencent gives up. Milliseconds. */
const timeoutMs = 5_000;

/** @param token signs it; null: a token that no gateway has */
export async function probe(
  { url, app }: CallbackTarget,
  token: string | null,
  now: number,
): Promise<ProbeAnswer> {
  const signing = token ?? randomBytes(32).toString("hex");
  const target = new URL(callbackUrl({ url, app: app ?? "", token: signing }, "State.StateChange", now));
  if (app === null) target.searchParams.delete("SdkAppid");
  try {
    const response = await fetch(target, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const date = Date.parse(response.headers.get("date") ?? "");
    // The header names the second that has begun.
    const clockOffMs = Number.isNaN(date) ? null : date + 500 - Date.now();
    const says = sentenceIn(await response.text());
    // A probe without app is answered OK where its signature is right. Else the gateway names the app first.
    const isUnsigned = app === null && says.startsWith("SdkAppid is missing");
    return { status: response.status, says: isUnsigned ? unaccepted : says, clockOffMs };
  } catch (error) {
    return { status: null, says: error instanceof Error ? error.message : String(error), clockOffMs: null };
  }
}

/** The `ErrorInfo` of an answer in Tencent's form; else that it has another. */
function sentenceIn(text: string): string {
  try {
    const { ErrorInfo } = JSON.parse(text);
    if (typeof ErrorInfo === "string") return ErrorInfo.slice(0, 200);
  } catch {}
  return "the answer has another form than one to a callback";
}

/** By how much the gateway found `RequestTime` off, seconds; null: it did not say so. */
export function secondsOff({ says }: ProbeAnswer): number | null {
  const [, seconds] = /^RequestTime is (\d+) s off/.exec(says) ?? [];
  return seconds === undefined ? null : Number(seconds);
}

/** A refusal within a sentence: `is answered 403: Sign is missing from the URL`. */
export function refusalOf({ status, says }: ProbeAnswer): string {
  if (status === null) return `gets no answer: ${says}`;
  const hint = status === 404 || status === 405 ? " (is CALLBACK_PATH another one?)" : "";
  return `is answered ${status}${hint}: ${says}`;
}
