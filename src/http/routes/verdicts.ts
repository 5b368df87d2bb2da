/** Verdicts: how often the rules on trial disagree with them, and rules tried on kept before-callbacks. */
import * as v from "valibot";
import type { Answer } from "../../callback/answer.ts";
import { catalogue } from "../../callback/catalogue.ts";
import type { Event } from "../../callback/event.ts";
import { type Body, parseBody } from "../../callback/json.ts";
import { type Config, readOtherRules } from "../../config.ts";
import { isDeeper, type Json, maxDepth, tooDeep } from "../../rule/json.ts";
import type { AnswerRule, AskRule } from "../../rule/rule.ts";
import { freshLists } from "../../rule/words/fresh-lists.ts";
import { inTurn, type Sentence, say } from "../../sentence.ts";
import { codeOf, decideBy } from "../../verdict/decide.ts";
import { answerSpecOf } from "../../verdict/question.ts";
import { askContext } from "../ask-context.ts";
import { marked, type Place } from "../ask-each.ts";
import {
  anyObject,
  anything,
  cursor,
  pageRange,
  paging,
  periodOfBody,
  periodOfQuery,
  wholeNumber,
} from "../fields.ts";
import { judgedEvents } from "../judged-events.ts";
import { afterAll } from "../newest-events.ts";
import type { VerdictChange } from "../operations/verdicts.ts";
import { encodeCursor, newest, type PageCursor } from "../page.ts";
import { Refusal, time } from "../reply.ts";
import { route } from "../route.ts";

/** Backends that are asked at the same time. */
const parallelAsks = 5;

/** A trial ends with so much text of answers: each may hold a rewritten body. Characters of JSON. */
const mostAnswers = 8_000_000;

const expectedShadow = say`expected the name of a shadow rule`;

const diffVerdicts = route(
  {
    method: "GET",
    path: "/api/verdicts/diff",
    operation: "diffVerdicts",
    access: "read",
    query: () => ({
      rule: v.pipe(
        v.string(expectedShadow),
        v.nonEmpty(expectedShadow),
        v.description("The name of a shadow rule."),
      ),
      ...periodOfQuery(),
      ...paging(),
    }),
  },
  async ({ query: { rule, limit, ...period }, ...place }) => {
    const { items, next, from, missing } = await judgedEvents(place, period, { shadow: rule });
    if (items.length === 0 && period.cursor === newest && !(await mayBeShadow(rule, place)))
      throw badRule(say`no rule has this name, and no opinion of such a shadow is kept`);
    const compared = items.map(({ event }) => ({
      ...summaryOf(event),
      shadow: event.verdict!.shadows.find((shadow) => shadow.rule === rule)!.code,
    }));
    const differing = compared.filter(({ code, shadow }) => shadow !== null && shadow !== code);
    const unanswered = compared.filter(({ shadow }) => shadow === null).length;
    return {
      rule,
      ...lookedUntil(next, from),
      agreed: compared.length - differing.length - unanswered,
      differed: differing.length,
      unanswered,
      differences: differing.slice(0, limit),
      ...marked(missing),
    };
  },
);

const replayVerdicts = route(
  {
    method: "POST",
    path: "/api/verdicts/replay",
    operation: "replayVerdicts",
    access: "admin",
    body: () => ({
      rule: anything("The name of an ask or answer rule of the settings, or such a rule.", {
        anyOf: [{ type: "string" }, anyObject],
      }),
      ...periodOfBody(),
      limit: wholeNumber(pageRange, "How many events at most."),
      cursor: cursor(),
    }),
  },
  async ({ body: { rule: given, limit, ...period }, ...place }) => {
    const { env, ctx, config } = place;
    const rule = ruleOf(given, env, config);
    await freshLists([rule], ctx, Date.now());
    const matches = (event: Event) => rule.matches(event);
    const most = limit ?? pageRange.otherwise;
    const found = await judgedEvents(place, period, { bodies: true }, matches, most);
    const { items, missing } = found;

    // A trial must not open the breakers of real callbacks.
    const { news, ...own } = askContext(env, ctx, config);
    const context = { ...own, breakers: new Map() };
    const changes: VerdictChange[] = [];
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
    for (; tried < items.length && answers < mostAnswers; tried += parallelAsks)
      await Promise.all(items.slice(tried, tried + parallelAsks).map(({ event }) => ask(event)));
    const untried = items.slice(tried);
    const next = untried.length > 0 ? items[tried - 1]! : found.next;
    return {
      rule: rule.name,
      ...lookedUntil(next, Math.max(found.from, afterAll(untried))),
      events: items.length - untried.length,
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
  const always = { since: null, until: null, cursor: newest };
  const { items, missing } = await judgedEvents(place, always, { shadow: name }, undefined, 1);
  return items.length > 0 || missing.length > 0;
}

/** How far the events were looked through. */
function lookedUntil(next: PageCursor | null, from: number) {
  return { since: time(from || null), cursor: next && encodeCursor(next) };
}

function summaryOf({ id, command, receivedAt, verdict }: Event) {
  return { event: id, command, receivedAt: time(receivedAt), code: verdict!.code };
}

/** True if the answer also rewrites something. The stored verdict has only its code: rewrites cannot be compared. */
function rewrites(answer: Answer): boolean {
  const { ActionStatus, ErrorCode, ErrorInfo, ResultItem, ...more } = answer;
  return Object.keys(more).length > 0;
}

const badRule = (sentence: Sentence) => new Refusal(400, "bad_rule", say`rule: ${sentence}`);

/** An ask or answer rule of the settings by its name, or a new one. */
function ruleOf(given: unknown, env: Env, config: Config): AskRule | AnswerRule {
  let rule = config.rules.rules.find(({ name }) => name === given);
  if (typeof given === "object" && given !== null) {
    // A trial rule may sign by a secret, but must not send it: the caller of the API chooses the URL.
    const { headers, ask } = given as { headers?: unknown; ask?: unknown };
    if (isDeeper([headers, ask] as Json, maxDepth)) throw badRule(tooDeep);
    if (JSON.stringify([headers, ask]).includes("$"))
      throw badRule(
        say`no secret is sent on trial, in ask or headers, unless by a rule of the settings, by its name`,
      );
    const { rules, mistakes } = readOtherRules(env, "rule", [{ name: "trial", ...given }]);
    if (mistakes.length > 0) {
      const sentence = inTurn(
        mistakes.map(({ path, message }) => say`${path.replace("[0]", "")}: ${message}`),
      );
      throw new Refusal(400, "bad_rule", sentence);
    }
    [rule] = rules;
  }
  if (!rule || rule.kind === "forward")
    throw badRule(say`expected an ask or answer rule, or the name of one of the settings`);
  return rule;
}
