/** The mistakes of a value against its description, by path. A message never repeats the value. */
import * as v from "valibot";
import { type Sentence, say } from "../sentence.ts";
import type { Issue } from "./event.ts";
import type { Field } from "./field.ts";
import { schemaOf } from "./schema.ts";

/** At most so many mistakes of one body are reported. */
export const maxIssues = 200;

/** All mistakes, or with `abortEarly` only the first; empty for a valid value. */
export function issuesOf(field: Field, value: unknown, abortEarly = false): Issue[] {
  const result = v.safeParse(schemaOf(field), value, { abortEarly });
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

const kinds: Readonly<Record<string, Sentence>> = {
  string: say`a text`,
  number: say`a number`,
  boolean: say`true or false`,
  Array: say`an array`,
  Object: say`an object`,
  "(number | string)": say`a number or a text`,
  "(string | number)": say`a text or a whole number`,
};

function messageOf({ received, expected, type, input, message }: v.BaseIssue<unknown>): Sentence {
  if (received === "undefined") return say`is missing`;
  if (type === "min_length") return say`is empty`;
  if (type === "check") return message as Sentence;
  const kind = type === "integer" ? say`a whole number` : (kinds[expected ?? ""] ?? expected);
  return say`expected ${kind}, got ${kindOf(input)}`;
}

/** The kind of a value as a phrase. The content is left out: it may be a user's message. */
export function kindOf(value: unknown): Sentence {
  if (value === null) return say`null`;
  if (Array.isArray(value)) return say`an array`;
  switch (typeof value) {
    case "string":
      return say`a text`;
    case "number":
      return Number.isInteger(value) ? say`a number` : say`a fraction`;
    case "boolean":
      return say`a boolean`;
    default:
      return say`an object`;
  }
}
