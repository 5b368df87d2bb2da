/** Verdicts: how often the rules on trial disagree with them, and rules tried on kept before-callbacks. */
import * as v from "valibot";
import type { Answer } from "../../callback/answer.ts";
import { catalogue } from "../../callback/catalogue.ts";
import type { Body } from "../../callback/command.ts";
import type { Event } from "../../callback/event.ts";
import { parseBody } from "../../callback/json.ts";
import { type Config, readOtherRules } from "../../config.ts";
import { isDeeper, type Json, maxDepth, tooDeep } from "../../rule/json.ts";
import type { AnswerRule, AskRule } from "../../rule/rule.ts";
import { codeOf, decideBy } from "../../verdict/decide.ts";
import { answerSpecOf } from "../../verdict/question.ts";
import { component, count, described, gaps, timestamp } from "../answers.ts";
import { askContext } from "../ask-context.ts";
import { marked, type Place } from "../ask-each.ts";
import { verdictSource } from "../event-json.ts";
import {
  anyObject,
  anything,
  limitOfQuery,
  pageRange,
  periodOfBody,
  periodOfQuery,
  wholeNumber,
} from "../fields.ts";
import { judgedEvents } from "../judged-events.ts";
import { Refusal, time } from "../reply.ts";
import { route } from "../route.ts";

/** Backends that are asked at the same time. */
const parallelAsks = 5;

/** A trial ends with so much text of answers: each may hold a rewritten body. Characters of JSON. */
const mostAnswers = 8_000_000;

const judgedEntries = {
  event: described(v.string(), "The event's id."),
  command: v.string(),
  receivedAt: timestamp,
  code: described(count, "The `ErrorCode` that Tencent was answered."),
};

const since = described(
  v.nullable(timestamp),
  "From then on all events were looked at; null: all that are kept. Earlier ones are found with it as `until`.",
);

const expectedShadow = "expected the name of a shadow rule";

const diffVerdicts = route(
  {
    method: "GET",
    path: "/api/verdicts/diff",
    operation: "diffVerdicts",
    tag: "Verdicts",
    access: "read",
    summary: "Counts how often a shadow rule agreed with the verdict, and lists where it did not.",
    query: {
      rule: v.pipe(
        v.string(expectedShadow),
        v.nonEmpty(expectedShadow),
        v.description("The name of a shadow rule."),
      ),
      ...periodOfQuery,
      limit: limitOfQuery,
    },
    answer: component("VerdictDiff", "A shadow rule beside the verdicts.", {
      rule: v.string(),
      since,
      agreed: count,
      differed: count,
      unanswered: described(count, "Where the shadow came to no verdict."),
      differences: v.array(
        component("VerdictDifference", "An event on which a shadow disagreed.", {
          ...judgedEntries,
          shadow: described(v.nullable(count), "The shadow's `ErrorCode`."),
        }),
      ),
      ...gaps,
    }),
  },
  async ({ query: { rule, limit, ...period }, ...place }) => {
    const { events, since, missing } = await judgedEvents(place, period, { shadow: rule });
    if (events.length === 0 && !(await mayBeShadow(rule, place)))
      throw badRule("no rule has this name, and no opinion of such a shadow is kept");
    const compared = events.map(({ event }) => ({
      ...summaryOf(event),
      shadow: event.verdict!.shadows.find((shadow) => shadow.rule === rule)!.code,
    }));
    const differing = compared.filter(({ code, shadow }) => shadow !== null && shadow !== code);
    const unanswered = compared.filter(({ shadow }) => shadow === null).length;
    return {
      rule,
      since,
      agreed: compared.length - differing.length - unanswered,
      differed: differing.length,
      unanswered,
      differences: differing.slice(0, limit),
      ...marked(missing),
    };
  },
);

const change = component("VerdictChange", "An event on which a rule would have decided otherwise.", {
  ...judgedEntries,
  would: component("TrialVerdict", "The verdict of the rule on trial.", {
    code: count,
    how: verdictSource,
    reason: v.exactOptional(v.string()),
    answer: v.exactOptional(
      described(v.record(v.string(), v.unknown()), "The answer to Tencent; absent for the default answer."),
    ),
  }),
});

