/** Examples filled into the templates of rules, so that a mistake is seen before it is deployed. */
import { catalogue } from "../../callback/catalogue.ts";
import type { Event } from "../../callback/event.ts";
import { relayEvents } from "../../callback/relay-events.ts";
import type { Json } from "../../rule/json.ts";
import type { ForwardRule, Rule } from "../../rule/rule.ts";
import { pathAt } from "../../rule/setting-path.ts";
import { readTrialEvent } from "../../rule/trial.ts";

export interface FilledExample {
  rule: string;
  /** The command whose example it is. */
  command: string;
  /** The text that is sent. */
  body: string;
}

/** The texts of rules with a template: of the first example that the rule fits, else of one of its commands. */
export function filledExamples(rules: readonly Rule[], now: number): FilledExample[] {
  const templated = rules.filter(
    (rule): rule is ForwardRule => rule.kind === "forward" && rule.template !== null,
  );
  if (templated.length === 0) return [];
  const events = examples(now);
  return templated.flatMap((rule) => {
    const event =
      events.find((one) => rule.matches(one)) ?? events.find((one) => rule.explain(one)?.field !== "command");
    return event ? [{ rule: rule.name, command: event.command, body: rule.template!.fill(event)! }] : [];
  });
}

function examples(now: number): Event[] {
  const unmistaken = pathAt("example", (path, message) => {
    throw new Error(`${path}: ${message}`);
  });
  return [...catalogue.values(), ...relayEvents].map(
    ({ name, example }) => readTrialEvent({ command: name, body: example as Json }, unmistaken, now)!,
  );
}
