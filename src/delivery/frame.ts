/** The frames of a listener's WebSocket: each is a text, and holds one JSON object. */
import { mistakeIn } from "../callback/json-mistake.ts";
import { got, isObject } from "../rule/json.ts";
import { nearestOf } from "../rule/nearest.ts";
import { say } from "../sentence.ts";
import type { Missed } from "./no-answer.ts";

/** A request as a listener gets it. */
export interface FramedRequest {
  /** The `webhook-id`: the answer repeats it. */
  id: string;
  /** `ask`: the answer is a verdict. */
  kind: "event" | "ask";
  /** The headers of the request by HTTP, names in lower case. */
  headers: Readonly<Record<string, string>>;
  /** With `"format": "raw"`, the query of the request: Tencent's own. */
  query?: string;
  body: string;
  /** The time for the answer, milliseconds. */
  deadlineMs: number;
}

/** The answer of a listener. */
export interface FramedAnswer {
  id: string;
  /** From 200 to 599. */
  status: number;
  /** Names as they were given. */
  headers: Record<string, string>;
  body: string;
}

/**
 * The end of a request. `late`: no answer came in time. `unsent`: no listener was there. `left`: the listener went,
 * or another one took its place, before it answered.
 */
export type Exchanged = { kind: "answered"; answer: Omit<FramedAnswer, "id"> } | { kind: "late" | Missed };

/** Characters of an answer, at most: a verdict takes 64 KB, and of other answers less is kept. */
const longestAnswer = 256 * 1024;

const known = ["id", "status", "headers", "body"];

const expected = 'expected {"id", "status", "headers"?, "body"?}';

/** Reads a frame of a listener. A text: the mistake in it, which repeats no value. */
export function readAnswerFrame(text: string): FramedAnswer | string {
  if (text.length > longestAnswer) return `the frame is longer than ${longestAnswer} characters`;
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return `${mistakeIn(text, say`the frame`)}: ${expected}`;
  }
  if (!isObject(frame)) return `the frame is no JSON object: ${expected}`;
  const unknown = Object.keys(frame).find((key) => !known.includes(key));
  if (unknown !== undefined)
    return `${JSON.stringify(unknown.slice(0, 40))}: is no key of an answer: did you mean ${nearestOf(unknown.slice(0, 40), known)}?`;
  const { id, status } = frame;
  const headers = frame.headers ?? {};
  const body = frame.body ?? "";
  if (typeof id !== "string") return `id: expected the id of the request, a text, ${got(id)}`;
  if (!Number.isInteger(status) || (status as number) < 200 || (status as number) > 599)
    return "status: expected a whole number from 200 to 599";
  if (!isObject(headers) || Object.values(headers).some((value) => typeof value !== "string"))
    return "headers: expected an object of texts";
  try {
    new Headers(headers as Record<string, string>);
  } catch {
    return "headers: a name or a value is none that HTTP allows";
  }
  if (typeof body !== "string") return `body: expected a text, ${got(body)}`;
  return { id, status: status as number, headers: headers as Record<string, string>, body };
}

/** Tells a listener of a mistake. Its connection goes on. */
export function errorFrame(code: string, message: string): string {
  return JSON.stringify({ kind: "error", error: { code, message } });
}

/** The last frame to a listener whose place another one has taken. */
export const replacedFrame = JSON.stringify({ kind: "replaced" });
