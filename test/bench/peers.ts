/** Senders, destinations and viewers: each a process of its own. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Seen } from "./backend.ts";
import type { Load, Outcome } from "./load.ts";
import { forked, type Server, startNode, watched } from "./processes.ts";
import { adminToken } from "./servers.ts";

export interface Backend {
  url: string;
  /** The events that have come since the last call. */
  seen(): Promise<Seen>;
  /** Resolves when so many events have come since the last call of `seen`, which it calls itself. */
  came(events: number): Promise<void>;
}

export async function startBackend(): Promise<Backend> {
  const { url } = await startNode("backend.ts");
  const seen = async () => (await (await fetch(url)).json()) as Seen;
  return {
    url,
    seen,
    async came(events) {
      const until = Date.now() + 120_000;
      for (let missing = events; missing > 0; ) {
        missing -= (await seen()).events;
        if (missing <= 0) return;
        if (Date.now() > until)
          throw new Error(
            `of ${events} events, ${missing} have not come to the destination within 2 minutes`,
          );
        await sleep(20);
      }
    },
  };
}

/** Viewers of a gateway's tail: so many that acknowledge, and one that never reads. */
export function startViewers(gateway: Server, count: number): Promise<Pick<Server, "stop">> {
  return startNode("viewers.ts", [gateway.url, adminToken, String(count)]);
}

export interface Sender {
  /** Fails if most was not accepted, unless that is what is measured. */
  send(load: Load, mayFail?: boolean): Promise<Outcome>;
}

/**
 * Sends from a process of its own.
 * @param patienceMs a later answer has failed
 */
export function startSender(patienceMs: number): Sender {
  const child = watched(forked("load.ts", [String(patienceMs)]));
  const waiting = new Map<number, (reply: { outcome?: Outcome; error?: string }) => void>();
  child.on("message", ({ id, ...reply }: { id: number }) => {
    waiting.get(id)?.(reply);
    waiting.delete(id);
  });
  child.once("exit", () => {
    for (const reply of waiting.values()) reply({ error: "the sender has ended" });
  });
  let last = 0;
  return {
    async send(load, mayFail = false) {
      const id = ++last;
      const { promise, resolve } = Promise.withResolvers<{ outcome?: Outcome; error?: string }>();
      waiting.set(id, resolve);
      child.send({ id, load });
      const { outcome, error } = await promise;
      if (!outcome) throw new Error(error);
      if (outcome.failed >= outcome.accepted && !mayFail)
        throw new Error(
          `${outcome.failed} callbacks of ${outcome.accepted + outcome.failed} were not accepted in time`,
        );
      return outcome;
    },
  };
}
