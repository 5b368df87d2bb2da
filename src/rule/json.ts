/** JSON whose numbers keep the value that was written, also beyond 2^53. */
import { revived } from "../callback/json.ts";
import { type Sentence, say } from "../sentence.ts";
import { Decimal, readNumber } from "./match/decimal.ts";

export type Scalar = null | boolean | number | string | Decimal;
export type Json = Scalar | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** The start of a number that a double may not hold. A text can match too, which costs time only. */
const mayOverflow = /(?:^|[:,[\s])-?[\d.]{16}|\d[eE][+-]?\d{3}/;

/**
 * Reads JSON text. A number that a double does not hold becomes a `Decimal`, unless the text is nested too deeply.
 * @throws SyntaxError
 */
export function parseJson(text: string): Json {
  if (!mayOverflow.test(text)) return JSON.parse(text);
  return revived(text, (_holder, _key, value, source) =>
    typeof value === "number" && source !== undefined ? readNumber(source) : value,
  ) as Json;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Decimal);
}

export function isScalar(value: Json): value is Scalar {
  return typeof value !== "object" || value === null || value instanceof Decimal;
}

/** Deepest nesting of rules and trial events, which allows code to walk them by recursion. */
export const maxDepth = 100;

export const tooDeep = say`is nested more than ${maxDepth} levels deep`;

/** Whether objects and arrays are nested more than `levels` deep. */
export function isDeeper(value: Json | undefined, levels: number): boolean {
  let layer = [value];
  for (let depth = 0; layer.length > 0; depth++) {
    if (depth > levels) return true;
    layer = layer.flatMap((one) => (Array.isArray(one) ? one : isObject(one) ? Object.values(one) : []));
    layer = layer.filter((one) => typeof one === "object" && one !== null);
  }
  return false;
}

/**
 * The end of a sentence "expected …, got null". The content of a text is not shown: problems are public, and the
 * text may be a secret in the wrong field.
 */
export function got(value: unknown): Sentence {
  return say`got ${typeof value === "string" ? say`a text` : show(value)}`;
}

/** The same, where some texts are right: the one that was given is another. */
export function gotOther(value: unknown): Sentence {
  return typeof value === "string" ? say`got another text` : got(value);
}

/** A value for a sentence, cut to `limit` characters; arrays and objects by their kind only. */
export function show(value: unknown, limit = 60): string {
  const text =
    value instanceof Decimal ? value.text : typeof value === "string" ? JSON.stringify(value) : nested(value);
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}

function nested(value: unknown): string {
  if (Array.isArray(value)) return say`an array`;
  return isObject(value) ? say`an object` : String(value);
}
