/** Reads the answer of a backend or a rule as the verdict on a before-callback. */

import { inTurn, type Sentence, say } from "../sentence.ts";
import { type Answer, type AnswerSpec, type Code, type Item, isRefusalList, refuses } from "./answer.ts";
import type { Issue } from "./event.ts";
import type { Field } from "./field.ts";
import { issuesOf } from "./issue.ts";
import type { Body } from "./json.ts";

/** An answer without its odd parts, which `odd` names; or the reason why it cannot be read as a verdict. */
export type ReadAnswer = { ok: Answer; odd?: Sentence } | { problem: Sentence };

/** Fields that have an effect in the answer to some command: they rewrite, reply or refuse. */
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
 * A refusal stays a refusal with any odd part: to let a refused action go on would be the worse mistake. A consent stays
 * a consent unless the odd part could have changed or refused something; then the answer is no verdict. An answer whose
 * code cannot be read is no verdict either.
 *
 * A refusal is passed on with `ActionStatus` OK, as in Tencent's own samples: the effect of FAIL is not documented.
 *
 * @param body the callback's body: elements of its message that come back unchanged are accepted, however odd
 */
export function readAnswer(spec: AnswerSpec, value: unknown, body: Body = {}): ReadAnswer {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { problem: say`the answer is not a JSON object` };
  const { ActionStatus, ErrorCode, ErrorInfo, ...fields } = value as Record<string, unknown>;
  const odd: Sentence[] = [];
  const answer: Answer = { ActionStatus: "OK", ErrorInfo: "", ErrorCode: 0 };

  if (typeof ErrorInfo === "string") answer.ErrorInfo = ErrorInfo;
  else if (ErrorInfo !== undefined) odd.push(say`ErrorInfo is not a text`);

  if (spec.demanded) {
    const read = readItems(spec, fields.ResultItem);
    if ("problem" in read) return read;
    answer.ResultItem = read.items;
    odd.push(...read.odd);
  }

  const code = wholeNumber(ErrorCode);
  const wrong = codeProblem(spec, ErrorCode, code);
  if (wrong === null) answer.ErrorCode = code!;
  // Where each target has a verdict of its own, the answer's code decides nothing.
  else if (refuses(answer)) odd.push(wrong);
  else return { problem: wrong };
  if (code !== null && typeof ErrorCode !== "number") odd.push(say`ErrorCode is a text`);

  const stopped = refuses(answer);
  const status = statusProblem(ActionStatus, stopped);
  if (status !== null) {
    if (!stopped && !isBlank(ActionStatus)) return { problem: status };
    odd.push(status);
  }

  const more = readFields(fields, answer, spec, body);
  if ("problem" in more) return more;
  odd.push(...more.odd);
  return odd.length === 0 ? { ok: answer } : { ok: answer, odd: inTurn(odd) };
}

/** Reads the fields of an answer besides the usual three, and adds those that count to it. */
function readFields(
  fields: Readonly<Record<string, unknown>>,
  answer: Answer,
  spec: AnswerSpec,
  body: Body,
): { odd: Sentence[] } | { problem: Sentence } {
  const stopped = refuses(answer);
  const odd: Sentence[] = [];
  for (const [name, field] of Object.entries(fields)) {
    if (Object.hasOwn(answer, name)) continue;
    const schema = Object.hasOwn(spec.fields, name) ? spec.fields[name] : undefined;
    if (schema === undefined) {
      const sentence = say`${name.slice(0, 64)} is not allowed here`;
      if (!stopped && meaningful.has(name) && !isEmpty(name, field)) return { problem: sentence };
      odd.push(sentence);
    } else if (field === null) odd.push(say`${name} is null`);
    else if (answer.ErrorCode !== 0) odd.push(say`${name} is allowed with ErrorCode 0 only`);
    else {
      const read = isRefusalList(name) ? readAccounts(name, field) : readField(name, schema, field, body);
      if ("problem" in read) return read;
      answer[name] = read.field;
      odd.push(...read.odd);
    }
  }
  return { odd };
}

/** A whole number, also as a text of digits; null for any other value. */
function wholeNumber(value: unknown): number | null {
  if (typeof value === "string" && /^-?\d{1,10}$/.test(value)) return Number(value);
  return typeof value === "number" && Number.isInteger(value) ? value : null;
}

function codeProblem(spec: AnswerSpec, given: unknown, code: number | null): Sentence | null {
  if (given === undefined || given === null) return say`ErrorCode is missing`;
  if (code === null) return say`ErrorCode is not a whole number`;
  if (spec.codes.some((one) => covers(one, code))) return null;
  return say`ErrorCode ${code} is not allowed here, but ${spec.codes.map(codeText).join(", ")}`;
}

function statusProblem(given: unknown, stopped: boolean): Sentence | null {
  if (given === undefined || given === "OK" || (given === "FAIL" && stopped)) return null;
  return given === "FAIL"
    ? say`ActionStatus FAIL contradicts ErrorCode 0`
    : say`ActionStatus is neither OK nor FAIL`;
}

/** Whether a status is empty, or `OK` in another spelling. */
function isBlank(status: unknown): boolean {
  return status === null || (typeof status === "string" && /^\s*(ok)?\s*$/i.test(status));
}

