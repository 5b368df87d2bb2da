/** Paths to the values of an event's view: `body.From_Account`, `body.MsgBody[0].MsgContent["a b"]`. */
import type { Event } from "../callback/event.ts";
import { type Sentence, say } from "../sentence.ts";
import { rawValues } from "./raw-values.ts";
import { shownName, stepsOf } from "./setting-path.ts";
import { viewFields, viewOf } from "./view.ts";

type Root = (typeof viewFields)[number];

export interface FieldPath {
  root: Root;
  /** Names and places in lists, within the root. */
  steps: readonly (string | number)[];
}

/** A name, then further names and places in lists. A step by name goes through lists by itself. */
const form = /^[^.[\]"{}\s]+(?:\.[^.[\]"{}\s]+|\[\d{1,9}\]|\["(?:[^"\\]|\\["\\/bfnrtu])*"\])*$/;

/** The path that a text is; or its mistake, as the end of a sentence such as "is a path …". */
export function readFieldPath(text: string): FieldPath | Sentence {
  if (!form.test(text)) return say`that names no field: expected body.MsgBody[0].MsgType, say`;
  const [name, ...steps] = stepsOf(text);
  const root = viewFields.find((one) => one === name);
  if (root === undefined) return say`for ${shownName(String(name))}: expected ${viewFields.join(", ")}`;
  if (root !== "body" && steps.length > 0) return say`for a field within ${root as string}, which has none`;
  return { root, steps };
}

/** The values at paths as JSON texts, as the event writes them; undefined where a step leads nowhere. */
export function fieldTexts(paths: readonly FieldPath[]): (event: Event) => readonly (string | undefined)[] {
  const inBody = paths.filter(({ root }) => root === "body");
  const bodyTexts = rawValues(inBody.map(({ steps }) => steps));
  return (event) => {
    const view = viewOf(event);
    const texts = inBody.length === 0 ? [] : bodyTexts(event.body);
    let next = 0;
    return paths.map(({ root }) => (root === "body" ? texts[next++] : JSON.stringify(view[root])));
  };
}
