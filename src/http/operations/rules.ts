/** Rules as they stand, and on trial. */
import * as v from "valibot";
import { ruleStates } from "../rule-state.ts";
import { component, count, described, gaps, ruleLatency } from "./answers.ts";
import type { Documented } from "./documented.ts";

const ids = described(v.array(v.string()), "Ids of events, five at most.");

const ruleTest = component("RuleTest", "Whether a rule matches one event.", {
  rule: described(v.string(), "The rule's name."),
  matches: v.boolean(),
  body: v.exactOptional(
    described(v.string(), "The text that the rule's `template` makes of the event. Absent without one."),
  ),
  untried: v.exactOptional(
    described(
      v.string(),
      "A condition of a rule that matches, which a trial cannot judge: its limit counts nothing here.",
    ),
  ),
  word: v.exactOptional(
    described(v.string(), "The first of its `words` in the event's message, as it stands there."),
  ),
  failed: v.exactOptional(
    component("RuleFailure", "The field that keeps a rule from matching.", {
      field: v.string(),
      found: v.string(),
      expected: v.string(),
      why: described(v.string(), "The same as a sentence."),
    }),
  ),
});

const difference = component(
  "RuleDifference",
  "Events that only the tried rule matches, or only the rule of its name now.",
  {
    events: count,
    examples: ids,
  },
);

const ruleTrial = component("RuleTrial", "How many of the last events a rule would match.", {
  rule: described(v.string(), "The rule's name."),
  matches: count,
  examples: ids,
  added: difference,
  removed: difference,
});

const nameOrNull = v.nullable(v.string());

const listedRule = component("Rule", "An entry of `FORWARD_RULES`.", {
  name: described(nameOrNull, "Null where it has no valid one."),
  kind: described(
    v.nullable(v.picklist(["forward", "ask", "answer"])),
    "Null where it has not exactly one of `url`, `ask` and `answer`.",
  ),
  state: described(
    v.picklist(ruleStates),
    "`off`: by its key `enabled`. `paused`: by the API. `wrong`: see `problems`.",
  ),
  problems: described(v.array(v.string()), "Mistakes and warnings, each a sentence."),
  says: described(nameOrNull, "The rule as a sentence; null where it is wrong."),
  fitted: described(
    count,
    "Events that it has matched since it has its name. An ask or answer rule counts the callbacks that it decided: later rules are not tried.",
  ),
  verdicts: described(v.record(v.string(), count), "How its verdicts came about."),
  latency: ruleLatency,
  rule: described(
    v.nullable(v.record(v.string(), v.unknown())),
    "As it is configured, defaults left out. `$NAME` stays, other secrets are `***`, and so are the values of unknown keys. A caller that sees metadata gets `***` for the values in the query of an address. Null where it is no object.",
  ),
  ...gaps,
});

const changed = component("ChangedEvents", "Events that other rules match than now.", {
  events: count,
  examples: ids,
});

export const ruleOperations = {
  testRules: {
    tag: "Rules",
    summary:
      "Tries rules on an event: which match, and which field keeps each other rule from it. Or counts the last kept events that each rule would match.",
    answer: described(
      v.union([
        component("RuleTests", "Each rule beside the event of the request.", { results: v.array(ruleTest) }),
        component("RuleTrials", "Each rule beside the last kept events.", {
          events: described(count, "How many events were tried."),
          changed,
          results: v.array(ruleTrial),
          ...gaps,
        }),
      ]),
      "With `event`, each rule beside it; else each rule beside the last kept events.",
    ),
  },
  listRules: {
    tag: "Rules",
    summary:
      "Lists every rule in its order, wrong ones too: state, effect in words, how often it fitted, and how its verdicts came about.",
    answer: described(v.array(listedRule), "All rules."),
  },
  getRulesSchema: {
    tag: "Rules",
    summary: "The JSON Schema of `FORWARD_RULES`, with which editors complete keys and mark mistakes.",
    answer: described(v.looseObject({ $schema: v.string() }), "JSON Schema 2020-12 of a list of rules."),
  },
} satisfies Record<string, Documented>;
