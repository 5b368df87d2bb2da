/** The deliveries of events, with their states and attempts, from the tables in which these stand. */
import type { DeliveryNotes } from "../journal/delivery-note.ts";
import type { Journal } from "../journal/journal.ts";
import type { Progress } from "../journal/progress.ts";
import type { Entry } from "../journal/segment.ts";
import { type Attempt, unpackAttempts } from "../pump/attempts.ts";
import type { Pump } from "../pump/pump.ts";
import type { RetryList } from "../pump/retry-list.ts";
import type { SettledDeliveries } from "../pump/settled.ts";
import type { Delivery } from "./detail.ts";
import type { EventState } from "./filter.ts";

export interface DeliveryTables {
  readonly journal: Journal;
  readonly retries: RetryList;
  readonly settled: SettledDeliveries;
  readonly progress: Progress;
}

export class Deliveries {
  readonly #tables: DeliveryTables;
  readonly #pumps: ReadonlyMap<string, Pump>;

  constructor(tables: DeliveryTables, pumps: ReadonlyMap<string, Pump>) {
    this.#tables = tables;
    this.#pumps = pumps;
  }

  /** The states of some events, looked up together. */
  statesOf(entries: readonly Entry[]): (entry: Entry) => EventState {
    const { retries, settled } = this.#tables;
    const [one, other] = [entries[0]?.position ?? 0, entries.at(-1)?.position ?? 0];
    const [first, last] = [Math.min(one, other), Math.max(one, other)];
    const dead = new Set(settled.deadBetween(first, last).map(({ position }) => position));
    const retrying = new Set<number>();
    const pending = new Set<number>();
    for (const retry of retries.between(first, last))
      for (const position of retry.positions) (retry.failures > 0 ? retrying : pending).add(position);
    return ({ position, event }) => {
      if (event.quarantined) return "quarantined";
      if (dead.has(position)) return "dead";
      if (retrying.has(position)) return "retrying";
      if (pending.has(position)) return "pending";
      return [...this.#pumps.values()].some((pump) => pump.waits(position, event)) ? "pending" : "delivered";
    };
  }

  /**
   * No event before a position is in a state unless it stands before the answer.
   * @returns the position itself where the rows do not tell
   */
  lastBefore(state: EventState, position: number): number {
    const { retries, settled } = this.#tables;
    if (state === "dead") {
      const [key] = settled.dead({ position, destination: "" }, null, 1);
      return key ? key.position + 1 : 0;
    }
    if (state !== "retrying" && state !== "pending") return position;
    const listed = Math.min(position, retries.lastBefore(position) + 1);
    if (state === "retrying") return listed;
    const waiting = [...this.#pumps.values()].some((pump) => pump.firstWaiting < position);
    return waiting ? position : listed;
  }

  /** First attempts stand in the journal, later ones in the tables of ended deliveries and of retries. */
  of({ position, event }: Entry, notes: DeliveryNotes): Delivery[] {
    const { journal, retries, settled } = this.#tables;
    const deliveries = new Map<string, Delivery>();
    const add = (
      destination: string,
      state: EventState,
      attempts: Attempt[],
      nextAt: number | null = null,
      behind: number | null = null,
    ) => {
      const waitsFor = behind === null ? null : (journal.at(behind)?.event.id ?? null);
      deliveries.set(destination, { destination, state, attempts, nextAt, waitsFor });
    };

    for (const [name, pump] of this.#pumps) {
      if (pump.waits(position, event)) add(name, "pending", [], null, pump.waitsFor(position, event));
      else {
        const first = this.firstSuccess(name, position, notes);
        if (first) add(name, "delivered", [first]);
      }
    }
    const attemptsAfter = (destination: string, packed: string): Attempt[] => {
      const before = deliveries.get(destination)?.attempts ?? [];
      const later = unpackAttempts(packed).map((one) => ({ ...one, number: one.number + before.length }));
      return [...before, ...later];
    };
    for (const { destination, state, attempts } of settled.of(position))
      add(destination, state, attemptsAfter(destination, attempts));
    for (const retry of retries.between(position, position)) {
      const { destination, positions, failures, due, behind } = retry;
      if (!positions.includes(position)) continue;
      const attempts = attemptsAfter(destination, retries.attemptsOf(retry));
      add(destination, failures > 0 ? "retrying" : "pending", attempts, due, behind);
    }
    return [...deliveries.values()];
  }

  /** The first attempt, if it succeeded. */
  firstSuccess(destination: string, position: number, notes: DeliveryNotes): Attempt | null {
    const { unrecorded } = this.#tables.progress;
    const note =
      unrecorded.find(([name, at]) => name === destination && at === position) ??
      notes.of(destination, position);
    if (!note) return null;
    const [, , at, ms, status] = note;
    return { number: 1, at, ms, status, error: null, response: null };
  }
}
