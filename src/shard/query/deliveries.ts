/** The deliveries of events, with their states and attempts, from the tables in which these stand. */
import { attemptedAt } from "../../delivery/schedule.ts";
import type { DeliveryNotes } from "../journal/delivery-note.ts";
import type { Journal } from "../journal/journal.ts";
import type { Progress } from "../journal/progress.ts";
import type { Entry } from "../journal/segment.ts";
import { type Attempt, reasonIn, unpackAttempts } from "../pump/attempts.ts";
import type { Pump } from "../pump/pump.ts";
import type { RetryList } from "../pump/retry-list.ts";
import type { Retry } from "../pump/retry-rows.ts";
import type { Settled, SettledDeliveries } from "../pump/settled.ts";
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

  /** The states and deliveries of some neighbours, whose rows are looked up together. */
  among(entries: readonly Entry[], notes: DeliveryNotes) {
    const { retries, settled } = this.#tables;
    const [one, other] = [entries[0]?.position ?? 0, entries.at(-1)?.position ?? 0];
    const [first, last] = [Math.min(one, other), Math.max(one, other)];
    const ended = Map.groupBy(settled.between(first, last), ({ position }) => position);
    const listed = new Map<number, Retry[]>();
    for (const retry of retries.rows.between(first, last))
      for (const position of retry.positions) listed.set(position, [...(listed.get(position) ?? []), retry]);
    return {
      stateOf: ({ position, event }: Entry): EventState => {
        if (event.quarantined) return "quarantined";
        if (ended.get(position)?.some(({ state }) => state === "dead")) return "dead";
        const left = listed.get(position) ?? [];
        if (left.some(({ failures }) => failures > 0)) return "retrying";
        if (left.length > 0) return "pending";
        return [...this.#pumps.values()].some((pump) => pump.waits(position, event))
          ? "pending"
          : "delivered";
      },
      deliveriesOf: (entry: Entry): Delivery[] =>
        this.#of(
          entry,
          ended.has(entry.position) ? settled.of(entry.position) : [],
          listed.get(entry.position) ?? [],
          notes,
        ),
    };
  }

  /**
   * No event before a position is in a state unless it stands before the answer.
   * @returns the position itself where the rows do not tell
   */
  lastBefore(state: EventState, position: number): number {
    const { retries, settled } = this.#tables;
    if (state === "dead") {
      const [key] = settled.dead({ position, destination: "" }, null, 1, 0);
      return key ? key.position + 1 : 0;
    }
    if (state !== "retrying" && state !== "pending") return position;
    const listed = Math.min(position, retries.rows.lastBefore(position) + 1);
    if (state === "retrying") return listed;
    const waiting = [...this.#pumps.values()].some((pump) => pump.firstWaiting < position);
    return waiting ? position : listed;
  }

  /** First attempts stand in the journal, later ones in the tables of ended deliveries and of retries. */
  #of(
    { position, event }: Entry,
    ended: readonly Settled[],
    listed: readonly Retry[],
    notes: DeliveryNotes,
  ): Delivery[] {
    const { journal, retries } = this.#tables;
    const deliveries = new Map<string, Delivery>();
    const add = (
      destination: string,
      state: EventState,
      attempts: Attempt[],
      nextAt: number | null = null,
      behind: number | null = null,
      reason: string | null = null,
    ) => {
      const waitsFor = behind === null ? null : (journal.at(behind)?.event.id ?? null);
      deliveries.set(destination, { destination, state, attempts, nextAt, reason, waitsFor });
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
    for (const { destination, state, attempts } of ended)
      add(destination, state, attemptsAfter(destination, attempts), null, null, reasonIn(attempts));
    for (const retry of listed) {
      const { destination, failures, due, behind } = retry;
      const attempts = attemptsAfter(destination, retries.rows.attemptsOf(retry));
      const nextAt = attemptedAt(due, this.#pumps.get(destination)?.heldUntil ?? null);
      add(destination, failures > 0 ? "retrying" : "pending", attempts, nextAt, behind);
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
