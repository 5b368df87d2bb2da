/** Completions for rules that the schema cannot know: the commands of the catalogue, and the parts of an event. */
import type { Suggested, Suggestions } from "../../json-editor/completion.ts";
import type { Step } from "../../json-editor/schema.ts";

export interface KnownCommand {
  command: string;
  summary: string;
}

/** @param event the one that rules are tried on: `command`, `body` and more; null: none yet */
export function suggestionsFrom(commands: readonly KnownCommand[], event: unknown): Suggestions {
  const families = [...new Set(commands.map(({ command }) => command.split(".")[0]!))];
  const wildcards = families.flatMap((family) => [`${family}.*`, `${family}.CallbackBefore*`]);
  const names: readonly Suggested[] = [
    ...["*.CallbackBefore*", ...wildcards, "Relay.*"].map((value) => ({ value, info: null })),
    ...commands.map(({ command, summary }) => ({ value: command, info: summary })),
  ];
  return {
    keys(path) {
      const place = matchedPlace(path);
      if (place === null) return [];
      const objects = valuesAt(event, place).filter(isObject);
      return [...new Set(objects.flatMap(Object.keys))].map((key) => ({
        value: key,
        info: preview(valuesAt(event, [...place, key])),
      }));
    },
    values(path) {
      const key = path.findLast((step) => typeof step === "string");
      const place = matchedPlace(path);
      if (place === null) return key === "on" ? names : [];
      if (place.join() === "command") return names;
      if (place.join() === "phase") return ["before", "after"].map((value) => ({ value, info: null }));
      return valuesAt(event, place)
        .filter((value) => !isObject(value))
        .map((value) => ({ value, info: null }));
    },
    isObject(path) {
      const place = matchedPlace(path);
      return place !== null && (place.join() === "body" || valuesAt(event, place).some(isObject));
    },
  };
}

/** The place in an event that a place within `match` is about; null outside of a pattern. */
function matchedPlace(path: readonly Step[]): string[] | null {
  const start = path.indexOf("match");
  if (start === -1) return null;
  const inner = path.slice(start + 1);
  // A key within a list is an operator: `[{ "prefix": … }]`, unless the list is one of alternatives.
  return inner.filter((step, index): step is string => {
    if (typeof step === "number" || step === "$or") return false;
    return typeof inner[index - 1] !== "number" || inner[index - 2] === "$or";
  });
}

/** All values of a place; values of lists one by one, as patterns see them. */
function valuesAt(value: unknown, place: readonly string[]): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, place));
  const [key, ...rest] = place;
  if (key === undefined) return value === undefined ? [] : [value];
  return isObject(value) && Object.hasOwn(value, key) ? valuesAt(value[key], rest) : [];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function preview(values: readonly unknown[]): string | null {
  const [first] = values.filter((value) => !isObject(value));
  return first === undefined ? null : String(first).slice(0, 60);
}
