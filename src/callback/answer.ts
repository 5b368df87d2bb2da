/**
 * What Tencent wants to hear back. Status 200 and this JSON object count as an answer; all else is a failed
 * callback. https://cloud.tencent.com/document/product/269/1522
 */

/** A code that a command allows, or both ends of a range of them. */
export type Code = number | readonly [from: number, to: number];

/** How a command wants to be answered. */
export interface AnswerForm {
  /** Codes that mean something to this command; 0 lets things go on. */
  readonly codes: readonly Code[];
  /** The code of the command's plain refusal; null where an answer decides nothing. */
  readonly refusal: number | null;
  /** Fields that an answer may carry beside the usual three. */
  readonly fields: readonly string[];
  /** Fields that every answer must carry, in the form that lets the action go on. */
  readonly demanded?: (body: Readonly<Record<string, unknown>>) => Record<string, unknown>;
}

/** The answer is read by nobody. */
export const acknowledged: AnswerForm = { codes: [0], refusal: null, fields: [] };

export interface Answer {
  ActionStatus: "OK" | "FAIL";
  ErrorInfo: string;
  ErrorCode: number;
}

/** The answer to most callbacks, as text: made once. */
export const okText = JSON.stringify({ ActionStatus: "OK", ErrorInfo: "", ErrorCode: 0 } satisfies Answer);

/** The answer that takes note of an event and, to a before-callback, lets the action go on. */
export function okAnswer(form: AnswerForm, body: Readonly<Record<string, unknown>>): string {
  if (form.demanded === undefined) return okText;
  const answer: Answer = { ActionStatus: "OK", ErrorInfo: "", ErrorCode: 0 };
  return JSON.stringify({ ...answer, ...form.demanded(body) });
}

/** The answer to a callback that was not accepted, with one sentence saying why. */
export function failText(sentence: string): string {
  return JSON.stringify({ ActionStatus: "FAIL", ErrorInfo: sentence, ErrorCode: 1 } satisfies Answer);
}
