/**
 * What Tencent wants to hear back. Status 200 and this JSON object count as an answer; all else is a failed
 * callback. https://cloud.tencent.com/document/product/269/1522
 */

import type * as v from "valibot";
import type { Issue } from "./event.ts";
import { issuesOf } from "./issue.ts";

type Body = Readonly<Record<string, unknown>>;

/** A code that a command allows, or both ends of a range of them. */
export type Code = number | readonly [from: number, to: number];

/** How a command wants to be answered. */
export interface AnswerSpec {
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
export const acknowledged: AnswerSpec = {
  codes: [0],
  refusal: null,
  note: "The answer is read by nobody.",
  fields: {},
};

export interface Answer {
  ActionStatus: "OK" | "FAIL";
  ErrorInfo: string;
  ErrorCode: number;
  [field: string]: unknown;
}

/** A verdict on one target. */
export interface Item {
  To_Account: string;
  ResultCode: number;
  ResultInfo?: string;
}

const ok: Answer = { ActionStatus: "OK", ErrorInfo: "", ErrorCode: 0 };

/** The answer to most callbacks, as text: made once. */
export const okText = JSON.stringify(ok);

/** The answer that takes note of an event and, to a before-callback, lets the action go on. */
export function okAnswer(form: AnswerSpec, body: Body): string {
  return form.demanded === undefined ? okText : JSON.stringify({ ...ok, ...form.demanded(body, 0) });
}

/** The command's own refusal; null where an answer decides nothing. */
export function refusalOf(form: AnswerSpec, body: Body): Answer | null {
  if (form.refusal === null) return null;
  return form.demanded === undefined
    ? { ...ok, ErrorCode: form.refusal }
    : { ...ok, ...form.demanded(body, form.refusal) };
}

/** The answer to a callback that was not accepted, with one sentence saying why. */
export function failText(sentence: string): string {
  return JSON.stringify({ ActionStatus: "FAIL", ErrorInfo: sentence, ErrorCode: 1 } satisfies Answer);
}

/** An answer as it counts; `odd` names the parts that were left out. Or the reason why it is none. */
export type ReadAnswer = { ok: Answer; odd?: string } | { problem: string };

/** Fields that mean something in the answer to one command or another: they rewrite, reply or refuse. */
export const meaningful: ReadonlySet<string> = new Set([
  "MsgBody",
  "CloudCustomData",
  "RspData",
  "RefusedMembers_Account",
  "RefusedSubscribers_Account",
  "ResultItem",
]);

/**
 * Reads an answer: the codes and fields that the command allows count, and odd parts are left out.
 *
 * A refusal stands beside any odd part, because to let a refused action go on is the worse mistake. A consent stands
 * too, unless the odd part could have changed or refused something. Then the answer is none, and so it is without a
 * code that can be read.
 *
 * A refusal is handed on with `ActionStatus` OK, as Tencent's own samples are: what FAIL would do is not described.
 *
 * @param body the callback's: elements of its message that come back unchanged are right, however odd
 */
export function readAnswer(form: AnswerSpec, value: unknown, body: Body = {}): ReadAnswer {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { problem: "the answer is not a JSON object" };
  const { ActionStatus, ErrorCode, ErrorInfo, ...fields } = value as Record<string, unknown>;
  const odd: string[] = [];
  const answer: Answer = { ActionStatus: "OK", ErrorInfo: "", ErrorCode: 0 };

  if (typeof ErrorInfo === "string") answer.ErrorInfo = ErrorInfo;
  else if (ErrorInfo !== undefined) odd.push("ErrorInfo is not a text");

  if (form.demanded) {
    const read = readItems(form, fields.ResultItem);
    if ("problem" in read) return read;
    answer.ResultItem = read.items;
    odd.push(...read.odd);
  }

  const code = wholeNumber(ErrorCode);
  const wrong = codeProblem(form, ErrorCode, code);
  if (wrong === null) answer.ErrorCode = code!;
  // Where each target has its verdict, the answer's own code decides nothing.
  else if (refuses(answer)) odd.push(wrong);
  else return { problem: wrong };
  if (code !== null && typeof ErrorCode !== "number") odd.push("ErrorCode is a text");

  const stopped = refuses(answer);
  const status = statusProblem(ActionStatus, stopped);
  if (status !== null) {
    if (!stopped && !isBlank(ActionStatus)) return { problem: status };
    odd.push(status);
  }

  for (const [name, field] of Object.entries(fields)) {
    if (Object.hasOwn(answer, name)) continue;
    const schema = Object.hasOwn(form.fields, name) ? form.fields[name] : undefined;
    if (schema === undefined) {
      const sentence = `${name.slice(0, 64)} is not allowed here`;
      if (!stopped && meaningful.has(name) && !isEmpty(name, field)) return { problem: sentence };
      odd.push(sentence);
    } else if (field === null) odd.push(`${name} is null`);
    else if (answer.ErrorCode !== 0) odd.push(`${name} is allowed with ErrorCode 0 only`);
    else {
      const read = name.startsWith("Refused")
        ? readAccounts(name, field)
        : readField(name, schema, field, body);
      if ("problem" in read) return read;
      answer[name] = read.field;
      odd.push(...read.odd);
    }
  }
  return odd.length === 0 ? { ok: answer } : { ok: answer, odd: odd.join("; ") };
}

/** A text of digits can mean no other number. */
function wholeNumber(value: unknown): number | null {
  if (typeof value === "string" && /^-?\d{1,10}$/.test(value)) return Number(value);
  return typeof value === "number" && Number.isInteger(value) ? value : null;
}

function codeProblem(form: AnswerSpec, given: unknown, code: number | null): string | null {
  if (given === undefined || given === null) return "ErrorCode is missing";
  if (code === null) return "ErrorCode is not a whole number";
  if (form.codes.some((one) => covers(one, code))) return null;
  return `ErrorCode ${code} is not allowed here, but ${form.codes.map(written).join(", ")}`;
}

function statusProblem(given: unknown, stopped: boolean): string | null {
  if (given === undefined || given === "OK" || (given === "FAIL" && stopped)) return null;
  return given === "FAIL"
    ? "ActionStatus FAIL contradicts ErrorCode 0"
    : "ActionStatus is neither OK nor FAIL";
}

/** A status that says nothing, or OK in its own way. */
function isBlank(status: unknown): boolean {
  return status === null || (typeof status === "string" && /^\s*(ok)?\s*$/i.test(status));
}

/** Many backends write every field of their answer, empty or not. An empty message is odd all the same. */
function isEmpty(name: string, field: unknown): boolean {
  const empty = Array.isArray(field) && field.length === 0 && name !== "MsgBody";
  return empty || field === null || field === "";
}

type ReadField = { field: unknown; odd: string[] } | { problem: string };

function readField(name: string, schema: v.GenericSchema, field: unknown, body: Body): ReadField {
  const isMessage = name === "MsgBody" && Array.isArray(field);
  // A message without elements is no message to put in another's place.
  if (isMessage && field.length === 0) return { problem: "MsgBody: is empty" };
  const [issue] = issuesOf(schema, isMessage ? withoutEchoes(field, body.MsgBody) : field, true);
  return issue ? { problem: sentenceOf(name, issue) } : { field, odd: [] };
}

/** The message with a plain element in place of each that stands in the callback's own message. */
function withoutEchoes(message: readonly unknown[], own: unknown): unknown[] {
  const echoes = new Set(Array.isArray(own) ? own.map(canonical) : []);
  return message.map((element) => {
    const text = canonical(element);
    return text !== null && echoes.has(text) ? { MsgType: "", MsgContent: {} } : element;
  });
}

/**
 * The same text for the same value: libraries put the keys of an object in an order of their own. Null for a value
 * nested so deeply that the stack ends: nothing can write it again, so it has no echo.
 */
function canonical(value: unknown): string | null {
  try {
    return JSON.stringify(value, (_key, one) =>
      typeof one === "object" && one !== null && !Array.isArray(one)
        ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
        : one,
    );
  } catch {
    return null;
  }
}

/** A list of refused accounts. Each account that can be read is refused, whatever stands beside it. */
function readAccounts(name: string, field: unknown): ReadField {
  if (!Array.isArray(field)) return { problem: `${name}: is not an array` };
  const odd: string[] = [];
  const accounts = field.flatMap((one, index) => {
    if (typeof one === "string") return [one];
    odd.push(`${name}[${index}] is not a text`);
    return Number.isSafeInteger(one) ? [String(one)] : [];
  });
  if (accounts.length === 0 && field.length > 0) return { problem: odd[0]! };
  return { field: accounts, odd };
}

/**
 * A verdict for each target. An item that cannot be read takes nothing from the refusal of another target; beside
 * consents alone it makes the answer none. Of two verdicts on one target the refusal counts.
 */
function readItems(form: AnswerSpec, given: unknown): { items: Item[]; odd: string[] } | { problem: string } {
  if (given === undefined || given === null) return { problem: "ResultItem is missing" };
  const schema = form.fields.ResultItem!;
  if (!Array.isArray(given) || given.length === 0)
    return { problem: sentenceOf("ResultItem", issuesOf(schema, given, true)[0]!) };
  const odd: string[] = [];
  const unreadable: string[] = [];
  const items = new Map<string, Item>();
  given.forEach((one, index) => {
    const { item, note } = tidied(one);
    const [issue] = issuesOf(schema, [item], true);
    const at = `ResultItem[${index}]`;
    if (issue) {
      unreadable.push(sentenceOf(at, { ...issue, path: issue.path.replace(/^\[0\]\.?/, "") }));
      return;
    }
    const read = item as unknown as Item;
    // A rounded number may be another account.
    if (typeof read.To_Account !== "string") {
      unreadable.push(`${at}.To_Account is a number beyond 2^53`);
      return;
    }
    if (note) odd.push(`${at}${note}`);
    if ((items.get(read.To_Account)?.ResultCode ?? 0) === 0) items.set(read.To_Account, read);
  });
  const read = [...items.values()];
  if (unreadable.length > 0 && !read.some(({ ResultCode }) => ResultCode !== 0))
    return { problem: unreadable[0]! };
  return { items: read, odd: [...unreadable, ...odd] };
}

/** An item in the form that Tencent describes; `note` names the part of it that was odd. */
function tidied(given: unknown): { item: unknown; note: string | null } {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return { item: given, note: null };
  const { To_Account, ResultCode, ResultInfo, ...more } = given as Record<string, unknown>;
  const item = {
    To_Account: Number.isSafeInteger(To_Account) ? String(To_Account) : To_Account,
    ResultCode: wholeNumber(ResultCode) ?? ResultCode,
    ...(typeof ResultInfo === "string" && { ResultInfo }),
  };
  const [other] = Object.keys(more);
  if (other !== undefined) return { item, note: `.${other.slice(0, 64)} is not allowed here` };
  if (item.To_Account !== To_Account) return { item, note: ".To_Account is not a text" };
  if (item.ResultCode !== ResultCode) return { item, note: ".ResultCode is a text" };
  if (ResultInfo !== undefined && !("ResultInfo" in item)) return { item, note: ".ResultInfo is not a text" };
  return { item, note: null };
}

/** Whether an answer stops what was about to happen, to anyone. */
export function refuses(answer: Answer): boolean {
  if (answer.ErrorCode !== 0) return true;
  const items = Array.isArray(answer.ResultItem) ? answer.ResultItem : [];
  return items.some((item: { ResultCode?: unknown } | null) => (item?.ResultCode ?? 0) !== 0);
}

function covers(code: Code, candidate: number): boolean {
  return typeof code === "number" ? code === candidate : code[0] <= candidate && candidate <= code[1];
}

function written(code: Code): string {
  return typeof code === "number" ? String(code) : `${code[0]} to ${code[1]}`;
}

function sentenceOf(name: string, { path, message }: Issue): string {
  return `${name}${path === "" || path.startsWith("[") ? path : `.${path}`}: ${message}`;
}