/** Many backends write all fields of their answer, also empty ones. An empty message is still odd. */
function isEmpty(name: string, field: unknown): boolean {
  const empty = Array.isArray(field) && field.length === 0 && name !== "MsgBody";
  return empty || field === null || field === "";
}

type ReadField = { field: unknown; odd: Sentence[] } | { problem: Sentence };

function readField(name: string, schema: Field, field: unknown, body: Body): ReadField {
  const isMessage = name === "MsgBody" && Array.isArray(field);
  // A message without elements cannot replace the callback's message.
  if (isMessage && field.length === 0) return { problem: say`MsgBody: is empty` };
  const [issue] = issuesOf(schema, isMessage ? withoutEchoes(field, body.MsgBody) : field, true);
  return issue ? { problem: sentenceOf(name, issue) } : { field, odd: [] };
}

/** The message, with a plain element in place of each element that the callback's own message holds too. */
function withoutEchoes(message: readonly unknown[], own: unknown): unknown[] {
  const echoes = new Set(Array.isArray(own) ? own.map(canonical) : []);
  return message.map((element) => {
    const text = canonical(element);
    return text !== null && echoes.has(text) ? { MsgType: "", MsgContent: {} } : element;
  });
}

/**
 * A text that is equal for equal values, in any order of an object's keys: JSON libraries reorder them. Null for a
 * value that is nested too deeply to be written.
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

/** A list of refused accounts. Every account that can be read is refused; other elements are odd. */
function readAccounts(name: string, field: unknown): ReadField {
  if (!Array.isArray(field)) return { problem: say`${name}: is not an array` };
  const odd: Sentence[] = [];
  const accounts = field.flatMap((one, index) => {
    if (typeof one === "string") return [one];
    odd.push(say`${name}[${index}] is not a text`);
    return Number.isSafeInteger(one) ? [String(one)] : [];
  });
  if (accounts.length === 0 && field.length > 0) return { problem: odd[0]! };
  return { field: accounts, odd };
}

/**
 * The verdicts on the targets. An unreadable item does not affect the refusal of another target; among consents only, it
 * makes the answer no verdict. Of two verdicts on one target the refusal counts.
 */
function readItems(
  spec: AnswerSpec,
  given: unknown,
): { items: Item[]; odd: Sentence[] } | { problem: Sentence } {
  if (given === undefined || given === null) return { problem: say`ResultItem is missing` };
  const schema = spec.fields.ResultItem!;
  if (!Array.isArray(given) || given.length === 0)
    return { problem: sentenceOf("ResultItem", issuesOf(schema, given, true)[0]!) };
  const odd: Sentence[] = [];
  const unreadable: Sentence[] = [];
  const items = new Map<string, Item>();
  given.forEach((one, index) => {
    const at = `ResultItem[${index}]`;
    const { item, note } = tidied(one, at);
    const [issue] = issuesOf(schema, [item], true);
    if (issue) {
      unreadable.push(sentenceOf(at, { ...issue, path: issue.path.replace(/^\[0\]\.?/, "") }));
      return;
    }
    const read = item as unknown as Item;
    // A rounded number may be another account.
    if (typeof read.To_Account !== "string") {
      unreadable.push(say`${at}.To_Account is a number beyond 2^53`);
      return;
    }
    if (note) odd.push(note);
    if ((items.get(read.To_Account)?.ResultCode ?? 0) === 0) items.set(read.To_Account, read);
  });
  const read = [...items.values()];
  if (unreadable.length > 0 && !read.some(({ ResultCode }) => ResultCode !== 0))
    return { problem: unreadable[0]! };
  return { items: read, odd: [...unreadable, ...odd] };
}

/** An item in the form that Tencent documents; `note` names its first odd part. */
function tidied(given: unknown, at: string): { item: unknown; note: Sentence | null } {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return { item: given, note: null };
  const { To_Account, ResultCode, ResultInfo, ...more } = given as Record<string, unknown>;
  const item = {
    To_Account: Number.isSafeInteger(To_Account) ? String(To_Account) : To_Account,
    ResultCode: wholeNumber(ResultCode) ?? ResultCode,
    // Tencent demands it: without it the whole answer might not count.
    ResultInfo: typeof ResultInfo === "string" ? ResultInfo : "",
  };
  const [other] = Object.keys(more);
  if (other !== undefined) return { item, note: say`${at}.${other.slice(0, 64)} is not allowed here` };
  if (item.To_Account !== To_Account) return { item, note: say`${at}.To_Account is not a text` };
  if (item.ResultCode !== ResultCode) return { item, note: say`${at}.ResultCode is a text` };
  if (ResultInfo !== undefined && item.ResultInfo !== ResultInfo)
    return { item, note: say`${at}.ResultInfo is not a text` };
  return { item, note: null };
}

function covers(code: Code, candidate: number): boolean {
  return typeof code === "number" ? code === candidate : code[0] <= candidate && candidate <= code[1];
}

function codeText(code: Code): string {
  return typeof code === "number" ? String(code) : say`${code[0]} to ${code[1]}`;
}

function sentenceOf(name: string, { path, message }: Issue): Sentence {
  const at = name + (path === "" || path.startsWith("[") ? path : `.${path}`);
  return say`${at}: ${message}`;
}
