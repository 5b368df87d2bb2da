/** Callbacks as Tencent sends them: the example of a command with fresh times and ids, signed. */
import { randomInt } from "node:crypto";
import { parseJson } from "../rule/json.ts";
import { editDistance } from "../rule/nearest.ts";
import { Misuse } from "./failure.ts";
import { signatureOf } from "./signature.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface Sender {
  /** The callback URL; parameters are added to it. */
  url: string;
  app: string;
  /** The token that signs; null: unsigned. */
  token: string | null;
}

/** A callback URL with its query, in the order that Tencent's documents show. */
export function callbackUrl({ url, app, token }: Sender, command: string, nowMs: number): string {
  const target = new URL(url);
  const requestTime = String(Math.floor(nowMs / 1000));
  const parameters = {
    SdkAppid: app,
    CallbackCommand: command,
    contenttype: "json",
    ClientIP: "203.0.113.7",
    OptPlatform: "Android",
    ...(token !== null && { Sign: signatureOf(token, requestTime), RequestTime: requestTime }),
  };
  for (const [name, value] of Object.entries(parameters)) target.searchParams.append(name, value);
  return target.href;
}

/**
 * The example as if it happened at `nowMs`. Times and identifying fields are new, so that examples with different times
 * are never duplicates.
 */
export function freshExample(example: object, nowMs: number): Record<string, Json> {
  const renew: Readonly<Record<string, (old: Json) => Json>> = {
    EventTime: (old) => timeLike(old, nowMs),
    MsgTime: (old) => timeLike(old, nowMs),
    MsgSeq: (old) => like(old, randomInt(1, 2 ** 31)),
    Random: (old) => like(old, randomInt(1, 2 ** 31)),
    TaskId: (old) => `${old}-${randomInt(2 ** 31)}`,
    MsgKey: () => `${randomInt(2 ** 31)}_${randomInt(2 ** 31)}_${Math.floor(nowMs / 1000)}`,
  };
  return JSON.parse(JSON.stringify(example), (key, value) =>
    typeof value === "object" ? value : (renew[key]?.(value) ?? value),
  );
}

/** The value as a number or a text, whichever the old value was. */
function like(old: Json, value: number): Json {
  return typeof old === "string" ? String(value) : value;
}

/** The time in the unit of the old one: Unix milliseconds have 13 digits, seconds 10. */
function timeLike(old: Json, nowMs: number): Json {
  return like(old, Number(old) > 1e11 ? nowMs : Math.floor(nowMs / 1000));
}

/**
 * Assigns a value by path in a body: `MsgSeqList[0].MsgSeq=7`. The value is JSON if it can be parsed, else text. All parts
 * of the path but the last must exist.
 */
export function assign(body: Record<string, Json>, assignment: string): void {
  const fail = (problem: string) => new Misuse(`--set ${assignment}: ${problem}`);
  const equals = assignment.indexOf("=");
  if (equals < 0) throw fail("write it as path=value, for example MsgSeqList[0].MsgSeq=7");
  const path = assignment.slice(0, equals);
  if (!/^[^.[\]]+(\[\d+\]|\.[^.[\]]+)*$/.test(path))
    throw fail(`"${path}" is not a path; write it as MsgSeqList[0].MsgSeq`);

  const parts = [...path.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map((match) => ({
    key: match[1] === undefined ? match[0] : Number(match[1]),
    upTo: path.slice(0, match.index + match[0].length),
  }));
  let target: Json = body;
  let name = "the body";
  parts.forEach(({ key, upTo }, index) => {
    const isLast = index === parts.length - 1;
    if (typeof key === "number") {
      if (!Array.isArray(target)) throw fail(`${name} is not a list`);
      if (key > target.length - (isLast ? 0 : 1))
        throw fail(`${name} has ${target.length} elements, hence no ${upTo}`);
    } else {
      if (!isObject(target)) throw fail(`${name} is not an object`);
      if (!isLast && !Object.hasOwn(target, key)) throw fail(`the example has no ${upTo}`);
    }
    const container = target as Record<string | number, Json>;
    if (isLast) container[key] = jsonOrText(assignment.slice(equals + 1));
    else target = container[key]!;
    name = upTo;
  });
}

function isObject(value: Json): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** JSON, with numbers beyond 2^53 exact, or else the text itself. */
function jsonOrText(text: string): Json {
  try {
    return parseJson(text) as Json;
  } catch {
    return text;
  }
}

/** Up to three of `names` that are similar to `name`. */
export function nearest(name: string, names: Iterable<string>): string[] {
  const wanted = name.toLowerCase();
  return [...names]
    .map((candidate) => ({ candidate, distance: editDistance(wanted, candidate) }))
    .filter(
      ({ candidate, distance }) => distance <= wanted.length / 3 || candidate.toLowerCase().includes(wanted),
    )
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}
