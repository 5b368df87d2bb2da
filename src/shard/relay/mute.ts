import type { RuleBook } from "../../rule/parse-rules.ts";
import { hearsOnlyRelay } from "../../rule/selection.ts";

/** Nothing is told of a destination that gets relay events only: it would be told of its own deliveries. */
export function isMute({ rules }: RuleBook, destination: string): boolean {
  const rule = rules.find(({ name }) => name === destination);
  return rule !== undefined && hearsOnlyRelay(rule);
}
