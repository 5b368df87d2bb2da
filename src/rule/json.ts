/** JSON whose numbers stay what was written. */
import { Decimal, readNumber } from "./match/decimal.ts";

export type Scalar = null | boolean | number | string | Decimal;
export type Json = Scalar | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Where a number begins that a double may not hold. A text may look like that too, which costs time only. */
const mayOverflow = /(?:^|[:,[\s])-?[\d.]{16}|\d[eE][+-]?\d{3}/;

/** @throws SyntaxError */
export function parseJson(text: string): Json {
  if (!mayOverflow.test(text)) return JSON.parse(text);
  try {
    return JSON.parse(text, (_key, value, context?: { source?: string }) =>
      typeof value === "number" && context?.source !== undefined ? readNumber(context.source) : value,
    );
  } catch (error) {
    // A reviver walks by recursion: nesting that deep carries no number worth the trouble.
    if (error instanceof RangeError) return JSON.parse(text);
    throw error;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Decimal);
}

export function isScalar(value: Json): value is Scalar {
  return typeof value !== "object" || value === null || value instanceof Decimal;
}

/** How deep rules and what they are tested with may be nested: whatever walks them may do so by recursion. */
export const maxDepth = 100;

export const tooDeep = `must not be nested more than ${maxDepth} levels deep`;

/** Whether objects and arrays lie deeper in one another than so many levels. */
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
 * What a wrong value is, to go on after "must be …": `, is null`. A text is not shown, nor is anything in it: whoever
 * may read a problem may not read a secret that stands in the wrong place.
 */
export function is(value: unknown): string {
  return typeof value === "string" ? "" : `, is ${show(value)}`;
}

/** A value as people should read it, cut short. */
export function show(value: unknown, limit = 60): string {
  const text =
    value instanceof Decimal ? value.text : typeof value === "string" ? JSON.stringify(value) : nested(value);
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}

function nested(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  return isObject(value) ? "an object" : String(value);
}
