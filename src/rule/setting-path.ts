/** Where a value stands in the settings, `FORWARD_RULES[1].match.body.Type[0]`, and where to say what is wrong with it. */
export interface SettingPath {
  readonly text: string;
  /** The same for everybody: a key that may be a secret in the wrong place is cut short. */
  readonly shown: string;
  /** Says what is wrong. Returns undefined, so that a reader can `return place.problem(…)`. */
  problem(message: string): undefined;
  key(name: string): SettingPath;
  item(index: number): SettingPath;
}

/** @param say gets a path, what is wrong there, and the path as everybody may read it. */
export function pathAt(
  path: string,
  say: (path: string, message: string, shown: string) => void,
  shown = path,
): SettingPath {
  return {
    text: path,
    shown,
    problem: (message) => void say(path, message, shown),
    key: (name) => pathAt(behind(path, name), say, behind(shown, shownName(name))),
    item: (index) => pathAt(`${path}[${index}]`, say, `${shown}[${index}]`),
  };
}

/** The longest key that is shown whole; of others so much. Characters. */
const maxShownLength = 40;
const shownStart = 4;

/** A key as everybody may read it: whole if it is made of words, as the names of fields and headers are. */
export function shownName(name: string): string {
  const words = /^\$?[A-Za-z]+([._$-][A-Za-z]+)*$/;
  if (name.length <= shownStart || (name.length <= maxShownLength && words.test(name))) return name;
  return `${name.slice(0, shownStart)}…`;
}

/** The place that a path of keys and indices leads to. */
export function inside(place: SettingPath, path: readonly (string | number)[]): SettingPath {
  return path.reduce((at, part) => (typeof part === "number" ? at.item(part) : at.key(part)), place);
}

/** All values; undefined if one is. Lets a reader name every mistake before it gives up. */
export function complete<Value>(values: readonly (Value | undefined)[]): readonly Value[] | undefined {
  return values.every((value) => value !== undefined) ? values : undefined;
}

function behind(path: string, name: string): string {
  return path === "" ? step(name).replace(/^\./, "") : `${path}${step(name)}`;
}

/** A step to a key; one that would make the path ambiguous is quoted. */
function step(name: string): string {
  return /^[^\s."'[\]]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
