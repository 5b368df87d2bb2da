/** How this isolate asks backends for verdicts: with breakers that all its requests share. */
import type { Config } from "../config.ts";
import type { AskContext } from "../verdict/ask.ts";
import type { AskBreakers } from "../verdict/ask-breaker.ts";
import { version } from "../version.ts";
import { likelyGatewayId } from "./shards.ts";

/** Of this isolate. */
export const breakers: AskBreakers = new Map();

/** @param until the deadline of the verdict, Unix milliseconds */
export function askContext(
  env: Env,
  ctx: ExecutionContext,
  { secrets }: Config,
  until = Number.POSITIVE_INFINITY,
): AskContext {
  const aside = (work: Promise<unknown>) => ctx.waitUntil(work);
  return { now: Date.now, until, aside, breakers, version, id: likelyGatewayId(env), secrets };
}
