/** Callbacks as Tencent sends them: their query, and bodies with fresh times and ids. */
import { isObject } from "./assign.ts";

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
