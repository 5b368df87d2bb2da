/** Rules on trial: which of them match one event, or how many of the last events that were kept. */
import { readTrialRules } from "../../config.ts";
import { countedBy } from "../../counters.ts";
import { describe } from "../../rule/describe.ts";
import type { Json } from "../../rule/json.ts";
import { unknownCommands } from "../../rule/on.ts";
import type { RuleBook } from "../../rule/parse-rules.ts";
import { type Mistake, pathAt } from "../../rule/setting-path.ts";
import { shownRule } from "../../rule/shown-rule.ts";
import { readTrialEvent, runTrial } from "../../rule/trial.ts";
import { freshLists } from "../../rule/words/fresh-lists.ts";
import { type Sentence, say } from "../../sentence.ts";
import type { RuleFit } from "../../shard/query/event-queries.ts";
import { verdictProblems } from "../../verdict/problems.ts";
import { breakers } from "../ask-context.ts";
import { askMost, marked, type Place } from "../ask-each.ts";
import { documentOf } from "../assets.ts";
import { mergeReports } from "../destination-reports.ts";
import { anyObject, anything, wholeNumber } from "../fields.ts";
import { Refusal } from "../reply.ts";
import { route } from "../route.ts";
import { latencyOf, mergeRuleCounters } from "../rule-counters.ts";
import { lastStanding, standingOf, standingProblems } from "../rule-standing.ts";
import { ruleStateOf } from "../rule-state.ts";
import { handOverCounters } from "../shards.ts";

const lastRange = { least: 1, most: 5_000, otherwise: 1_000 };

/** Events shown of each rule. */
const mostExamples = 5;

const tryRules = route(
  {
    method: "POST",
    path: "/api/rules/test",
    operation: "testRules",
    access: "admin",
    body: () => ({
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
    }),
  },
  async ({ body: { rules, event, last }, text, ...place }) => {
    const { env, ctx, config } = place;
    if (event !== undefined && last !== null)
      throw new Refusal(
        400,
        "bad_body",
        say`event and last do not go together: rules are tried on one event, or on the last`,
      );
    const book = rules === undefined ? config.rules : validRules(env, rules);
    if (event !== undefined) {
      await freshLists(book.rules, ctx, Date.now());
      return { results: runTrial(book, validEvent(event as Json)) };
    }
    return tryOnKept(place, book, text.trim(), last ?? lastRange.otherwise);
  },
);

const listRules = route(
  {
    method: "GET",
    path: "/api/rules",
    operation: "listRules",
    access: "read",
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
    const sentences: Sentence[] = [
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
            : [say`${name}: shard 0 does not answer, and knows whether it is paused`]),
          ...(rule ? unknownCommands(rule) : []).map(
            (on) => say`${name}: ${on} fits no command that is known`,
          ),
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
    access: "read",
  },
  (context) => documentOf("rules.schema.json", context),
);

export const ruleRoutes = [listRules, showRulesSchema, tryRules];

function validRules(env: Env, value: unknown): RuleBook {
  const book = readTrialRules(env, value);
  const [mistake] = book.mistakes;
  if (mistake) throw new Refusal(400, "invalid_rule", mistake.message, mistake.path);
  return book;
}

function validEvent(value: Json) {
  const mistakes: Mistake[] = [];
  const event = readTrialEvent(
    value,
    pathAt("event", (path, message) => mistakes.push({ path, message })),
    Date.now(),
  );
  if (event) return event;
  throw new Refusal(400, "bad_event", mistakes[0]?.message ?? say`is not an event`, mistakes[0]?.path);
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
