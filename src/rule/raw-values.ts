/**
 * Values within a JSON text as they are written: no digit of a number and no escape of a text changes. Paths mean the
 * same as in patterns: a dot in a name is a step, and a step by name goes through lists by itself. Where that leads to
 * several values, the first that is not null counts.
 */
import { endOfText, endOfValue } from "../callback/json-scan.ts";
import type { Path } from "./json-text.ts";

/** A tree of paths: the indices of the paths that end here, and the paths that go on. */
interface Wanted {
  indices: number[];
  steps: Steps;
}

type Steps = Map<string | number, Wanted>;

/** The values at these paths, found in one pass over a text; undefined where there is none. */
export type RawValues = (json: string) => readonly (string | undefined)[];

/** Of a key that is given twice the last value counts, as in `JSON.parse`. */
export function rawValues(paths: readonly Path[]): RawValues {
  const root: Wanted = { indices: [], steps: new Map() };
  for (const [index, path] of paths.entries()) {
    let at = root;
    for (const step of path.flatMap<string | number>((one) =>
      typeof one === "string" ? one.split(".") : [one],
    )) {
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

/** Finds the wanted parts of the value that begins at `start`. */
function find(json: string, start: number, wanted: Wanted, found: (string | undefined)[]): void {
  for (const index of wanted.indices) {
    if (found[index] !== undefined && found[index] !== "null") continue;
    const value = json.slice(start, endOfValue(json, start));
    if (value !== "null" || found[index] === undefined) found[index] = value;
  }
  if (wanted.steps.size > 0) findInside(json, start, wanted, found);
}

/** The same, of the fields or items of a value. It recurses by the steps of a path, and not by the text. */
function findInside(json: string, start: number, { steps }: Wanted, found: (string | undefined)[]): void {
  if (json[start] === "[") findInItems(json, start, steps, found);
  if (json[start] !== "{") return;
  for (const [name, at] of fieldsOf(json, start, steps)) find(json, at, within(steps, name)!, found);
}

function findInItems(json: string, start: number, steps: Steps, found: (string | undefined)[]): void {
  const names: Wanted = {
    indices: [],
    steps: new Map([...steps].filter(([step]) => typeof step === "string")),
  };
  let at = after(space, json, start + 1);
  for (let index = 0, depth = 1; depth > 0 && at < json.length; ) {
    const isEnd = json[at] === "]";
    const item = depth === 1 && !isEnd ? steps.get(index) : undefined;
    if (item) find(json, at, item, found);
    // Lists within a list are one list to a step by name.
    if (isEnd) depth--;
    const isEntered = json[at] === "[" && names.steps.size > 0;
    if (isEntered) depth++;
    else if (depth === 1) index++;
    if (json[at] === "{") findInside(json, at, names, found);
    at = isEnd || isEntered ? at + 1 : endOfValue(json, at);
    at = after(comma, json, at);
  }
}

/** The fields of an object that are wanted, in its order: where their last values begin. */
function fieldsOf(json: string, start: number, steps: Steps): Map<string, number> {
  const fields = new Map<string, number>();
  let at = after(space, json, start + 1);
  while (json[at] === '"') {
    const end = endOfText(json, at);
    const name = keyOf(json.slice(at, end));
    at = after(colon, json, end);
    if (within(steps, name) !== undefined) fields.set(name, at);
    at = after(comma, json, endOfValue(json, at));
  }
  return fields;
}

function within(steps: Steps, name: string): Wanted | undefined {
  if (!name.includes(".")) return steps.get(name);
  let inner: Wanted | undefined = { indices: [], steps };
  for (const step of name.split(".")) inner = inner?.steps.get(step);
  return inner;
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
