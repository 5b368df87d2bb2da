/** `rules check`: names every mistake before rules are deployed, and describes each rule in words. */
import { checkRules } from "../check-rules.ts";
import { counted } from "../counted.ts";
import { remark, sayJson, sayText } from "../screen.ts";
import { filledExamples } from "./examples.ts";
import { setsOf, tellUnset } from "./sets.ts";

/** @param file of rules; undefined: the rules here */
export function check(file: string | undefined, json: boolean): number {
  const checked = setsOf(file).map(({ set, title }) => {
    const result = checkRules(set);
    return { from: set.from, title, ...result, examples: filledExamples(result.book.rules, Date.now()) };
  });
  const wrong = checked.flatMap(({ mistakes }) => mistakes).length;
  if (json) {
    sayJson(
      checked.map(({ from, described, examples, mistakes, warnings, unset }) => ({
        from,
        rules: described,
        ...(examples.length > 0 && { examples }),
        mistakes,
        warnings,
        unset,
      })),
    );
    return wrong > 0 ? 1 : 0;
  }
  for (const { title, described, examples, mistakes, warnings, unset } of checked) {
    if (title) sayText(title);
    for (const mistake of mistakes) remark(mistake);
    tellUnset(unset);
    for (const warning of warnings) remark(warning);
    for (const rule of described) sayText(rule);
    for (const { rule, command, body } of examples)
      sayText(`${rule} sends, of an example of ${command}: ${body}`);
  }
  const rules = checked.flatMap(({ book }) => book.rules).length;
  sayText(`${counted(rules, "rule")}, ${counted(wrong, "mistake")}`);
  return wrong > 0 ? 1 : 0;
}
