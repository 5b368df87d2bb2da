/**
 * Finds destinations for which something has waited for half of its time: an event ahead of the cursor, one that a
 * poller has and does not confirm, or a retry. It writes no row, and reads rows only where something is that old.
 *
 * Where relay events wait, a callback must have waited for so long too. A relay event that tells of other ones would wait
 * for the same destination, and cause the next, without end.
 */

import { relayApp } from "../../callback/relay-events.ts";
import { elapsed } from "../../elapsed.ts";
import type { RuleBook } from "../../rule/parse-rules.ts";
import { hearsRelay } from "../../rule/selection.ts";
import { positionAt, timeOf } from "../journal/position.ts";
import type { Expiring } from "../journal/relay-record.ts";
import type { Readable } from "../pump/cursor-options.ts";
import type { Destination } from "../pump/destination.ts";
import { costOf, newTurn, type Turn } from "../turn.ts";

/** How often at most it looks. Milliseconds. */
const everyMs = 60_000;

/** An event that waits for longer than this share of the retention is told of. */
export const expiringShare = 0.5;

/** Retries among which a callback is looked for. */
const retriesLooked = 200;

export interface Watched {
  readonly rules: Pick<RuleBook, "rules">;
  readonly journal: Readable;
  readonly destinations: { readonly all: ReadonlyMap<string, Destination> };
  readonly retries: {
    /** The retries of events before a position: how many, and the first position. */
    before(position: number): ReadonlyMap<string, { count: number; first: number }>;
    /** The first positions of a destination's entries before one. */
    firstBefore(position: number, destination: string, limit: number): readonly number[];
  };
}

export class ExpiringDestinations {
  readonly #watched: Watched;
  readonly #retentionMs: number;
  #lookedAt = Number.NEGATIVE_INFINITY;
  /** By destination: no callback before a position waits for it. */
  readonly #noCallbackBefore = new Map<string, number>();

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
    if (elapsed(this.#lookedAt, now) < everyMs) return null;
    this.#lookedAt = now;
    const old = now - expiringShare * this.#retentionMs;
    const { journal, destinations, retries } = this.#watched;
    const expiring: Record<string, Expiring> = {};
    const retried = retries.before(positionAt(old));
    const turn = newTurn();
    for (const [name, destination] of destinations.all) {
      const { firstUndelivered } = destination;
      if (firstUndelivered === Number.POSITIVE_INFINITY) continue;
      const retry = retried.get(name);
      const mayWait = firstUndelivered < journal.end && timeOf(firstUndelivered) < old;
      if (!mayWait && !retry) continue;
      const { waiting, since } = mayWait ? destination.backlog(turn) : { waiting: 0, since: null };
      const times = [since, retry && timeOf(retry.first)].filter(
        (time) => time !== null && time !== undefined,
      );
      const oldest = Math.min(...times);
      if (oldest < old && this.#holdsCallback(name, destination, positionAt(old), turn))
        expiring[name] = { waiting: waiting + (retry?.count ?? 0), oldest };
    }
    return expiring;
  }

  /** Whether a callback before a position waits. One that this turn does not come to is found by a later one. */
  #holdsCallback(name: string, destination: Destination, until: number, turn: Turn): boolean {
    const { rules, journal, retries } = this.#watched;
    if (!rules.rules.some((rule) => rule.name === name && hearsRelay(rule))) return true;
    const retried = retries.firstBefore(until, name, retriesLooked);
    if (retried.some((position) => journal.at(position)?.event.app !== relayApp)) return true;
    for (let from = this.#firstCallback(name, destination); from < journal.end && turn.left > 0; ) {
      const { entries, index = 0, next } = journal.read(from);
      for (const { position, event } of entries.slice(index)) {
        turn.left -= costOf(event);
        if (event.app === relayApp || !destination.waits(position, event)) continue;
        this.#noCallbackBefore.set(name, position);
        return position < until;
      }
      from = Math.max(next, from + 1);
      this.#noCallbackBefore.set(name, from);
    }
    return false;
  }

  /** No callback before it waits. */
  #firstCallback(name: string, { firstUndelivered }: Destination): number {
    return Math.max(firstUndelivered, this.#noCallbackBefore.get(name) ?? 0);
  }

  /** When an event at a position has waited for half of its time. Unix milliseconds. */
  #halfOf(position: number): number {
    return timeOf(position) + expiringShare * this.#retentionMs + 1;
  }

  /**
   * When something will have waited for half of its time, unless it is sent before, and nothing has looked since. Unix
   * milliseconds; null: nothing waits.
   */
  nextAt(): number | null {
    const { journal, destinations } = this.#watched;
    const times = [...destinations.all]
      .map(([name, destination]) => this.#firstCallback(name, destination))
      .filter((first) => first < journal.end)
      .flatMap((first) => {
        const due = this.#halfOf(first);
        if (due > this.#lookedAt) return due;
        // The cursor may stand where no event follows for long: the journal tells when the next one came.
        const { entries, index = 0 } = journal.read(first);
        return entries.slice(index, index + 1).map(({ position }) => this.#halfOf(position));
      })
      .filter((time) => time > this.#lookedAt)
      .map((time) => Math.max(time, this.#lookedAt + everyMs));
    return times.length > 0 ? Math.min(...times) : null;
  }
}
