/** The mistakes of a value that is held strictly against its schema, by path. They never repeat the value. */
import * as v from "valibot";
import type { Issue } from "./event.ts";

/** More mistakes of one body help no reader. */
export const maxIssues = 200;

/** Everything that is wrong, or with `abortEarly` the first of it; empty for a value that fits. */
export function issuesOf(schema: v.GenericSchema, value: unknown, abortEarly = false): Issue[] {
  const result = v.safeParse(schema, value, { abortEarly });
  if (result.success) return [];
  return result.issues
    .slice(0, maxIssues)
    .map((issue) => ({ path: pathOf(issue), message: messageOf(issue) }));
}

/** `MsgSeqList[1].MsgSeq` */
function pathOf(issue: v.BaseIssue<unknown>): string {
  let path = "";
  for (const { key } of issue.path ?? [])
    path += typeof key === "number" ? `[${key}]` : `${path && "."}${key}`;
  return path;
}

const wanted: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  boolean: "true or false",
  Array: "an array",
  Object: "an object",
  "(number | string)": "a number or a text",
  "(string | number)": "a text or a whole number",
};

function messageOf({ received, expected, type, input, message }: v.BaseIssue<unknown>): string {
  if (received === "undefined") return "is missing";
  if (type === "min_length") return "is empty";
  if (type === "check") return message;
  const want = type === "integer" ? "a whole number" : (wanted[expected ?? ""] ?? expected);
  return `expected ${want}, got ${kindOf(input)}`;
}

/** The kind of a value, for people. Its content is left out: it may be a person's message. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  switch (typeof value) {
    case "string":
      return "a text";
    case "number":
      return Number.isInteger(value) ? "a number" : "a fraction";
    case "boolean":
      return String(value);
    default:
      return "an object";
  }
}
