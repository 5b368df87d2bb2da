/** The first look at a deployed gateway: its health, and a callback as Tencent sends it. */
import { setTimeout as sleep } from "node:timers/promises";
import { catalogue } from "../../callback/catalogue.ts";
import { freshBody } from "../../callback/example.ts";
import type { EventDetail } from "../../client/index.js";
import { messageOf } from "../errno.ts";
import { callbackUrl } from "../example.ts";
import { clientOf } from "../gateway.ts";
import { eventOf, type Mark, markOf } from "../send/outcome.ts";
import { type Answer, post } from "../send/post.ts";
import { firstCommand } from "./plan.ts";

const lookEveryMs = 1_000;

/** How long an answer is waited for. Milliseconds. */
const answerWithinMs = 10_000;

export interface Health {
  version: string;
  problems: string[];
}

/** The health of a gateway as soon as it answers. @throws Error with the last reason why it does not */
export async function healthOf(url: string, withinMs: number): Promise<Health> {
  const end = performance.now() + withinMs;
  for (;;) {
    const found = await look(url);
    if (typeof found !== "string") return found;
    if (performance.now() + lookEveryMs > end) throw new Error(found);
    await sleep(lookEveryMs);
  }
}

async function look(url: string): Promise<Health | string> {
  try {
    const signal = AbortSignal.timeout(answerWithinMs);
    const response = await fetch(`${url}/health`, { redirect: "manual", signal });
    const answer = (await response.json().catch(() => null)) as Health | null;
    return typeof answer?.version === "string" ? answer : `HTTP ${response.status}`;
  } catch (error) {
    return messageOf(error instanceof Error ? (error.cause ?? error) : error);
  }
}

interface FirstCallback {
  url: string;
  path: string;
  app: string;
  token: string;
  adminToken: string;
  /** How long the outcome of its deliveries is waited for. */
  waitMs: number;
}

/** Sends it, and follows its event. The event is null if it was not kept, or cannot be looked up. */
export async function sendFirstCallback({
  url,
  path,
  app,
  token,
  adminToken,
  waitMs,
}: FirstCallback): Promise<{ answer: Answer; event: EventDetail | null }> {
  const relay = clientOf({ url, token: adminToken }, answerWithinMs / 1000);
  const mark: Mark | null = await markOf(relay).catch(() => null);
  const body = freshBody(catalogue.get(firstCommand)!.example, Date.now(), Math.random);
  const target = callbackUrl({ url: `${url}${path}`, app, token }, firstCommand, Date.now());
  const answer = await post(target, JSON.stringify(body), answerWithinMs, "wrangler");
  const event =
    answer.status === 200 && mark
      ? await eventOf(relay, mark, firstCommand, body, waitMs).catch(() => null)
      : null;
  return { answer, event };
}
