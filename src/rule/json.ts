/** JSON whose numbers stay what was written. */
import { Decimal, readNumber } from "./decimal.ts";

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
