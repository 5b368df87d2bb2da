/** Where a value stands in the settings, `FORWARD_RULES[1].match.body.Type[0]`, and where to say what is wrong with it. */
export interface Place {
  readonly path: string;
  /** Says what is wrong. Returns undefined, so that a reader can `return place.problem(…)`. */
  problem(message: string): undefined;
  key(name: string): Place;
  item(index: number): Place;
}

/** @param say gets a path and what is wrong there. */
export function placeAt(path: string, say: (path: string, message: string) => void): Place {
  return {
    path,
    problem: (message) => void say(path, message),
    key: (name) => placeAt(path === "" ? step(name).replace(/^\./, "") : `${path}${step(name)}`, say),
    item: (index) => placeAt(`${path}[${index}]`, say),
  };
}

/** The place that a path of keys and indices leads to. */
export function inside(place: Place, path: readonly (string | number)[]): Place {
  return path.reduce((at, part) => (typeof part === "number" ? at.item(part) : at.key(part)), place);
}

/** All values; undefined if one is. Lets a reader name every mistake before it gives up. */
export function complete<Value>(values: readonly (Value | undefined)[]): readonly Value[] | undefined {
  return values.every((value) => value !== undefined) ? values : undefined;
}

/** A step to a key; one that would make the path ambiguous is quoted. */
function step(name: string): string {
  return /^[^\s."'[\]]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
