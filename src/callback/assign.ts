/** Assigns values in bodies by their paths: `MsgSeqList[0].MsgSeq`. */
import { type Sentence, say } from "../sentence.ts";

type Fields = Record<string, unknown>;

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
export function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
