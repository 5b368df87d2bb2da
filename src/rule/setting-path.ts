/** A mistake in a setting, by its path. */
export interface Mistake {
  path: string;
  message: Sentence;
}

/** The path of a value in the settings, `FORWARD_RULES[1].match.body.Type[0]`. Mistakes are reported through it. */
import type { Sentence } from "../sentence.ts";

export interface SettingPath {
  readonly text: string;
  /** The same path for public reports: a key that may be a secret in the wrong field is cut short. */
  readonly shown: string;
  /** Reports a mistake. Returns undefined, so that a reader can `return path.problem(…)`. */
  problem(message: Sentence): undefined;
  key(name: string): SettingPath;
  item(index: number): SettingPath;
}

/** @param report gets the full path, the mistake there as a sentence, and the public path. */
export function pathAt(
  text: string,
  report: (text: string, message: Sentence, shown: string) => void,
  shown = text,
): SettingPath {
  return {
    text,
    shown,
    problem: (message) => void report(text, message, shown),
    key: (name) => pathAt(joined(text, name), report, joined(shown, shownName(name))),
    item: (index) => pathAt(`${text}[${index}]`, report, `${shown}[${index}]`),
  };
}

/** Keys up to this length may be shown whole. Characters. */
const maxShownLength = 40;
/** Characters shown of any other key. */
const shownStart = 4;

/** A key for public reports: whole if it is made of words, like the name of a field or a header. */
export function shownName(name: string): string {
  const words = /^\$?[A-Za-z]+([._$-][A-Za-z]+)*$/;
  if (name.length <= shownStart || (name.length <= maxShownLength && words.test(name))) return name;
  return `${name.slice(0, shownStart)}…`;
}

/** The path of a value inside, reached by keys and indices. */
export function inside(path: SettingPath, steps: readonly (string | number)[]): SettingPath {
  return steps.reduce((at, step) => (typeof step === "number" ? at.item(step) : at.key(step)), path);
}

/** All values; undefined if one of them is. Lets a reader report every mistake before it gives up. */
export function complete<Value>(values: readonly (Value | undefined)[]): readonly Value[] | undefined {
  return values.every((value) => value !== undefined) ? values : undefined;
}

function joined(path: string, name: string): string {
  return path === "" ? step(name).replace(/^\./, "") : `${path}${step(name)}`;
}

/** A step to a key; a key that would make the path ambiguous is quoted. */
function step(name: string): string {
  return /^[^\s."'[\]]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

/** The steps of a path such as `rules[1].match.body["a b"][0]`. */
export function stepsOf(path: string): (string | number)[] {
  const steps = path.matchAll(/\.?([^.[\]"]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/g);
  return [...steps].map(([, key, index, quoted]) =>
    index !== undefined ? Number(index) : quoted !== undefined ? JSON.parse(quoted) : key!,
  );
}
