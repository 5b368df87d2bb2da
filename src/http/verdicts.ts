/** Verdicts: how often shadows disagreed with them, and rules tried on kept events. */
import type { Answer } from "../callback/answer.ts";
import { catalogue } from "../callback/catalogue.ts";
import type { Body } from "../callback/command.ts";
import type { Event } from "../callback/event.ts";
import { parseBody } from "../callback/json.ts";
import { readConfig, readOtherRules } from "../config.ts";
import { isDeeper, type Json, maxDepth, tooDeep } from "../rule/json.ts";
import type { AnswerRule, AskRule } from "../rule/rule.ts";
import { timeOf } from "../shard/journal/position.ts";
import type { EventPage } from "../shard/query/event-queries.ts";
import type { EventQuery } from "../shard/query/filter.ts";
import { codeOf, decideBy } from "../verdict/decide.ts";
import { answerSpecOf } from "../verdict/question.ts";
import { askContext } from "./ask-context.ts";
import { type Period, periodIn, periodOf } from "./events.ts";
import { limitOf, limits, newest } from "./page.ts";
import { json, Refusal, time } from "./reply.ts";
import type { Call } from "./router.ts";
import { everyShard } from "./shards.ts";
import { wholeNumber } from "./whole-number.ts";

/** Calls to all shards together, events that each of them brings, and with their bodies. */
const callsARequest = 40;
const eventsACall = 1_000;
const bodiesACall = 100;

/** Backends that are asked at the same time. */
const parallelAsks = 5;

/** `GET /api/verdicts/diff`: how often a shadow was of the verdict's opinion, and where it was not. */
export async function diffVerdicts(request: Request, env: Env): Promise<Response> {
  const { searchParams } = new URL(request.url);
  const rule = searchParams.get("rule");
  if (!rule) throw new Refusal(400, "bad_rule", "rule: expected the name of a shadow rule");
  const limit = limitOf(searchParams);
  const period = periodOf(searchParams);
  const { events, since } = await readBack(env, period, { shadow: rule, limit: eventsACall });
  if (events.length === 0 && !(await isShadow(rule, env)))
    throw new Refusal(
      400,
      "bad_rule",
      "rule: no rule has this name, and no opinion of such a shadow is kept",
    );
  const compared = events.map(({ event }) => ({
    ...told(event),
    shadow: event.verdict!.shadows.find((shadow) => shadow.rule === rule)!.code,
  }));
  const differing = compared.filter(({ code, shadow }) => shadow !== null && shadow !== code);
  const unanswered = compared.filter(({ shadow }) => shadow === null).length;
  return json({
    rule,
    since,
    agreed: compared.length - differing.length - unanswered,
    differed: differing.length,
    unanswered,
    differences: differing.slice(0, limit),
  });
}

/** Whether a name is a rule's, or was the name of a shadow whose opinions are kept. */
async function isShadow(name: string, env: Env): Promise<boolean> {
  const { rules, heldNames: waiting } = readConfig(env).rules;
  if (waiting.includes(name) || rules.some((rule) => rule.name === name)) return true;
  const { events } = await readBack(
    env,
    { since: null, until: null },
    { shadow: name, limit: 1 },
    undefined,
    1,
  );
  return events.length > 0;
}

