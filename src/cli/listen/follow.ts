/** The requests of a rule over lost connections, deploys and a laptop's sleep: it connects again. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Client, ListenerRequest } from "../../client/index.js";
import { spanOf } from "../moment.ts";
import { passes, waitBefore } from "../outage.ts";

/** A connection that lasts so long was a good one: the next is opened at once. Milliseconds. */
const goodMs = 10_000;

/** Hears of connections. */
export interface Witness {
  opened(): void;
  lost(reason: string): void;
  restored(after: string): void;
  /** The gateway does not take an answer. */
  mistaken(sentence: string): void;
}

/** Requests without end. Rejects if the first connection fails, another listener takes over, or a later one is refused. */
export async function* followed(
  relay: Client,
  name: string,
  witness: Witness,
): AsyncGenerator<ListenerRequest, void, void> {
  let openedAt = 0;
  let lostAt: number | null = null;
  const onOpen = () => {
    openedAt = Date.now();
    if (lostAt === null) witness.opened();
    else witness.restored(spanOf(openedAt - lostAt));
    lostAt = null;
  };
  for (let attempt = 0; ; attempt++) {
    try {
      yield* relay.listen(name, { onOpen, onMistake: witness.mistaken });
    } catch (error) {
      if (openedAt === 0 || !passes(error)) throw error;
      if (lostAt === null) {
        lostAt = Date.now();
        witness.lost(error.message);
        if (lostAt - openedAt > goodMs) attempt = 0;
      }
    }
    await sleep(waitBefore(attempt, Math.random()));
  }
}
