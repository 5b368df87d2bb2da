/**
 * The filter as a person types it: `command:Group.* state:dead "some text"`. Words without a key are searched for in
 * the text of messages.
 */
import type { EventQuery } from "../../client/index.js";

export type FilterKey = Exclude<keyof EventQuery, "limit" | "cursor"> | "destination";

/** A search. `destination` narrows a page of events here; the gateway has no such parameter. */
export type Filter = Readonly<Partial<Record<FilterKey, string>>>;

export const filterKeys = [
  "command",
  "state",
  "destination",
  "account",
  "conversation",
  "text",
  "message",
  "verdict",
  "code",
  "since",
  "until",
  "without",
] as const satisfies readonly FilterKey[];

/** The keys that the live tail knows too. */
const tailKeys: readonly FilterKey[] = ["command", "conversation", "account", "destination"];

/** `key:value`, `key:"a value"`, `"some text"` or a word. An open quotation mark goes to the end. */
const token = /(?:(\w+):)?(?:"([^"]*)"?|(\S+))/g;

export function readFilter(typed: string): Filter {
  const filter: Partial<Record<FilterKey, string>> = {};
  const words: string[] = [];
  for (const [whole, name = "", quoted, plain] of typed.matchAll(token)) {
    const key = filterKeys.find((known) => known === name);
    const value = quoted ?? plain ?? "";
    if (key) filter[key] = value;
    else words.push(name === "" ? value : whole);
  }
  if (words.length > 0) filter.text = [filter.text, ...words].filter(Boolean).join(" ");
  return filter;
}

export function writeFilter(filter: Filter): string {
  return filterKeys
    .flatMap((key) => {
      const value = filter[key];
      return value === undefined || value === "" ? [] : [`${key}:${/\s/.test(value) ? `"${value}"` : value}`];
    })
    .join(" ");
}

/** The parameters of `GET /api/events`. */
export function queryOf({ destination: _, ...query }: Filter): EventQuery {
  return query as unknown as EventQuery;
}

/** Whether the tail can tell which new events fit; otherwise it tells only that something is new. */
export function isTailed(filter: Filter): boolean {
  return Object.keys(filter).every((key) => tailKeys.includes(key as FilterKey));
}

/** A value that can be entered at the caret. */
export interface Suggestion {
  /** Stands in the list. */
  label: string;
  /** The whole text of the bar with it. */
  typed: string;
  caret: number;
}

export type Known = Readonly<Partial<Record<FilterKey, readonly string[]>>>;

const most = 12;

/** Suggestions for the token that the caret touches: keys, then the values of its key. */
export function suggestions(typed: string, caret: number, known: Known): Suggestion[] {
  const start = typed.slice(0, caret).search(/\S*$/);
  const length = typed.slice(caret).search(/\s|$/);
  const [before, after] = [typed.slice(0, start), typed.slice(caret + length)];
  const word = typed.slice(start, caret);
  const colon = word.indexOf(":");
  const place = (text: string, label: string): Suggestion => ({
    label,
    typed: before + text + after,
    caret: start + text.length,
  });
  if (colon === -1)
    return filterKeys
      .filter((key) => key.startsWith(word.toLowerCase()))
      .map((key) => place(`${key}:`, `${key}:`));
  const key = filterKeys.find((name) => name === word.slice(0, colon));
  const part = word.slice(colon + 1).toLowerCase();
  const values = (key ? (known[key] ?? []) : []).filter(
    (value) => value.toLowerCase().includes(part) && value !== word.slice(colon + 1),
  );
  const begins = (value: string) => value.toLowerCase().startsWith(part);
  return [...values.filter(begins), ...values.filter((value) => !begins(value))]
    .slice(0, most)
    .map((value) => place(`${key}:${value}${after === "" ? " " : ""}`, value));
}
