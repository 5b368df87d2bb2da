/** The keys and values that a schema allows at a place of JSON text, and the sentence that it has for a key. */
import { findNodeAtLocation, getLocation, type Node, parseTree } from "jsonc-parser";
import { minified } from "./layout.ts";
import type { Span } from "./place.ts";
import { keysOf, meant, type Schema, type Step, schemasAt } from "./schema.ts";

export interface Completion {
  /** As it would stand in the text, quotes included. */
  label: string;
  insert: string;
  /** Characters of `insert` before the caret. */
  caret: number;
  info: string | null;
  kind: "key" | "value";
}

export interface Completions extends Span {
  options: readonly Completion[];
}

/** Completions that are known at a place beyond the schema. */
export interface Suggestions {
  keys(path: readonly Step[]): readonly Suggested[];
  values(path: readonly Step[]): readonly Suggested[];
  /** Whether a value that may be a list or an object is rather an object. */
  isObject(path: readonly Step[]): boolean;
}

export interface Suggested {
  value: unknown;
  info: string | null;
}

export const noSuggestions: Suggestions = { keys: () => [], values: () => [], isObject: () => false };

/** @param root the schema of the whole text */
export function completionsAt(
  text: string,
  offset: number,
  root: Schema,
  suggestions: Suggestions = noSuggestions,
): Completions | null {
  const { path, isAtPropertyKey, previousNode: before } = getLocation(text, offset);
  const tree = parseTree(text);
  const isWithin = before !== undefined && before.offset <= offset && offset <= before.offset + before.length;
  const typed = isWithin ? null : wordBefore(text, offset);
  const span = isWithin
    ? { from: before.offset, to: before.offset + before.length }
    : { from: offset - typed!.length, to: offset };
  if (!isWithin && !mayBegin(text.slice(0, span.from), isAtPropertyKey)) return null;
  if (isAtPropertyKey) {
    const around = path.slice(0, -1);
    return { ...span, options: keysAt(text, span, root, tree, around, suggestions) };
  }
  return { ...span, options: valuesAt(root, tree, path, suggestions) };
}

/** The sentence about the key at a place, and the key's own place. */
export function descriptionAt(
  text: string,
  offset: number,
  root: Schema,
): (Span & { sentence: string }) | null {
  const { path, isAtPropertyKey, previousNode: key } = getLocation(text, offset);
  if (!isAtPropertyKey || !key || offset < key.offset || offset > key.offset + key.length) return null;
  const [sentence] = schemasAt(root, parseTree(text), path).flatMap(({ description = [] }) => description);
  return sentence === undefined ? null : { from: key.offset, to: key.offset + key.length, sentence };
}

function keysAt(
  text: string,
  span: Span,
  root: Schema,
  tree: Node | undefined,
  path: readonly Step[],
  suggestions: Suggestions,
): Completion[] {
  const node = tree && findNodeAtLocation(tree, [...path]);
  const present = new Set(node?.type === "object" ? keysOf(node) : []);
  const own = text.slice(span.from, span.to);
  const schemas = meant(schemasAt(root, tree, path), node);
  const known = schemas.flatMap(({ properties = {} }) => Object.keys(properties));
  const isOpen = schemas.some(({ additionalProperties }) => typeof additionalProperties === "object");
  const further = isOpen ? suggestions.keys(path) : [];
  const names = new Set([...further.map(({ value }) => String(value)), ...known]);
  const hasValue = /^\s*:/.test(text.slice(span.to));
  const comma = /^\s*"/.test(text.slice(span.to)) ? "," : "";
  return [...names].flatMap((name) => {
    const label = JSON.stringify(name);
    if (present.has(name) && label !== own) return [];
    const values = schemasAt(root, tree, [...path, name]);
    const told = further.find(({ value }) => value === name)?.info;
    const info = told ?? values.find(({ description }) => description !== undefined)?.description ?? null;
    if (hasValue) return [{ label, insert: label, caret: label.length, info, kind: "key" }];
    const objects = suggestions.isObject([...path, name])
      ? values.filter(({ type }) => type === "object")
      : [];
    const [start, end] = frameOf(objects.length > 0 ? objects : values);
    const insert = `${label}: ${start}${end}${comma}`;
    return [{ label, insert, caret: label.length + 2 + start.length, info, kind: "key" }];
  });
}

/** The beginning and the end of a value of the first type that is allowed. */
function frameOf([first]: readonly Schema[]): readonly [string, string] {
  const type = first && [first.type].flat()[0];
  if (first?.default !== undefined && typeof first.default !== "object" && type !== "string")
    return first.enum ? ['"', '"'] : [JSON.stringify(first.default), ""];
  if (first?.enum || type === "string") return ['"', '"'];
  if (type === "array") return ["[", "]"];
  if (type === "object") return ["{ ", " }"];
  return ["", ""];
}

const durations = ["200ms", "5s", "30s", "1m", "5m", "30m", "2h", "24h"];
const isDuration = (pattern = "") => pattern.includes("(ms|s|m|h)");

function valuesAt(
  root: Schema,
  tree: Node | undefined,
  path: readonly Step[],
  suggestions: Suggestions,
): Completion[] {
  const schemas = schemasAt(root, tree, path);
  if (schemas.length === 0) return [];
  const ofSchema = schemas.flatMap(({ enum: choices = [], examples = [], type, pattern, default: usual }) => [
    ...choices,
    ...(type === "boolean" ? [true, false] : []),
    ...(usual === undefined ? [] : [usual]),
    ...(isDuration(pattern) ? durations : []),
    ...examples,
  ]);
  const all = [...suggestions.values(path), ...ofSchema.map((value): Suggested => ({ value, info: null }))];
  const byText = new Map(all.map(({ value, info }) => [minified(value), info]));
  const values = [...byText].map(
    ([text, info]): Completion => ({ label: text, insert: text, caret: text.length, info, kind: "value" }),
  );
  const frames = [
    ...new Set(schemas.map((schema) => frameOf([{ ...schema, default: undefined }]).join("|"))),
  ];
  const empty = frames
    .filter((frame) => frame === "[|]" || frame === "{ | }")
    .map((frame): Completion => {
      const insert = frame.replace("|", "").replace("  ", " ");
      return { label: insert, insert, caret: insert.indexOf(insert.at(-1)!), info: null, kind: "value" };
    });
  return [...values, ...empty];
}

function wordBefore(text: string, offset: number): string {
  return /[\w.$-]*$/.exec(text.slice(0, offset))![0];
}

/** A key stands behind a brace or a comma, a value behind a colon, a bracket or a comma. */
function mayBegin(before: string, isKey: boolean): boolean {
  return (isKey ? /[{,]\s*$/ : /(?:[:[,]|^)\s*$/).test(before);
}
