/** The events that `on`, `match`, `words` and `sample` choose: in a rule, or in a request that chooses events by the same keys. */
import type { Event } from "../callback/event.ts";
import { shareOf } from "../callback/event-id.ts";
import { isRelay } from "../callback/relay-events.ts";
import { either, say } from "../sentence.ts";
import { isDeeper, type Json, maxDepth, show, tooDeep } from "./json.ts";
import { keys } from "./keys.ts";
import type { Pattern } from "./match/pattern.ts";
import { fitting } from "./on.ts";
import { contextWithoutSecrets, type Reader } from "./readers/reader.ts";
import type { Selection } from "./rule.ts";
import type { SettingPath } from "./setting-path.ts";
import { viewOf } from "./view.ts";
import { KvList } from "./words/kv-list.ts";
import { holdsWord, type WordList, wordFailure, wordIn } from "./words/word-list.ts";

/**
 * @param on commands, `*` as wildcard; null: every command of Tencent's. Only an entry that names relay events fits them
 * @param match null: every event
 * @param sample the share of these events, by their ids: every isolate, replay and trial chooses the same
 * @param words null: every message
 * @param otherLists without which nothing is chosen, either
 */
export function selectionOf(
  on: readonly string[] | null,
  match: Pattern | null,
  sample = 1,
  words: WordList | null = null,
  otherLists: readonly KvList[] = [],
): Omit<Selection, "name" | "enabled"> {
  const fitsRelay = fitting(on?.filter(isRelay) ?? []);
  const fitsOthers = on === null ? () => true : fitting(on.filter((entry) => !isRelay(entry)));
  const isOn = ({ command }: Event) => (isRelay(command) ? fitsRelay(command) : fitsOthers(command));
  const mayMatch = (event: Event) =>
    isOn(event) && (match?.matches(viewOf(event)) ?? true) && (sample === 1 || shareOf(event.id) < sample);
  const kvLists = words instanceof KvList ? [words, ...otherLists] : otherLists;
  return {
    on,
    match,
    sample,
    words,
    kvLists,
    mayMatch,
    matches: (event) =>
      mayMatch(event) &&
      kvLists.every((list) => list.words !== null) &&
      (words === null || holdsWord(words, event)),
    explain(event) {
      if (!isOn(event)) {
        const expected = on ? either(on) : say`no relay event`;
        return { field: "command", found: say`${show(event.command)}`, expected };
      }
      const failure = match?.explain(viewOf(event)) ?? wordFailure(words, kvLists, event);
      const share = shareOf(event.id);
      if (failure !== null || share < sample) return failure;
      return { field: "sample", found: say`${share.toFixed(4)}`, expected: say`below ${sample}` };
    },
    wordIn: (event) => words && wordIn(words, event),
  };
}

/** Whether relay events may fit: an entry of `on` names some. */
export function hearsRelay({ on }: Pick<Selection, "on">): boolean {
  return on?.some(isRelay) ?? false;
}

/** Whether nothing else may fit. */
export function hearsOnlyRelay({ on }: Pick<Selection, "on">): boolean {
  return on?.every(isRelay) ?? false;
}

/** `on` and `match` as a request gives them; absent or null: every event. */
export interface Narrowing {
  on?: Json;
  match?: Json;
}

/** Undefined if a value is wrong; every mistake has then been reported through `path`. */
export function readNarrowing(
  { on = null, match = null }: Narrowing,
  path: SettingPath,
): Pick<Selection, "matches"> | undefined {
  const commands = on === null ? null : read(keys.on, on, path.key("on"));
  const pattern = match === null ? null : read(keys.match, match, path.key("match"));
  if (commands === undefined || pattern === undefined) return undefined;
  // A selection narrows the events of a rule: `*` and no `on` leave its relay events in.
  const isOn = commands === null ? () => true : fitting(commands);
  return {
    matches: (event) => isOn(event.command) && (pattern?.matches(viewOf(event)) ?? true),
  };
}

function read<Value>(key: Reader<Value>, value: Json, path: SettingPath): Value | undefined {
  if (isDeeper(value, maxDepth)) return path.problem(tooDeep);
  return key.read(value, path, contextWithoutSecrets);
}
