/**
 * Misfits: a body does not identify its event. A required field (account, group, message) is missing, or its value can be
 * no identifier. Texts and whole numbers are both identifiers, whichever is documented. Any other difference from the
 * documentation is drift, so that a wrong page never costs an event.
 */

import { type Sentence, say } from "../sentence.ts";
import type { Command } from "./command.ts";
import type { Issue } from "./event.ts";
import type { Entries, Field } from "./field.ts";
import { kindOf, maxIssues } from "./issue.ts";
import type { Body } from "./json.ts";

/** All misfits, up to `maxIssues`; empty for a body that identifies its event. `null` counts as absent. */
export function misfitsOf(command: Command, body: Body): Issue[] {
  const found: Issue[] = [];

  /** @param required whether this value itself must identify; an optional value may still hold required ones */
  const look = (field: Field, value: unknown, path: string, required: boolean): void => {
    if (found.length >= maxIssues) return;
    const problem = problemOf(field, value);
    if (problem !== null) {
      if (required) found.push({ path, message: problem });
    } else if (field.entries) {
      for (const [name, entry] of requiredEntries(field.entries)) {
        const at = path === "" ? name : `${path}.${name}`;
        look(entry, (value as Body)[name], at, !entry.optional);
      }
    } else if (field.item && Array.isArray(value) && (required || holdsRequired(field.item))) {
      for (const [index, item] of value.entries()) {
        look(field.item, item, `${path}[${index}]`, required);
        if (found.length >= maxIssues) return;
      }
    } else if (field.options) {
      const list = field.options.find(({ item }) => item);
      if (list && Array.isArray(value)) look(list, value, path, required);
    }
  };

  look(command.body, body, "", true);
  return found;
}

/** The reason why a value is no identifier; null if it is one, or holds some. */
function problemOf(field: Field, value: unknown): Sentence | null {
  if (value === undefined || value === null) return say`is missing`;
  if (field.entries)
    return typeof value === "object" && !Array.isArray(value) ? null : unlike(say`an object`, value);
  if (field.item) {
    if (!Array.isArray(value)) return unlike(say`an array`, value);
    return value.length === 0 && field.nonEmpty ? say`is empty` : null;
  }
  if (typeof value === "string" || Number.isInteger(value)) return null;
  if (field.options?.some(({ item }) => item) && Array.isArray(value)) return null;
  return unlike(say`a text or a whole number`, value);
}

const unlike = (kinds: Sentence, value: unknown) => say`expected ${kinds}, got ${kindOf(value)}`;

const requiredByEntries = new WeakMap<object, [name: string, entry: Field][]>();

/** The entries that are required or hold required fields, cached per schema. */
function requiredEntries(entries: Entries): [name: string, entry: Field][] {
  let found = requiredByEntries.get(entries);
  if (!found) {
    found = Object.entries(entries).filter(([, entry]) => !entry.optional || holdsRequired(entry));
    requiredByEntries.set(entries, found);
  }
  return found;
}

/** Whether a field, which may itself be absent, holds required fields. */
function holdsRequired(field: Field): boolean {
  if (field.contents) return false;
  if (field.options) return field.options.some(holdsRequired);
  if (field.item) return holdsRequired(field.item);
  return field.entries !== undefined && requiredEntries(field.entries).length > 0;
}

/** At most so many paths of one event are reported. */
const maxPaths = 20;

/** The paths of an event's issues, each once, without the indexes of lists: `MsgSeqList[].MsgSeq`. */
export function pathsOf(issues: readonly Issue[]): string[] {
  return [...new Set(issues.map(({ path }) => path.replace(/\[\d+\]/g, "[]")))].slice(0, maxPaths);
}
