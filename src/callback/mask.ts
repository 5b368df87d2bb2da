/** Masks values in the JSON text of a body. The rest of the text stays as it is, byte for byte. */
import { endOfText, endOfValue } from "./json-scan.ts";

/** The paths of the values to mask, as a tree of their steps. */
export interface Masks {
  /** Whether the value is masked as a whole. */
  whole: boolean;
  /** The masks inside of it, or inside of the items of a list, by the names of fields. */
  readonly fields: Map<string, Masks>;
}

/** @param paths steps joined by dots: `MsgBody.MsgContent.Text`. A step into a list is a step into each item. */
export function masksOf(paths: readonly string[]): Masks {
  const root: Masks = { whole: false, fields: new Map() };
  for (const path of paths) {
    let masks = root;
    for (const step of path.split(".")) {
      const inner = masks.fields.get(step) ?? { whole: false, fields: new Map() };
      masks.fields.set(step, inner);
      masks = inner;
    }
    masks.whole = true;
  }
  return root;
}

/** The masks of a field's value. As in the patterns of rules, a dot in a name is a step. */
function within(masks: Masks | undefined, name: string): Masks | undefined {
  let inner = masks;
  for (const step of name.split(".")) if (!inner?.whole) inner = inner?.fields.get(step);
  return inner;
}

/** Whether the value at a path, such as `MsgBody[].MsgContent.Text`, is masked or lies within a masked value. */
export function isMasked(masks: Masks, path: string): boolean {
  return within(masks, path.replace(/\[\d*\]/g, ""))?.whole === true;
}

/** The masks of the kinds of values by their first character; of any other value, a number, it is 0. */
const substitutes: Readonly<Record<string, string>> = {
  '"': '"***"',
  "{": "{}",
  "[": "[]",
  t: "false",
  f: "false",
  n: "null",
};

/** An object or a list whose end has not been read yet. */
interface Open {
  masks: Masks;
  isList: boolean;
}

/**
 * The text with every masked value replaced, and the texts of these values. Of a key given twice, both values are masked.
 * @param text a JSON object
 */
export function maskedText(text: string, masks: Masks): { text: string; values: string[] } {
  const values: string[] = [];
  const open: Open[] = [];
  let result = "";
  let copied = 0;
  let expectsKey = false;
  /** The masks of the next value. */
  let next: Masks | undefined = masks;
  for (let at = 0; at < text.length; ) {
    const character = text[at]!;
    const last = open.at(-1);
    if (" \t\r\n:".includes(character)) at++;
    else if (character === ",") {
      expectsKey = last?.isList === false;
      next = last?.masks;
      at++;
    } else if (character === "}" || character === "]") {
      open.pop();
      at++;
    } else if (expectsKey) {
      const end = endOfText(text, at);
      next = within(last?.masks, JSON.parse(text.slice(at, end)));
      expectsKey = false;
      at = end;
    } else if (next !== undefined && !next.whole && (character === "{" || character === "[")) {
      expectsKey = character === "{";
      open.push({ masks: next, isList: !expectsKey });
      at++;
    } else {
      const end = endOfValue(text, at);
      if (next?.whole) {
        values.push(text.slice(at, end));
        result += text.slice(copied, at) + (substitutes[character] ?? "0");
        copied = end;
      }
      at = end;
    }
  }
  return { text: result + text.slice(copied), values };
}

/** The texts within a masked value, without the escapes of JSON. */
export function textsIn(value: string): string[] {
  const texts: string[] = [];
  for (let at = value.indexOf('"'); at !== -1; ) {
    const end = endOfText(value, at);
    texts.push(JSON.parse(value.slice(at, end)));
    at = value.indexOf('"', end);
  }
  return texts;
}
