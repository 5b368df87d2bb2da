/** Facts about a JSON text that `JSON.parse` loses. The functions do not recurse, so that no nesting overflows the stack. */
import { endOfText } from "../callback/json-scan.ts";

/** A path inside a JSON value: keys and indices. */
export type Path = readonly (string | number)[];

/** An object or array whose end has not been read yet. */
interface Open {
  /** The count of each key of an object; null for an array. */
  keys: Map<string, number> | null;
  /** The key or index of the value that is being read in it. */
  at: string | number;
}

/**
 * The path of every key that an object gives more than once; `JSON.parse` keeps the last value.
 * @param text JSON
 */
export function repeatedKeys(text: string): Path[] {
  const found: Path[] = [];
  const open: Open[] = [];
  let expectsKey = false;
  for (let at = 0; at < text.length; at++) {
    const last = open.at(-1);
    switch (text[at]) {
      case "{":
        open.push({ keys: new Map(), at: "" });
        expectsKey = true;
        break;
      case "[":
        open.push({ keys: null, at: 0 });
        expectsKey = false;
        break;
      case "}":
      case "]":
        open.pop();
        break;
      case ",":
        expectsKey = last?.keys !== null;
        if (typeof last?.at === "number") last.at++;
        break;
      case '"': {
        const end = endOfText(text, at);
        if (expectsKey && last?.keys) {
          const key: string = JSON.parse(text.slice(at, end));
          const times = (last.keys.get(key) ?? 0) + 1;
          last.keys.set(key, times);
          last.at = key;
          if (times === 2) found.push(open.map((one) => one.at));
          expectsKey = false;
        }
        at = end - 1;
      }
    }
  }
  return found;
}

/**
 * The elements of an array, each as its JSON text.
 * @param text a JSON array
 */
export function elementsOf(text: string): string[] {
  const elements: string[] = [];
  let depth = 0;
  let start = 0;
  const end = (at: number) => {
    const element = text.slice(start, at).trim();
    if (element !== "") elements.push(element);
    start = at + 1;
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') at = endOfText(text, at) - 1;
    else if ("[{".includes(character) && depth++ === 0) start = at + 1;
    else if ("]}".includes(character) && --depth === 0) end(at);
    else if (character === "," && depth === 1) end(at);
  }
  return elements;
}
