/**
 * Where a body does not name the thing that happened: what names it (who, where, which message) is missing, or of a
 * kind that cannot name anything. A number names as well as a text does, whichever is documented. All else that
 * differs from the documents is drift: a document that is wrong never costs an event.
 */
import type { Body, Command } from "./command.ts";
import type { Issue } from "./event.ts";
import { kindOf, maxIssues } from "./issue.ts";
import type { Field } from "./json-schema.ts";

/** Every misfit, up to a bound; empty for a body that names what happened. `null` counts as absent. */
export function misfitsOf(command: Command, body: Body): Issue[] {
  const found: Issue[] = [];

  /** @param names whether this place itself must name: an optional one need not, but what it holds may have to */
  const look = (field: Field, value: unknown, path: string, names: boolean): void => {
    if (found.length >= maxIssues) return;
    const problem = problemOf(field, value);
    if (problem !== null) {
      if (names) found.push({ path, message: problem });
    } else if (field.entries) {
      for (const [name, entry] of namingEntries(field.entries)) {
        const at = path === "" ? name : `${path}.${name}`;
        look(entry.wrapped ?? entry, (value as Body)[name], at, !entry.wrapped);
      }
    } else if (field.item && Array.isArray(value) && (names || mayName(field.item))) {
      for (const [index, item] of value.entries()) {
        look(field.item, item, `${path}[${index}]`, names);
        if (found.length >= maxIssues) return;
      }
    } else if (field.options) {
      const list = field.options.find(({ item }) => item);
      if (list && Array.isArray(value)) look(list, value, path, names);
    }
  };

  look(command.body as unknown as Field, body, "", true);
  return found;
}

/** Why a value cannot be what names something; null if it can. */
function problemOf(field: Field, value: unknown): string | null {
  if (value === undefined || value === null) return "is missing";
  if (field.entries)
    return typeof value === "object" && !Array.isArray(value) ? null : unlike("an object", value);
  if (field.item) {
    if (!Array.isArray(value)) return unlike("an array", value);
    return value.length === 0 && field.pipe ? "is empty" : null;
  }
  if (typeof value === "string" || Number.isInteger(value)) return null;
  if (field.options?.some(({ item }) => item) && Array.isArray(value)) return null;
  return unlike("a text or a whole number", value);
}

const unlike = (wanted: string, value: unknown) => `expected ${wanted}, got ${kindOf(value)}`;

const naming = new WeakMap<object, [name: string, entry: Field][]>();

/** The entries that name something, or hold what does; found once. */
function namingEntries(entries: Readonly<Record<string, Field>>): [name: string, entry: Field][] {
  let found = naming.get(entries);
  if (!found) {
    found = Object.entries(entries).filter(([, entry]) => !entry.wrapped || mayName(entry.wrapped));
    naming.set(entries, found);
  }
  return found;
}

/** Whether something in a field that need not be there must name. */
function mayName(field: Field): boolean {
  if (field.contents) return false;
  if (field.options) return field.options.some(mayName);
  if (field.item) return mayName(field.item);
  return field.entries !== undefined && namingEntries(field.entries).length > 0;
}

/** Most paths of one event that a report tells of. */
const maxPaths = 20;

/** Where the issues of an event are, each place once, the indexes of lists folded: `MsgSeqList[].MsgSeq`. */
export function pathsOf(issues: readonly Issue[]): string[] {
  return [...new Set(issues.map(({ path }) => path.replace(/\[\d+\]/g, "[]")))].slice(0, maxPaths);
}
