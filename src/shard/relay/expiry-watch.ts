/**
 * Finds destinations for which something has waited for half of its time: an event ahead of the cursor, or a retry. It
 * writes no row, and reads rows only where something is that old.
 */
import type { Journal } from "../journal/journal.ts";
import { positionAt, timeOf } from "../journal/position.ts";
import type { Expiring } from "../journal/relay-record.ts";
import type { Destination } from "../pump/destination.ts";
import { newTurn } from "../turn.ts";

/** How often at most it looks. Milliseconds. */
const everyMs = 60_000;

/** What waits for longer than this share of the retention is told of. */
export const expiringShare = 0.5;

export interface Watched {
  readonly journal: Pick<Journal, "end">;
  readonly destinations: { readonly all: ReadonlyMap<string, Destination> };
  readonly retries: {
    /** The retries of events before a position: how many, and the first position. */
    before(position: number): ReadonlyMap<string, { count: number; first: number }>;
  };
}

export class ExpiringDestinations {
  readonly #watched: Watched;
  readonly #retentionMs: number;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(watched: Watched, retentionMs: number) {
    this.#watched = watched;
    this.#retentionMs = retentionMs;
  }

  /** No event needs an alarm sooner than so long after it. Milliseconds. */
  get soonestMs(): number {
    return expiringShare * this.#retentionMs;
  }

  /** All such destinations; null: less than a minute ago it looked. */
  look(now: number): Record<string, Expiring> | null {
    if (Math.abs(now - this.#lookedAt) < everyMs) return null;
    this.#lookedAt = now;
    const old = now - expiringShare * this.#retentionMs;
    const { journal, destinations, retries } = this.#watched;
    const expiring: Record<string, Expiring> = {};
    const retried = retries.before(positionAt(old));
    const turn = newTurn();
    for (const [name, destination] of destinations.all) {
      const { firstLosable } = destination;
      if (firstLosable === Number.POSITIVE_INFINITY) continue;
      const retry = retried.get(name);
      const mayWait = firstLosable < journal.end && timeOf(firstLosable) < old;
      if (!mayWait && !retry) continue;
      const { waiting, since } = mayWait ? destination.backlog(turn) : { waiting: 0, since: null };
      const times = [since, retry && timeOf(retry.first)].filter(
        (time) => time !== null && time !== undefined,
      );
      const oldest = Math.min(...times);
      if (oldest < old) expiring[name] = { waiting: waiting + (retry?.count ?? 0), oldest };
    }
    return expiring;
  }

  /**
   * When something will have waited for half of its time, unless it is sent before, and nothing has looked since. Unix
   * milliseconds; null: nothing waits.
   */
  nextAt(): number | null {
    const { journal, destinations } = this.#watched;
    const times = [...destinations.all.values()]
      .filter(({ firstLosable }) => firstLosable < journal.end)
      .map(({ firstLosable }) => timeOf(firstLosable) + expiringShare * this.#retentionMs + 1)
      .filter((time) => time > this.#lookedAt)
      .map((time) => Math.max(time, this.#lookedAt + everyMs));
    return times.length > 0 ? Math.min(...times) : null;
  }
}
