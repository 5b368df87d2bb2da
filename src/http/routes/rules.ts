/** Rules on trial: which of them match one event, or how many of the last events that were kept. */
import * as v from "valibot";
import { readTrialRules } from "../../config.ts";
import { countedBy } from "../../counters.ts";
import { describe } from "../../rule/describe.ts";
import type { Json } from "../../rule/json.ts";
import type { RuleBook } from "../../rule/parse-rules.ts";
import { rulesSchema } from "../../rule/schema.ts";
import { pathAt } from "../../rule/setting-path.ts";
import { shownRule } from "../../rule/shown-rule.ts";
import { readTrialEvent, runTrial } from "../../rule/trial.ts";
import { unknownCommands } from "../../rule/unknown-commands.ts";
import type { RuleFit } from "../../shard/query/event-queries.ts";
import { verdictProblems } from "../../verdict/problems.ts";
import { component, count, described, gaps, ruleLatency } from "../answers.ts";
import { breakers } from "../ask-context.ts";
import { askMost, marked, type Place } from "../ask-each.ts";
import { mergeReports } from "../destination-reports.ts";
import { anyObject, anything, wholeNumber } from "../fields.ts";
import { json, Refusal } from "../reply.ts";
import { route } from "../route.ts";
import { latencyOf, mergeRuleCounters } from "../rule-counters.ts";
import { lastStanding, standingOf, standingProblems } from "../rule-standing.ts";
import { ruleStateOf, ruleStates } from "../rule-state.ts";
import { handOverCounters } from "../shards.ts";

const lastRange = { least: 1, most: 5_000, otherwise: 1_000 };

/** Events shown of each rule. */
const mostExamples = 5;

const ids = described(v.array(v.string()), "Ids of events, five at most.");