/** `POST /api/verdicts/replay`: what a rule would have made of kept events. Tencent hears nothing of it. */
export async function replayVerdicts(body: Call["body"], env: Env, ctx: ExecutionContext): Promise<Response> {
  const rule = ruleOf(body.rule, env);
  const limit = wholeNumber("limit", body.limit, limits);
  const query = { judged: true, limit: bodiesACall };
  const wanted = (event: Event) => rule.matches(event);
  const { events, since } = await readBack(env, periodIn(body), query, wanted, limit);

  // Callbacks do not go by what happens on trial.
  const context = { ...askContext(env, ctx, readConfig(env)), breakers: new Map() };
  const changes: object[] = [];
  const ask = async ({ event }: Found) => {
    const answerSpec = answerSpecOf(catalogue.get(event.command) ?? null, event.phase)!;
    const { answer, how, reason } = await decideBy(
      rule,
      { event, answerSpec, body: parseBody(event.body) as Body },
      context,
    );
    const code = answer ? codeOf(answer) : 0;
    if (code !== event.verdict!.code || (answer && rewrites(answer)))
      changes.push({ ...told(event), would: { code, how, reason, answer } });
  };
  for (let first = 0; first < events.length; first += parallelAsks)
    await Promise.all(events.slice(first, first + parallelAsks).map(ask));
  return json({ rule: rule.name, since, events: events.length, changed: changes.length, changes });
}

/** An event with its body, where that was asked for. */
interface Found {
  position: number;
  event: Event;
}

/**
 * What all shards find, newest first. `since`: from then on they have found it all; null: always.
 * @param most as many are enough
 */
async function readBack(
  env: Env,
  { since, until }: Period,
  query: Pick<EventQuery, "judged" | "shadow" | "limit">,
  wanted: (event: Event) => boolean = () => true,
  most = Number.POSITIVE_INFINITY,
): Promise<{ events: Found[]; since: string | null }> {
  let calls = callsARequest;
  const shards = await everyShard(env, readConfig(env), async (stub) => {
    const found: Found[] = [];
    let before: number | null = newest.position;
    while (before !== null && calls-- > 0 && found.length < most) {
      const page: EventPage = await stub.events({ ...anything, ...query, since, until, before });
      for (const { position, event } of page.events) {
        const whole = { body: "{}", query: "", issues: [], ...event };
        if (wanted(whole)) found.push({ position, event: whole });
      }
      before = page.next;
    }
    return { found, from: before === null ? since : timeOf(before) };
  });
  const events = shards.flatMap(({ found }) => found).sort((a, b) => b.position - a.position);
  const cut = events.length > most ? events[most - 1]!.event.receivedAt : 0;
  const from = Math.max(cut, ...shards.map(({ from }) => from ?? 0));
  return { events: events.slice(0, most), since: time(from || null) };
}

const anything = { command: null, conversation: null, account: null, text: null, state: null };

function told({ id, command, receivedAt, verdict }: Omit<Event, "body" | "query" | "issues">) {
  return { event: id, command, receivedAt: time(receivedAt), code: verdict!.code };
}

/** Whether an answer changes more than whether things go on. What the kept one changed was not kept. */
function rewrites(answer: Answer): boolean {
  const { ActionStatus, ErrorCode, ErrorInfo, ResultItem, ...more } = answer;
  return Object.keys(more).length > 0;
}

/** An ask or answer rule of ours by its name, or a new one. */
function ruleOf(given: unknown, env: Env): AskRule | AnswerRule {
  const config = readConfig(env);
  const bad = (sentence: string) => new Refusal(400, "bad_rule", sentence);
  let rule = config.rules.rules.find(({ name }) => name === given);
  if (typeof given === "object" && given !== null) {
    // A key may sign what it is sent with; it must not be sent itself, wherever whoever may use this API says.
    const { headers, ask } = given as { headers?: unknown; ask?: unknown };
    if (isDeeper([headers, ask] as Json, maxDepth)) throw bad(`rule: ${tooDeep}`);
    if (JSON.stringify([headers, ask]).includes("$"))
      throw bad(
        "rule: no secret is sent on trial, in ask or headers, unless by a rule of the settings, by its name",
      );
    const { rules, mistakes } = readOtherRules(env, "rule", [{ name: "trial", ...given }]);
    if (mistakes.length > 0)
      throw bad(mistakes.map(({ path, message }) => `${path.replace("[0]", "")}: ${message}`).join("; "));
    [rule] = rules;
  }
  if (!rule || rule.kind === "forward")
    throw bad("rule: expected an ask or answer rule, or the name of one of the settings");
  return rule;
}
