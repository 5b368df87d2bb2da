/** Callbacks as Tencent sends them: their query, and bodies with fresh times and ids. */
import { type Sentence, say } from "../sentence.ts";

type Fields = Record<string, unknown>;

/** The signature of a callback, and the Unix seconds that it signs. */
export interface Signature {
  Sign: string;
  RequestTime: string;
}

/**
 * The parameters of a callback, in the order that Tencent's documents show.
 * @param signature null: unsigned
 */
export function exampleQuery(app: string, command: string, signature: Signature | null) {
  return {
    SdkAppid: app,
    CallbackCommand: command,
    contenttype: "json",
    ClientIP: "203.0.113.7",
    OptPlatform: "Android",
    ...signature,
  };
}

/**
 * A body as if it happened at `nowMs`. Times and identifying fields are new, so that bodies with different times are
 * never duplicates.
 * @param chance returns a number from 0 to 1, without 1
 */
export function freshBody(body: object, nowMs: number, chance: () => number): Fields {
  const number = () => Math.floor(1 + chance() * (2 ** 31 - 1));
  const renew: Readonly<Record<string, (old: unknown) => unknown>> = {
    EventTime: (old) => timeLike(old, nowMs),
    MsgTime: (old) => timeLike(old, nowMs),
    MsgSeq: (old) => like(old, number()),
    Random: (old) => like(old, number()),
    TaskId: (old) => `${old}-${number()}`,
    MsgKey: () => `${number()}_${number()}_${Math.floor(nowMs / 1000)}`,
  };
  const renewed = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((item) => renewed(item, ""));
    if (isObject(value)) return fieldsOf(value);
    return Object.hasOwn(renew, key) ? renew[key]!(value) : value;
  };
  const fieldsOf = (object: object): Fields =>
    Object.fromEntries(Object.entries(object).map(([key, value]) => [key, renewed(value, key)]));
  return fieldsOf(body);
}

/** The value as a number or a text, whichever the old value was. */
function like(old: unknown, value: number): number | string {
  return typeof old === "string" ? String(value) : value;
}

/** The time in the unit of the old one: Unix milliseconds have 13 digits, seconds 10. */
function timeLike(old: unknown, nowMs: number): number | string {
  return like(old, Number(old) > 1e11 ? nowMs : Math.floor(nowMs / 1000));
}

/**
 * Assigns a value by its path in a body, `MsgSeqList[0].MsgSeq`. All parts of the path but the last must exist. Returns
 * the mistake as the end of a sentence; null if the value is assigned.
 */
export function assign(body: Fields, path: string, value: unknown): Sentence | null {
  if (!/^[^.[\]]+(\[\d+\]|\.[^.[\]]+)*$/.test(path))
    return say`"${path}" is not a path; write it as MsgSeqList[0].MsgSeq`;
  const parts = [...path.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map((match) => ({
    key: match[1] === undefined ? match[0] : Number(match[1]),
    upTo: path.slice(0, match.index + match[0].length),
  }));
  const last = parts.pop()!;
  let target: unknown = body;
  let name: string = say`the body`;
  for (const { key, upTo } of parts) {
    const problem = problemOf(target, name, key);
    if (problem !== null) return problem;
    if (!Object.hasOwn(target as object, key)) return lacking(target, name, upTo);
    target = (target as Fields)[key];
    name = upTo;
  }
  const problem = problemOf(target, name, last.key);
  if (problem !== null) return problem;
  if (Array.isArray(target) && Number(last.key) > target.length) return lacking(target, name, last.upTo);
  (target as Fields)[last.key] = value;
  return null;
}

/** Why a value has no such part; null if it may have one. */
function problemOf(value: unknown, name: string, key: string | number): Sentence | null {
  if (typeof key === "number") return Array.isArray(value) ? null : say`${name} is not a list`;
  return isObject(value) ? null : say`${name} is not an object`;
}

function lacking(value: unknown, name: string, part: string): Sentence {
  return Array.isArray(value)
    ? say`${name} has ${value.length} elements, hence no ${part}`
    : say`there is no ${part}`;
}

/** Whether a value was an object of JSON: a number that is kept exactly is an object, too. */
function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
