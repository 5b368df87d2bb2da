/** The rules that a command of `tim-relay rules` is about. */
import type { RuleSet } from "../check-rules.ts";
import { ruleSetsHere, ruleSetsIn } from "../rule-sets.ts";
import { remark } from "../screen.ts";

/** Sets of rules, each with a line to print before it where there may be several. @param file undefined: those here */
export function setsOf(file: string | undefined): { set: RuleSet; title: string | null }[] {
  const sets = file === undefined ? ruleSetsHere() : ruleSetsIn(file);
  const titled = file === undefined || sets.length > 1;
  return sets.map((set) => ({ set, title: titled ? `${set.from}:` : null }));
}

export function tellUnset(names: readonly string[]): void {
  if (names.length > 0)
    remark(`Not set here, and taken to be right: ${names.map((name) => `$${name}`).join(", ")}`);
}
