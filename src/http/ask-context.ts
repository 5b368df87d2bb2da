/** How this isolate asks backends for verdicts: with breakers that all its requests share. */
import type { Event } from "../callback/event.ts";
import { hiddenTexts } from "../callback/redact.ts";
import type { Config } from "../config.ts";
import type { AskBreakers } from "../verdict/ask-breaker.ts";
import type { AskContext } from "../verdict/ask-context.ts";
import type { BackendNews } from "../verdict/backend-news.ts";
import { version } from "../version.ts";
import { eventCounter } from "./event-counter.ts";
import { tellOf } from "./notices.ts";
import { pausedRules } from "./paused-rules.ts";
import { likelyGatewayId, shard } from "./shards.ts";

/** Of this isolate. */
export const breakers: AskBreakers = new Map();
const told: BackendNews["told"] = new Map();

/**
 * @param event a backend gets it as received: its masked texts stay out of every reason
 * @param until the deadline of the verdict, Unix milliseconds
 */
export function askContext(
  env: Env,
  ctx: ExecutionContext,
  config: Config,
  event: Event | null = null,
  until = Number.POSITIVE_INFINITY,
): AskContext {
  const { redaction, secrets } = config;
  const aside = (work: Promise<unknown>) => ctx.waitUntil(work);
  const masks = event && redaction?.masksOf(event.command);
  const hidden = masks ? [...secrets, ...hiddenTexts(event, masks)] : secrets;
  return {
    now: Date.now,
    until,
    aside,
    news: { told, tell: (state) => tellOf({ kind: "backend", state }, env, config) },
    breakers,
    counter: eventCounter(env, config),
    paused: pausedRules(),
    version,
    id: likelyGatewayId(env),
    secrets: hidden,
    env,
    listeners: { exchange: (rule, request) => shard(env, config, 0).exchange(rule, request) },
  };
}
