/** The requests of a rule over lost connections, deploys and a laptop's sleep: it connects again. */
import { setTimeout as sleep } from "node:timers/promises";
import { ApiError, type Client, type ListenerRequest } from "../../client/index.js";
import { spanOf } from "../moment.ts";
import { passes, waitBefore } from "../outage.ts";

/** A connection that lasts so long was a good one: the next is opened at once. Milliseconds. */
const goodMs = 10_000;

/** Hears of connections. */
export interface Witness {
  opened(): void;
  lost(reason: string): void;
  /** The rule is wrong: no listener is taken until it is mended. */
  refused(reason: string): void;
  restored(after: string): void;
  /** The gateway does not take an answer. */
  mistaken(sentence: string): void;
}

/**
 * Requests without end. Rejects if the first connection fails, another listener takes over, or a later one is refused. A
 * wrong rule is waited for.
 */
export async function* followed(
  relay: Client,
  name: string,
  witness: Witness,
): AsyncGenerator<ListenerRequest, void, void> {
  let openedAt = 0;
  let lostAt: number | null = null;
  /** Whether the gateway has said so since the last connection. */
  let isWrong = false;
  const onOpen = () => {
    openedAt = Date.now();
    if (lostAt === null) witness.opened();
    else witness.restored(spanOf(openedAt - lostAt));
    lostAt = null;
    isWrong = false;
  };
  for (let attempt = 0; ; attempt++) {
    try {
      yield* relay.listen(name, { onOpen, onMistake: witness.mistaken });
    } catch (error) {
      const isRefused = error instanceof ApiError && error.code === "wrong_rule";
      // The deploy that mends a rule breaks connections off, too.
      if (!isRefused && !(passes(error) && (openedAt > 0 || isWrong))) throw error;
      const reason = (error as ApiError).message;
      if (isRefused && !isWrong) witness.refused(reason);
      else if (lostAt === null) witness.lost(reason);
      isWrong ||= isRefused;
      if (lostAt === null && Date.now() - openedAt > goodMs) attempt = 0;
      lostAt ??= Date.now();
    }
    await sleep(waitBefore(attempt, Math.random()));
  }
}
