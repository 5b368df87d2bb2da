/** Values within a JSON text as they are written: no digit of a number and no escape of a text changes. */
import { endOfText, endOfValue } from "../callback/json-scan.ts";
import type { Path } from "./json-text.ts";

/** A tree of paths: the indices of the paths that end here, and the paths that go on. */
interface Wanted {
  indices: number[];
  steps: Map<string | number, Wanted>;
}

/** The values at these paths, found in one pass over a text; undefined where there is none. */
export type RawValues = (json: string) => readonly (string | undefined)[];

/** Of a key that is given twice the last value counts, as in `JSON.parse`. */
export function rawValues(paths: readonly Path[]): RawValues {
  const root: Wanted = { indices: [], steps: new Map() };
  for (const [index, path] of paths.entries()) {
    let at = root;
    for (const step of path) {
      const next = at.steps.get(step) ?? { indices: [], steps: new Map() };
      at.steps.set(step, next);
      at = next;
    }
    at.indices.push(index);
  }
  return (json) => {
    const found: (string | undefined)[] = paths.map(() => undefined);
    find(json, after(space, json, 0), root, found);
    return found;
  };
}

/** Finds what is wanted of the value that begins at `start`, and returns the position after it. */
function find(json: string, start: number, wanted: Wanted, found: (string | undefined)[]): number {
  forget(wanted, found);
  const isList = json[start] === "[";
  let end: number;
  if (wanted.steps.size === 0 || !(isList || json[start] === "{")) end = endOfValue(json, start);
  else end = findInside(json, start, isList, wanted, found);
  for (const index of wanted.indices) found[index] = json.slice(start, end);
  return end;
}

function findInside(
  json: string,
  start: number,
  isList: boolean,
  { steps }: Wanted,
  found: (string | undefined)[],
): number {
  let at = after(space, json, start + 1);
  for (let index = 0; at < json.length && json[at] !== (isList ? "]" : "}"); index++) {
    let step: string | number = index;
    if (!isList) {
      if (json[at] !== '"') break;
      const end = endOfText(json, at);
      step = keyOf(json.slice(at, end));
      at = after(colon, json, end);
    }
    const inner = steps.get(step);
    at = inner === undefined ? endOfValue(json, at) : find(json, at, inner, found);
    at = after(comma, json, at);
  }
  return at + 1;
}

function forget({ indices, steps }: Wanted, found: (string | undefined)[]): void {
  for (const index of indices) found[index] = undefined;
  for (const inner of steps.values()) forget(inner, found);
}

function keyOf(literal: string): string {
  return literal.includes("\\") ? JSON.parse(literal) : literal.slice(1, -1);
}

const space = /\s*/y;
const colon = /\s*:?\s*/y;
const comma = /\s*,?\s*/y;

function after(pattern: RegExp, json: string, at: number): number {
  pattern.lastIndex = at;
  pattern.test(json);
  return pattern.lastIndex;
}
