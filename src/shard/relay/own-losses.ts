/**
 * Relay events that destinations lose with a day. No relay event tells of them: it would wait for the same destination,
 * and be lost in its turn, without end.
 */
import { relayApp } from "../../callback/relay-events.ts";
import { hearsRelay } from "../../rule/selection.ts";
import type { Clock } from "../clock.ts";
import type { Journal } from "../journal/journal.ts";
import type { Entry } from "../journal/segment.ts";
import { everyRow } from "../journal/sieve.ts";
import type { Pump } from "../pump/pump.ts";
import type { RetryList } from "../pump/retry-list.ts";
import type { SettledDeliveries } from "../pump/settled.ts";
import { endTurn } from "../turn.ts";

export interface LosingTables {
  readonly journal: Pick<Journal, "sift">;
  readonly retries: Pick<RetryList, "rows">;
  readonly settled: Pick<SettledDeliveries, "stateOf">;
}

const sieve = { ...everyRow, heads: [`,"${relayApp}",`] };

/** How many relay events before a position wait for each destination, or are its dead letters. */
export async function ownLosses(
  pumps: ReadonlyMap<string, Pump>,
  { journal, retries, settled }: LosingTables,
  until: number,
  clock: Pick<Clock, "after">,
): Promise<Map<string, number>> {
  const losses = new Map<string, number>();
  const hearing = [...pumps].filter(([, { rule }]) => hearsRelay(rule));
  const isLost = (destination: string, pump: Pump, { position, event }: Entry) =>
    pump.waits(position, event) ||
    retries.rows.has(destination, position) ||
    settled.stateOf({ position, destination }) === "dead";
  for (let from: number | null = 0; hearing.length > 0 && from !== null && from < until; ) {
    const { entries, next }: ReturnType<Journal["sift"]> = journal.sift("from", from, sieve);
    const told = entries.filter(({ position, event }) => event.app === relayApp && position < until);
    for (const [name, pump] of hearing) {
      const lost = told.filter((entry) => isLost(name, pump, entry)).length;
      losses.set(name, (losses.get(name) ?? 0) + lost);
    }
    from = next;
    await endTurn(clock);
  }
  return losses;
}
