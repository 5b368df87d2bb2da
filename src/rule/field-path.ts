/** The path to one value of an event's view: `body.From_Account`, `body.MsgBody[0].MsgContent["a b"]`. */
import { isObject, type Json, type JsonObject } from "./json.ts";
import { fieldOf, undotted } from "./match/fields.ts";
import { shownName, stepsOf } from "./setting-path.ts";
import { viewFields } from "./view.ts";

type Root = (typeof viewFields)[number];

export interface FieldPath {
  root: Root;
  /** Names and places in lists, within the root. */
  steps: readonly (string | number)[];
}

/** A name, then further names and places in lists. */
const form = /^[^.[\]"{}\s]+(?:\.[^.[\]"{}\s]+|\[\d{1,9}\]|\["(?:[^"\\]|\\["\\/bfnrtu])*"\])*$/;

/** The path that a text is; or its mistake, as the end of a sentence such as "is a path …". */
export function readFieldPath(text: string): FieldPath | string {
  if (!form.test(text)) return "that names no field: expected body.MsgBody[0].MsgType, say";
  const [name, ...steps] = stepsOf(text);
  const root = viewFields.find((one) => one === name);
  if (root === undefined) return `for ${shownName(String(name))}: expected ${viewFields.join(", ")}`;
  if (root !== "body" && steps.length > 0) return `for a field within ${root}, which has none`;
  return { root, steps };
}

/** The value at the path. Undefined: a step leads nowhere. */
export function valueAt({ root, steps }: FieldPath, view: JsonObject): Json | undefined {
  let value: Json | undefined = view[root];
  for (const step of steps) {
    if (typeof step === "string") value = isObject(value) ? fieldOf(undotted(value), step) : undefined;
    else value = Array.isArray(value) ? value[step] : undefined;
    if (value === undefined) return undefined;
  }
  return value;
}
