/**
 * The news of this isolate for shard 0, which makes relay events of them. A stranger's requests cause a bounded number of
 * calls: refused callbacks are told of at most three times a minute.
 */

import type { Config } from "../config.ts";
import { elapsed } from "../elapsed.ts";
import type { Notice } from "../shard/relay/publisher.ts";
import type { Context } from "./context.ts";
import { shard } from "./shards.ts";

/** Resolves when shard 0 has heard it and kept its effect. Rejects if shard 0 cannot be reached. */
export async function tellOf(notice: Notice, env: Env, config: Config): Promise<void> {
  await shard(env, config, 0).relay(notice);
}

/** Refusals that a wrong token or a stranger causes, and of which so many within a minute are no news. */
const noNews = 10;
const minuteMs = 60_000;

/** Refusals are told of so much later: refusals that come together are counted together. Milliseconds. */
const gatherMs = 2_000;
const againMs = 20_000;

interface Refusals {
  /** When the minute began, Unix milliseconds. */
  since: number;
  inMinute: number;
  untold: number;
  telling: boolean;
  toldAt: number;
  /** They are news, and shard 0 could not be told: the next refusal tells of them too. */
  owed: boolean;
}

/** Of this isolate, by reason. */
const refusals: Record<"signature" | "app", Refusals> = {
  signature: { since: 0, inMinute: 0, untold: 0, telling: false, toldAt: 0, owed: false },
  app: { since: 0, inMinute: 0, untold: 0, telling: false, toldAt: 0, owed: false },
};

/** Counts a callback that was refused for its signature or its app. From the 11th within a minute on, shard 0 hears of them. */
export function noteRefused(reason: string, { env, ctx, config }: Context): void {
  if (reason !== "signature" && reason !== "app") return;
  const counted = refusals[reason];
  const now = Date.now();
  if (elapsed(counted.since, now) >= minuteMs) {
    counted.since = now;
    counted.inMinute = 0;
    if (!counted.telling && !counted.owed) counted.untold = 0;
  }
  counted.inMinute++;
  counted.untold++;
  if ((counted.inMinute <= noNews && !counted.owed) || counted.telling) return;
  counted.telling = true;
  ctx.waitUntil(tellOfRefused(reason, counted, now, env, config));
}

async function tellOfRefused(
  reason: string,
  counted: Refusals,
  now: number,
  env: Env,
  config: Config,
): Promise<void> {
  const sinceTold = elapsed(counted.toldAt, now);
  try {
    await scheduler.wait(Math.max(gatherMs, againMs - sinceTold));
    const count = counted.untold;
    counted.untold = 0;
    counted.owed = true;
    await tellOf({ kind: "refused", reason, count }, env, config).then(
      () => {
        counted.owed = false;
      },
      () => {
        counted.untold += count;
      },
    );
  } finally {
    counted.toldAt = Date.now();
    counted.telling = false;
  }
}
