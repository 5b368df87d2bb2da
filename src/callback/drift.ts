/**
 * Drift: differences between a body and its documentation. A body with drift may be valid. A value is reported only if
 * its documented set is small, so that no user's words get into a report.
 */
import type { Command } from "./command.ts";
import type { Entries, Field } from "./field.ts";
import type { Body } from "./json.ts";
import { asKey, cut } from "./text.ts";

export const driftKinds = ["unknown field", "unexpected value", "other type", "unknown command"] as const;

export interface Drift {
  /** `MsgBody[].MsgContent.Text`: indexes are folded, long names cut. Empty for an unknown command. */
  path: string;
  kind: (typeof driftKinds)[number];
  /**
   * The name of a type, `nothing` for a missing part of a message element, or the first 64 characters of a value or of
   * an unknown command.
   */
  seen: string;
}

/** Bounds for one body: differences reported, values compared, and items compared in one list. */
const maxDrift = 20;
const maxValues = 2000;
const maxItems = 100;

/** Characters of a name or a value. */
const maxLength = 64;

/** A name or a value of a body, as drift shows it. */
export function shownText(text: string): string {
  return asKey(cut(text, maxLength));
}

/** The difference of a command that no document names. */
export function driftOfUnknown(command: string): Drift[] {
  return [{ path: "", kind: "unknown command", seen: shownText(command) }];
}

/** The differences of a body, each once. */
export function driftOf(command: Command, body: Body): Drift[] {
  const found = new Map<string, Drift>();
  let values = 0;

  const note = (path: string, kind: Drift["kind"], seen: string) => {
    found.set(`${path} ${kind} ${seen}`, { path, kind, seen });
  };

  const compare = (field: Field, value: unknown, path: string): void => {
    if (found.size >= maxDrift || ++values > maxValues) return;
    const { options, known, contents, item, entries } = field;
    const seen = typeOf(value);
    const fitting = options ? options.find((option) => accepts(option, seen)) : field;
    if (fitting === undefined || !accepts(fitting, seen)) note(path, "other type", seen);
    else if (options) compare(fitting, value, path);
    else if (contents) for (const each of itemsOf(value)) compareElement(contents, each, `${path}[]`);
    else if (item) for (const each of itemsOf(value)) compare(item, each, `${path}[]`);
    else if (entries) compareMembers(entries, value as Body, path);
    else if (known && !known.includes(value as string | number))
      note(path, "unexpected value", shownText(String(value)));
  };

  const compareMembers = (entries: Entries, value: Body, path: string): void => {
    for (const name of Object.keys(value)) {
      const at = `${path && `${path}.`}${shownText(name)}`;
      const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
      if (entry) compare(entry, value[name], at);
      else note(at, "unknown field", typeOf(value[name]));
      if (found.size >= maxDrift || ++values > maxValues) return;
    }
  };

  const compareElement = (contents: Entries, element: unknown, path: string): void => {
    const type = (element as { MsgType?: unknown } | null)?.MsgType;
    const known = typeof type === "string" && Object.hasOwn(contents, type) ? contents[type] : undefined;
    const MsgType: Field = { type: "string", known: Object.keys(contents) };
    compare({ type: "object", entries: { MsgType, MsgContent: known ?? anyContent } }, element, path);
    if (typeOf(element) !== "object") return;
    for (const name of ["MsgType", "MsgContent"])
      if (!Object.hasOwn(element as object, name)) note(`${path}.${name}`, "other type", "nothing");
  };

  compare(command.body, body, "");
  return [...found.values()].slice(0, maxDrift);
}

/**
 * The path of an unknown field without the field's name, which a user may have chosen: `Info.*`. The name itself may
 * hold dots: only documented names before it are kept.
 * @param command null: the catalogue has none of this name
 */
export function withoutUnknownName(command: Command | null, path: string): string {
  const documented = new Set(command ? namesIn(command.body) : []);
  const parents = path.split(".").slice(0, -1);
  const unknown = parents.findIndex((step) => !documented.has(step.replace(/(\[\])+$/, "")));
  return [...(unknown === -1 ? parents : parents.slice(0, unknown)), "*"].join(".");
}

/** The names of all documented fields, at any depth. */
function namesIn({ entries = {}, item, options = [], contents = {} }: Field): string[] {
  const inner = [...Object.values(entries), ...options, ...Object.values(contents), ...(item ? [item] : [])];
  const ofMessage = Object.keys(contents).length > 0 ? ["MsgType", "MsgContent"] : [];
  return [...Object.keys(entries), ...ofMessage, ...inner.flatMap(namesIn)];
}

/** The items that are compared. */
const itemsOf = (list: unknown) => (list as unknown[]).slice(0, maxItems);

/** The content of an element of an unknown type. */
const anyContent: Field = { type: "object" };

function accepts(field: Field, seen: string): boolean {
  if (field.entries) return seen === "object";
  if (field.item) return seen === "array";
  if (field.type === "number") return seen === "number" || seen === "fraction";
  if (field.type === "integer") return seen === "number";
  return field.type === "unknown" || seen === field.type;
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "number" && !Number.isInteger(value) ? "fraction" : typeof value;
}
