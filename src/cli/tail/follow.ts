/** The live tail over lost connections and deploys: it connects again and goes on where it was. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Client, TailLine, TailQuery } from "../../client/index.js";
import { spanOf } from "../moment.ts";
import { passes, waitBefore } from "../outage.ts";
import { Place } from "./place.ts";

/** A connection that lasts so long was a good one: the next is opened at once. Milliseconds. */
const goodMs = 10_000;

/** Hears of connections. */
export interface Listener {
  opened(): void;
  lost(reason: string): void;
  restored(after: string): void;
}

/** Lines without end. Rejects if the first connection fails, or the gateway refuses a later one. */
export async function* followed(
  relay: Client,
  { since, ...filter }: TailQuery,
  listener: Listener,
): AsyncGenerator<TailLine, void, void> {
  const place = new Place(since === undefined ? null : Date.parse(since));
  let openedAt = 0;
  let lostAt: number | null = null;
  const onOpen = () => {
    openedAt = performance.now();
    place.opened(openedAt);
    if (lostAt === null) listener.opened();
    else listener.restored(spanOf(openedAt - lostAt));
    lostAt = null;
  };
  for (let attempt = 0; ; attempt++) {
    try {
      const from = place.since(performance.now());
      for await (const line of relay.tail(
        { ...filter, ...(from !== undefined && { since: from }) },
        { onOpen },
      ))
        if (place.takes(line, performance.now())) yield line;
    } catch (error) {
      if (!place.begun || !passes(error)) throw error;
      if (lostAt === null) {
        lostAt = performance.now();
        listener.lost(error.message);
        if (lostAt - openedAt > goodMs) attempt = 0;
      }
    }
    await sleep(waitBefore(attempt, Math.random()));
  }
}