const ruleTest = component("RuleTest", "Whether a rule matches one event.", {
  rule: described(v.string(), "The rule's name."),
  matches: v.boolean(),
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

const changed = component("ChangedEvents", "Events that other rules match than now.", {
  events: count,
  examples: ids,
});

const ruleTrial = component("RuleTrial", "How many of the last events a rule would match.", {
  rule: described(v.string(), "The rule's name."),
  matches: count,
  examples: ids,
  added: difference,
  removed: difference,
});

const tryRules = route(
  {
    method: "POST",
    path: "/api/rules/test",
    operation: "testRules",
    tag: "Rules",
    access: "admin",
    summary:
      "Tries rules on an event: which match, and which field keeps each other rule from it. Or counts the last kept events that each rule would match.",
    body: {
      rules: anything("Rules to try, as in `FORWARD_RULES`. Absent: the rules of the settings.", {
        type: "array",
        items: anyObject,
      }),
      event: anything(
        "An event: `command` and `body`, or a callback's body. Not together with `last`.",
        anyObject,
      ),
      last: wholeNumber(
        lastRange,
        "How many of the last kept events are tried. Relay events are among them only if a rule names some.",
      ),
    },
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
  async ({ body: { rules, event, last }, text, ...place }) => {
    const { env, config } = place;
    if (event !== undefined && last !== null)
      throw new Refusal(
        400,
        "bad_body",
        "event and last do not go together: rules are tried on one event, or on the last",
      );
    const book = rules === undefined ? config.rules : validRules(env, rules);
    if (event !== undefined) return { results: runTrial(book, validEvent(event as Json)) };
    return tryOnKept(place, book, text.trim(), last ?? lastRange.otherwise);
  },
);

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

const listRules = route(
  {
    method: "GET",
    path: "/api/rules",
    operation: "listRules",
    tag: "Rules",
    access: "read",
    summary:
      "Lists every rule in its order, wrong ones too: state, effect in words, how often it fitted, and how its verdicts came about.",
    answer: described(v.array(listedRule), "All rules."),
  },
  async ({ caller, ...place }) => {
    const { env, config } = place;
    const { answers, missing } = await askMost(place, "rules", async (stub, index) => {
      await handOverCounters(env, config, index);
      const standing = index === 0 ? standingOf(env, config) : null;
      return Promise.all([standing, stub.ruleCounters(), stub.destinations()]);
    });
    const heard = answers.map(([standing]) => standing).find((one) => one !== null);
    const standing = heard ?? lastStanding();
    const counters = mergeRuleCounters(answers.map(([, counted]) => counted));
    const reports = mergeReports(answers.map(([, , destinations]) => destinations));
    const sentences = [
      ...verdictProblems(config.rules.rules, breakers),
      ...standingProblems(standing, config.rules),
    ];
    return config.rules.listed.map((listed) => {
      const { name, kind, rule, problems, written } = listed;
      const verdicts = name === null || kind === "forward" ? {} : countedBy(`ruled:${name}:`, counters.ever);
      const decided = Object.values(verdicts).reduce((sum, times) => sum + times, 0);
      return {
        name,
        kind,
        state: ruleStateOf(listed, standing.paused),
        problems: [
          ...problems,
          ...sentences.filter((one) => one.startsWith(`${name}: `)),
          ...(heard || kind === "forward"
            ? []
            : [`${name}: shard 0 does not answer, and knows whether it is paused`]),
          ...(rule ? unknownCommands(rule) : []).map((on) => `${name}: ${on} fits no command that is known`),
        ],
        says: rule && describe(rule),
        fitted: kind === "forward" ? (reports.get(name ?? "")?.fitted ?? 0) : decided,
        verdicts,
        latency: latencyOf(name ?? "", counters),
        rule: shownRule(written, config.secrets, caller.sees === "metadata"),
        ...marked(missing),
      };
    });
  },
);

const showRulesSchema = route(
  {
    method: "GET",
    path: "/api/rules/schema",
    operation: "getRulesSchema",
    tag: "Rules",
    access: "read",
    summary: "The JSON Schema of `FORWARD_RULES`, with which editors complete keys and mark mistakes.",
    answer: described(v.looseObject({ $schema: v.string() }), "JSON Schema 2020-12 of a list of rules."),
  },
  () => json(rulesSchema()),
);

export const ruleRoutes = [listRules, showRulesSchema, tryRules];

function validRules(env: Env, value: unknown): RuleBook {
  const book = readTrialRules(env, value);
  const [mistake] = book.mistakes;
  if (mistake) throw new Refusal(400, "invalid_rule", mistake.message, mistake.path);
  return book;
}

function validEvent(value: Json) {
  const mistakes: { path: string; message: string }[] = [];
  const event = readTrialEvent(
    value,
    pathAt("event", (path, message) => mistakes.push({ path, message })),
    Date.now(),
  );
  if (event) return event;
  throw new Refusal(400, "bad_event", mistakes[0]?.message ?? "is not an event", mistakes[0]?.path);
}

/** How many events each rule would match, and how that differs from the rule of the same name now. */
async function tryOnKept(place: Place, book: RuleBook, request: string, last: number) {
  const { config } = place;
  const { answers, missing } = await askMost(place, "rules on trial", (stub) => stub.fits(request, last));
  const fits: RuleFit[] = answers
    .flat()
    .sort((a, b) => b.position - a.position)
    .slice(0, last);
  const names = new Set([...book.rules, ...config.rules.rules].map(({ name }) => name));
  const results = [...names].map((rule) => {
    const matching = fits.filter(({ would }) => would.includes(rule));
    const added = matching.filter(({ now }) => !now.includes(rule));
    const removed = fits.filter(({ now, would }) => now.includes(rule) && !would.includes(rule));
    return {
      rule,
      matches: matching.length,
      examples: examplesOf(matching),
      added: summaryOf(added),
      removed: summaryOf(removed),
    };
  });
  const changed = fits.filter(
    ({ now, would }) => now.length !== would.length || !now.every((name) => would.includes(name)),
  );
  return { events: fits.length, changed: summaryOf(changed), results, ...marked(missing) };
}

const examplesOf = (fits: readonly RuleFit[]) => fits.slice(0, mostExamples).map(({ id }) => id);

const summaryOf = (fits: readonly RuleFit[]) => ({ events: fits.length, examples: examplesOf(fits) });
