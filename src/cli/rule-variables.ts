/** Rules in the variables of a Worker: `FORWARD_RULES`, `FORWARD_RULES_2` … `_9`, because a variable holds 5 KB at most. */
import { elementsOf } from "../rule/json-text.ts";
import type { SettingPath } from "../rule/setting-path.ts";
import { say } from "../sentence.ts";
import { ruleVariables } from "../settings.ts";

/** https://developers.cloudflare.com/workers/platform/limits/#environment-variables, bytes: the smaller reading of 5 KB. */
export const maxVariableBytes = 5_000;

/**
 * The rules in their order, in as few variables as hold them. Every other one is set to an empty list, so that no rule
 * of an earlier deploy stays in it.
 * @param rules the text of a JSON array
 * @param path gets the mistake that a rule is longer than a variable, or that they are too many together
 */
export function rulesInVariables(rules: string, path: SettingPath): Record<string, string> {
  const lists: string[][] = [[]];
  for (const [index, rule] of elementsOf(rules).entries()) {
    if (bytes([rule]) > maxVariableBytes)
      path
        .item(index)
        .problem(say`takes ${bytes([rule])} bytes, and a variable holds ${maxVariableBytes} at most`);
    if (bytes([...lists.at(-1)!, rule]) > maxVariableBytes) lists.push([]);
    lists.at(-1)!.push(rule);
  }
  if (lists.length > ruleVariables.length)
    path.problem(
      say`take ${lists.length} variables of ${maxVariableBytes} bytes, and there are ${ruleVariables.length}`,
    );
  return Object.fromEntries(ruleVariables.map((name, index) => [name, listOf(lists[index] ?? [])]));
}

const listOf = (rules: readonly string[]) => `[${rules.join()}]`;

const bytes = (rules: readonly string[]) => Buffer.byteLength(listOf(rules));
