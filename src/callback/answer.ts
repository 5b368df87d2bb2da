/**
 * Our answers to Tencent. Status 200 with this JSON object is an answer; anything else is a failed callback.
 * https://cloud.tencent.com/document/product/269/1522
 */
import type { Field } from "./field.ts";
import type { Body } from "./json.ts";

/** A code that a command allows, or the two ends of a range of codes. */
export type Code = number | readonly [from: number, to: number];

/** The answer that a command expects. */
export interface AnswerSpec {
  /** The codes that the command allows; 0 lets the action go on. */
  readonly codes: readonly Code[];
  /** The code of the command's plain refusal; null where an answer decides nothing. */
  readonly refusal: number | null;
  /** The effect of the codes, as a sentence. */
  readonly note: string;
  /** Fields that an answer may carry besides the usual three; unless `demanded`, with code 0 only. */
  readonly fields: Readonly<Record<string, Field>>;
  /**
   * The fields that every answer must carry: a verdict, 0 or the refusal, for each target that the body names. The
   * answer's own code then decides nothing.
   */
  readonly demanded?: (body: Body, verdict: number) => Record<string, unknown>;
}

/** The answer to a callback whose answer Tencent ignores. */
export const acknowledged: AnswerSpec = {
  codes: [0],
  refusal: null,
  note: "Tencent ignores the answer.",
  fields: {},
};

export interface Answer {
  ActionStatus: "OK" | "FAIL";
  ErrorInfo: string;
  ErrorCode: number;
  [field: string]: unknown;
}

/** The verdict on one target, for example one friend request of several. */
export interface Item {
  To_Account: string;
  ResultCode: number;
  ResultInfo: string;
}

const ok: Answer = { ActionStatus: "OK", ErrorInfo: "", ErrorCode: 0 };

/** The answer to most callbacks, as text. */
export const okText = JSON.stringify(ok);

/** The text of an answer that confirms an event and, to a before-callback, lets the action go on. */
export function okAnswer(spec: AnswerSpec, body: Body): string {
  return spec.demanded === undefined ? okText : JSON.stringify({ ...ok, ...spec.demanded(body, 0) });
}

/** The command's own refusal; null for a command whose answer decides nothing. */
export function refusalOf(spec: AnswerSpec, body: Body): Answer | null {
  if (spec.refusal === null) return null;
  return spec.demanded === undefined
    ? { ...ok, ErrorCode: spec.refusal }
    : { ...ok, ...spec.demanded(body, spec.refusal) };
}

/** The text of the answer to a callback that was not accepted, with the reason as one sentence. */
export function failText(sentence: string): string {
  return JSON.stringify({ ActionStatus: "FAIL", ErrorInfo: sentence, ErrorCode: 1 } satisfies Answer);
}

/** Whether an answer refuses the action, or refuses it for at least one target. */
export function refuses(answer: Answer): boolean {
  if (answer.ErrorCode !== 0) return true;
  const items = Array.isArray(answer.ResultItem) ? answer.ResultItem : [];
  return items.some((item: { ResultCode?: unknown } | null) => (item?.ResultCode ?? 0) !== 0);
}

/** Whether the field lists accounts that are refused while the action goes on for all other accounts. */
export function isRefusalList(name: string): boolean {
  return name.startsWith("Refused");
}
