/**
 * What Tencent wants to hear back. Status 200 and this JSON object count as an answer; all else is a failed
 * callback. https://cloud.tencent.com/document/product/269/1522
 */

import type * as v from "valibot";
import { documented } from "#documented";
import { issuesOf } from "./issue.ts";

type Body = Readonly<Record<string, unknown>>;

/** A code that a command allows, or both ends of a range of them. */
export type Code = number | readonly [from: number, to: number];

/** How a command wants to be answered. */
export interface AnswerForm {
  /** Codes that mean something to this command; 0 lets things go on. */
  readonly codes: readonly Code[];
  /** The code of the command's plain refusal; null where an answer decides nothing. */
  readonly refusal: number | null;
  /** What the codes do, for people. */
  readonly note: string;
  /** Fields that an answer may carry beside the usual three; unless demanded, with code 0 only. */
  readonly fields: Readonly<Record<string, v.GenericSchema>>;
  /**
   * The fields that every answer must carry: here a verdict of its own for each target that the body names,
   * 0 or the refusal, while the code of the answer decides nothing.
   */
  readonly demanded?: (body: Body, verdict: number) => Record<string, unknown>;
}

/** The answer is read by nobody. */
export const acknowledged: AnswerForm = {
  codes: [0],
  refusal: null,
  note: documented("The answer is read by nobody."),
  fields: {},
};

export interface Answer {
  ActionStatus: "OK" | "FAIL";
  ErrorInfo: string;
  ErrorCode: number;
  [field: string]: unknown;
}

const ok: Answer = { ActionStatus: "OK", ErrorInfo: "", ErrorCode: 0 };

/** The answer to most callbacks, as text: made once. */
export const okText = JSON.stringify(ok);

/** The answer that takes note of an event and, to a before-callback, lets the action go on. */
export function okAnswer(form: AnswerForm, body: Body): string {
  return form.demanded === undefined ? okText : JSON.stringify({ ...ok, ...form.demanded(body, 0) });
}

/** The command's own refusal; null where an answer decides nothing. */
export function refusalOf(form: AnswerForm, body: Body): Answer | null {
  if (form.refusal === null) return null;
  return form.demanded === undefined
    ? { ...ok, ErrorCode: form.refusal }
    : { ...ok, ...form.demanded(body, form.refusal) };
}

/** The answer to a callback that was not accepted, with one sentence saying why. */
export function failText(sentence: string): string {
  return JSON.stringify({ ActionStatus: "FAIL", ErrorInfo: sentence, ErrorCode: 1 } satisfies Answer);
}

/**
 * Reads an answer strictly: what the command does not allow is a problem, and says which. `ActionStatus` and
 * `ErrorInfo` may be left out. A refusal is handed on with `ActionStatus` OK, as Tencent's own samples are:
 * what FAIL would do is not described.
 */
export function readAnswer(form: AnswerForm, value: unknown): { ok: Answer } | { problem: string } {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { problem: "the answer is not a JSON object" };
  const { ActionStatus = "OK", ErrorCode, ErrorInfo = "", ...fields } = value as Record<string, unknown>;

  if (typeof ErrorCode !== "number" || !Number.isInteger(ErrorCode))
    return { problem: `ErrorCode ${ErrorCode === undefined ? "is missing" : "is not a whole number"}` };
  if (!form.codes.some((code) => covers(code, ErrorCode)))
    return {
      problem: `ErrorCode ${ErrorCode} is not allowed here, but ${form.codes.map(written).join(", ")}`,
    };
  if (typeof ErrorInfo !== "string") return { problem: "ErrorInfo is not a text" };
  if (ActionStatus !== "OK" && ActionStatus !== "FAIL")
    return { problem: "ActionStatus is neither OK nor FAIL" };
  if (ActionStatus === "FAIL" && ErrorCode === 0)
    return { problem: "ActionStatus FAIL contradicts ErrorCode 0" };

  const demanded = Object.keys(form.demanded?.({}, 0) ?? {});
  for (const name of demanded) if (!(name in fields)) return { problem: `${name} is missing` };
  for (const [name, field] of Object.entries(fields)) {
    const schema = Object.hasOwn(form.fields, name) ? form.fields[name] : undefined;
    if (schema === undefined) return { problem: `${name.slice(0, 64)} is not allowed here` };
    if (ErrorCode !== 0 && !demanded.includes(name))
      return { problem: `${name} is allowed with ErrorCode 0 only` };
    const [issue] = issuesOf(schema, field, true);
    if (issue) return { problem: `${name}${joined(issue.path)}: ${issue.message}` };
  }
  return { ok: { ActionStatus: "OK", ErrorInfo, ErrorCode, ...fields } };
}

/** Whether an answer stops what was about to happen, to anyone. */
export function refuses(answer: Answer): boolean {
  if (answer.ErrorCode !== 0) return true;
  const items = Array.isArray(answer.ResultItem) ? answer.ResultItem : [];
  return items.some((item: { ResultCode?: unknown } | null) => (item?.ResultCode ?? 0) !== 0);
}

export function covers(code: Code, candidate: number): boolean {
  return typeof code === "number" ? code === candidate : code[0] <= candidate && candidate <= code[1];
}

function written(code: Code): string {
  return typeof code === "number" ? String(code) : `${code[0]} to ${code[1]}`;
}

function joined(path: string): string {
  return path === "" || path.startsWith("[") ? path : `.${path}`;
}
