/** The part of the page that helps with a sentence of `/health`. */
import type { View } from "../route.ts";

export interface Problem {
  /** The beginning of the sentence, which leads there; empty: nothing in the page helps. */
  head: string;
  rest: string;
  place: { view: View; item: string | null; query: Readonly<Record<string, string>> } | null;
}

const name = /^([a-z0-9-]{1,40})(?=: )/;
const command = /^(\S+\.\S+)(?=: .*quarantined because)/;
const setting = /^FORWARD_RULES(?:\[\d+\])?(?:\.\w+|\[\d+\])*/;
const more = /^and \d+ more .*quarantined events$/;

/** @param destinations their names */
export function readProblem(sentence: string, destinations: readonly string[]): Problem {
  const found = (pattern: RegExp) => pattern.exec(sentence)?.[0];
  const at = (head: string, view: View, item: string | null = null, query = {}): Problem => ({
    head,
    rest: sentence.slice(head.length),
    place: { view, item, query },
  });
  const misfit = found(command);
  if (misfit !== undefined)
    return at(misfit, "events", null, { filter: `state:quarantined command:${misfit}` });
  if (found(more)) return at(sentence, "events", null, { filter: "state:quarantined" });
  const key = found(setting);
  if (key !== undefined) return at(key, "rules");
  const rule = found(name);
  if (rule !== undefined)
    return destinations.includes(rule) ? at(rule, "destinations", rule) : at(rule, "rules", rule);
  return { head: "", rest: sentence, place: null };
}
