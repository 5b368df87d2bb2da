/** The state of a rule as the API shows it. */
import type { ListedRule } from "../rule/parse-rules.ts";

export const ruleStates = ["on", "off", "paused", "wrong"] as const;

/** @param paused names that an operator has paused */
export function ruleStateOf(
  { name, rule }: ListedRule,
  paused: readonly string[],
): (typeof ruleStates)[number] {
  if (rule === null) return "wrong";
  if (!rule.enabled) return "off";
  return name !== null && paused.includes(name) ? "paused" : "on";
}
