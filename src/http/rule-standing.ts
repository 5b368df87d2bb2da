/**
 * Which ask and answer rules are paused, and whose breakers are open in other isolates. Shard 0 knows both. An isolate
 * asks it beside a before-callback, at most every ten seconds. After fifteen seconds without an answer, the callback
 * waits for it, briefly. So a pause holds within 15 s everywhere, and at once in a new isolate.
 */

import type { Config } from "../config.ts";
import { elapsed } from "../elapsed.ts";
import { inTime } from "../in-time.ts";
import type { Rule } from "../rule/rule.ts";
import { type Sentence, say } from "../sentence.ts";
import type { RuleStanding } from "../shard/cluster/open-ask-breakers.ts";
import { openBreakers, placesOf } from "../verdict/ask-breaker.ts";
import { hasCountsOf } from "../verdict/limits.ts";
import { unansweredProblem, uncountedProblem } from "../verdict/problems.ts";
import { breakers } from "./ask-context.ts";
import type { Context } from "./context.ts";
import { keepPaused, pausedRules } from "./paused-rules.ts";
import { shard } from "./shards.ts";

/** How long a standing is taken as it is, and from when on a verdict waits for the next. Milliseconds. */
const freshForMs = 10_000;
const knownForMs = 15_000;

/** How long a verdict waits at most. Milliseconds. */
const waitAtMostMs = 250;

/** The isolate's own name: shard 0 tells one's breakers from another's. */
let isolate: string | undefined;

let asked = { at: Number.NEGATIVE_INFINITY, open: "", answer: Promise.resolve() };
let heardAt = Number.NEGATIVE_INFINITY;

type Ground = Pick<Context, "env" | "ctx" | "config">;

/** Before a verdict: hears which rules are paused, if that is due. @param mayDecide whether any rule fits the event */
export async function hearStanding(ground: Ground, mayDecide: (rule: Rule) => boolean): Promise<void> {
  const { rules } = ground.config.rules;
  if (rules.every(({ kind }) => kind === "forward")) return;
  const now = Date.now();
  const due = elapsed(asked.at, now) > freshForMs || openBreakers(breakers).join() !== asked.open;
  if (due) ask(ground, now);
  if (elapsed(heardAt, now) <= knownForMs || elapsed(asked.at, now) > waitAtMostMs) return;
  if (!rules.some((rule) => rule.kind !== "forward" && mayDecide(rule))) return;
  await inTime(asked.answer, waitAtMostMs, () => {});
}

function ask({ env, ctx, config }: Ground, now: number): void {
  const open = openBreakers(breakers);
  const answer = standingOf(env, config, open).then(
    () => {},
    () => {},
  );
  asked = { at: now, open: open.join(), answer };
  ctx.waitUntil(answer);
}

/** The standing as this isolate has last heard it, where shard 0 does not answer. */
export function lastStanding(): RuleStanding {
  return { paused: [...pausedRules()], open: openBreakers(breakers) };
}

/** Asks shard 0 now. Fails where it does not answer. */
export async function standingOf(
  env: Env,
  config: Config,
  open = openBreakers(breakers),
): Promise<RuleStanding> {
  isolate ??= crypto.randomUUID();
  const standing = await shard(env, config, 0).ruleStanding(isolate, open);
  keepPaused(standing.paused);
  heardAt = Date.now();
  return standing;
}

/** Sentences about rules that an operator has paused, and about breakers that are open in other isolates. */
export function standingProblems({ paused, open }: RuleStanding, { rules }: Config["rules"]): Sentence[] {
  const own = openBreakers(breakers);
  const elsewhere = open.filter((breaker) => !own.includes(breaker));
  return rules.flatMap((rule) => {
    const { name, kind } = rule;
    if (kind === "forward") return [];
    const places = kind === "ask" ? placesOf(rule) : [];
    return [
      ...(paused.includes(name) ? [say`${name}: is paused, and decides nothing until it is resumed`] : []),
      ...places
        .filter((place) => elsewhere.includes(`${name}${place}`))
        .map((place) => unansweredProblem(name, place)),
      ...(hasCountsOf(name, elsewhere) && !hasCountsOf(name, own) ? [uncountedProblem(name)] : []),
    ];
  });
}