const replayVerdicts = route(
  {
    method: "POST",
    path: "/api/verdicts/replay",
    operation: "replayVerdicts",
    tag: "Verdicts",
    access: "admin",
    summary: "Tries a rule on kept before-callbacks. Tencent is told nothing of it.",
    body: {
      rule: anything("The name of an ask or answer rule of the settings, or such a rule.", {
        anyOf: [{ type: "string" }, anyObject],
      }),
      ...periodOfBody,
      limit: wholeNumber(pageRange, "How many events at most."),
    },
    answer: component("VerdictReplay", "A rule beside the verdicts of kept events.", {
      rule: described(v.string(), "The rule's name."),
      since,
      events: described(
        count,
        "How many events the rule was tried on: fewer than `limit` where their bodies are long.",
      ),
      changed: count,
      changes: v.array(change),
      ...gaps,
    }),
  },
  async ({ body: { rule: given, limit, ...period }, ...place }) => {
    const { env, ctx, config } = place;
    const rule = ruleOf(given, env, config);
    const matches = (event: Event) => rule.matches(event);
    const most = limit ?? pageRange.otherwise;
    const found = await judgedEvents(place, period, { bodies: true }, matches, most);
    const { events, since, missing } = found;

    // A trial must not open the breakers of real callbacks.
    const { tell, ...own } = askContext(env, ctx, config);
    const context = { ...own, breakers: new Map() };
    const changes: v.InferOutput<typeof change>[] = [];
    let answers = 0;
    const ask = async (event: Event) => {
      const answerSpec = answerSpecOf(catalogue.get(event.command) ?? null, event.phase)!;
      const question = { event, answerSpec, body: parseBody(event.body) as Body };
      const { answer, how, reason } = await decideBy(rule, question, context);
      const code = answer ? codeOf(answer) : 0;
      if (code === event.verdict!.code && !(answer && rewrites(answer))) return;
      answers += answer ? JSON.stringify(answer).length : 0;
      changes.push({
        ...summaryOf(event),
        would: { code, how, ...(reason !== undefined && { reason }), ...(answer && { answer }) },
      });
    };
    let tried = 0;
    for (; tried < events.length && answers < mostAnswers; tried += parallelAsks)
      await Promise.all(events.slice(tried, tried + parallelAsks).map(({ event }) => ask(event)));
    const untried = events[tried];
    return {
      rule: rule.name,
      since: untried ? time(untried.event.receivedAt + 1) : since,
      events: Math.min(tried, events.length),
      changed: changes.length,
      changes,
      ...marked(missing),
    };
  },
);

export const verdictRoutes = [diffVerdicts, replayVerdicts];

/** Whether a rule has this name, or a shadow had it whose verdicts are kept. A silent shard may keep them. */
async function mayBeShadow(name: string, place: Place): Promise<boolean> {
  const { rules, heldNames } = place.config.rules;
  if (heldNames.includes(name) || rules.some((rule) => rule.name === name)) return true;
  const always = { since: null, until: null };
  const { events, missing } = await judgedEvents(place, always, { shadow: name }, undefined, 1);
  return events.length > 0 || missing.length > 0;
}

function summaryOf({ id, command, receivedAt, verdict }: Event) {
  return { event: id, command, receivedAt: time(receivedAt), code: verdict!.code };
}

/** True if the answer also rewrites something. The stored verdict has only its code: rewrites cannot be compared. */
function rewrites(answer: Answer): boolean {
  const { ActionStatus, ErrorCode, ErrorInfo, ResultItem, ...more } = answer;
  return Object.keys(more).length > 0;
}

const badRule = (sentence: string) => new Refusal(400, "bad_rule", `rule: ${sentence}`);

/** An ask or answer rule of the settings by its name, or a new one. */
function ruleOf(given: unknown, env: Env, config: Config): AskRule | AnswerRule {
  let rule = config.rules.rules.find(({ name }) => name === given);
  if (typeof given === "object" && given !== null) {
    // A trial rule may sign by a secret, but must not send it: the caller of the API chooses the URL.
    const { headers, ask } = given as { headers?: unknown; ask?: unknown };
    if (isDeeper([headers, ask] as Json, maxDepth)) throw badRule(tooDeep);
    if (JSON.stringify([headers, ask]).includes("$"))
      throw badRule(
        "no secret is sent on trial, in ask or headers, unless by a rule of the settings, by its name",
      );
    const { rules, mistakes } = readOtherRules(env, "rule", [{ name: "trial", ...given }]);
    if (mistakes.length > 0) {
      const sentence = mistakes
        .map(({ path, message }) => `${path.replace("[0]", "")}: ${message}`)
        .join("; ");
      throw new Refusal(400, "bad_rule", sentence);
    }
    [rule] = rules;
  }
  if (!rule || rule.kind === "forward")
    throw badRule("expected an ask or answer rule, or the name of one of the settings");
  return rule;
}
