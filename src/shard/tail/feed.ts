/**
 * Feeds the viewers with a shard's lines. It reads events from the journal behind a cursor of its own, as a destination
 * does: a commit only starts a timer. While nothing is watched it does nothing.
 */
import { elapsed } from "../../elapsed.ts";
import { log } from "../../log.ts";
import type { Clock } from "../clock.ts";
import type { Journal } from "../journal/journal.ts";
import type { Entry } from "../journal/segment.ts";
import type { EventState } from "../query/filter.ts";
import type { Listed } from "../query/listed.ts";
import type { Interest, Watched } from "./interest.ts";
import { deliveryLine, eventLines, type Lines } from "./lines.ts";

/** Lines and the filters that they fit, as indexes of the batch's. */
export interface FedLines extends Lines {
  /** Of the event in its shard's journal; null: a delivery, which is sent whenever it comes. */
  position: number | null;
  fits: number[];
}

/** All lines of a stretch of a shard's journal: the batches of a shard have no gap between them. */
export interface Batch {
  from: number;
  to: number;
  /** Keys of the filters. */
  filters: string[];
  items: FedLines[];
  /** By filter: how many of its lines were lost on the way. */
  missed: number[];
}

/** The line of a delivery, with the keys of the filters that it fits: filters may change before then. */
interface WaitingDelivery {
  line: Lines;
  keys: string[];
}

/** How a shard feeds from now on. */
export interface Feeding {
  /** Of the filters. */
  version: number;
  /** Events at this position and after it will be fed. */
  from: number;
}

/** Where batches go: to the viewers of shard 0. */
export interface Feedable {
  /** Answers the filters that are watched then. */
  take(batch: Batch): Promise<Watched>;
}

/** The shard's questions about events. */
export interface Lister {
  listed(entries: readonly Entry[]): Listed[];
  /** Whether the first attempt of a delivery succeeded. */
  firstSucceeded(destination: string, position: number): boolean;
}

/** Lines gather for so long: a frame costs as much as a hundred lines. Milliseconds. */
const gatherMs = 50;

/** Events of one batch, about as many deliveries, and deliveries that may wait for it. */
const eventsPerBatch = 1_000;
const mostDeliveries = 5_000;

/** How often a batch that shard 0 did not take is offered again by itself, and when: doubling. Milliseconds. */
const retries = 6;
const retryMs = 1_000;

/** An empty batch is offered after so long, to hear whether anything is still watched. Milliseconds. */
const silentMs = 60_000;

export class TailFeed {
  readonly #journal: Pick<Journal, "read" | "end">;
  readonly #interest: Interest;
  readonly #viewers: Feedable;
  readonly #clock: Clock;
  #lister: Lister | null = null;
  /** Events from here on are still to be read. */
  #cursor: number;
  /** Where the next batch begins: stretches in which nothing fits are joined to the next one. */
  #from: number;
  #heardAt = 0;
  #deliveries: WaitingDelivery[] = [];
  /** Lines that were lost, by the key of a filter that they fit. */
  readonly #missed = new Map<string, number>();
  #failures = 0;
  /** A batch is under way, or will be. */
  #due = false;

  constructor(journal: Pick<Journal, "read" | "end">, interest: Interest, viewers: Feedable, clock: Clock) {
    this.#journal = journal;
    this.#interest = interest;
    this.#viewers = viewers;
    this.#clock = clock;
    this.#cursor = this.#from = journal.end;
    // Events may have been written before the object died: shard 0 reads them when this shard feeds again.
    if (this.watched) this.#flushIn(gatherMs);
  }

  /** @param lister answers the questions about events from now on */
  askFrom(lister: Lister): void {
    this.#lister = lister;
  }

  get watched(): boolean {
    return this.#interest.matchers.length > 0;
  }

  /** From now on these filters are fed, unless later ones are known. */
  watch(watched: Watched): Feeding {
    if (!this.watched) this.#cursor = this.#from = this.#journal.end;
    this.#interest.take(watched);
    if (!this.watched) {
      this.#deliveries = [];
      this.#missed.clear();
    }
    return { version: this.#interest.version, from: this.#cursor };
  }

  /** Events were written. */
  committed(): void {
    if (this.watched) this.#flushIn(gatherMs);
  }

  /**
   * An attempt has ended.
   * @param before how many attempts a row records; null: the delivery has no row, this was the first
   */
  attempted(entries: readonly Entry[], destination: string, state: EventState, before: number | null): void {
    if (!this.watched) return;
    for (const { position, event } of entries) {
      const fits = this.#fitting((matcher) => matcher.delivery(destination, matcher.event(event)));
      if (fits.length === 0) continue;
      const keys = fits.map((index) => this.#interest.matchers[index]!.key);
      if (this.#deliveries.length >= mostDeliveries) {
        for (const key of keys) this.#miss(key, 1);
        continue;
      }
      const unlisted = before !== null && this.#lister?.firstSucceeded(destination, position) ? 1 : 0;
      const line = deliveryLine(event.id, destination, state, (before ?? 0) + unlisted + 1);
      this.#deliveries.push({ line, keys });
    }
    this.#flushIn(gatherMs);
  }

  #miss(key: string, lines: number): void {
    this.#missed.set(key, (this.#missed.get(key) ?? 0) + lines);
  }

  #fitting(fits: (matcher: Interest["matchers"][number]) => boolean): number[] {
    return this.#interest.matchers.flatMap((matcher, index) => (fits(matcher) ? [index] : []));
  }

  #flushIn(ms: number): void {
    if (this.#due) return;
    this.#due = true;
    this.#clock.after(ms, () => void this.#flush());
  }

  async #flush(): Promise<void> {
    let again: number | null = 0;
    try {
      if (this.watched) again = await this.#offer(this.#batch());
    } catch (error) {
      // A journal that cannot be read is reported by the stages that need it: the tail goes on behind it.
      log.error("tail", { error: String(error) });
      this.#cursor = this.#from = this.#journal.end;
    }
    this.#due = false;
    const left = this.#cursor < this.#journal.end || this.#deliveries.length > 0;
    if (this.watched && left && again !== null) this.#flushIn(Math.max(again, gatherMs));
  }

  /** Answers when the rest may follow; null: when something new comes. */
  async #offer(batch: Batch): Promise<number | null> {
    const now = this.#clock.now();
    const empty = batch.items.length === 0 && batch.missed.every((lines) => lines === 0);
    if (empty && elapsed(this.#heardAt, now) < silentMs) return 0;
    try {
      const watched = await this.#viewers.take(batch);
      this.#failures = 0;
      this.#heardAt = now;
      this.#from = batch.to;
      this.watch(watched);
      return 0;
    } catch {
      // Events are read again; deliveries are not kept.
      this.#cursor = batch.from;
      for (const [index, key] of batch.filters.entries()) this.#miss(key, lostOf(batch, index));
      return this.#failures < retries ? retryMs * 2 ** this.#failures++ : null;
    }
  }

  #batch(): Batch {
    const from = this.#from;
    const matchers = this.#interest.matchers;
    const items: FedLines[] = [];
    for (let events = 0; events < eventsPerBatch && this.#cursor < this.#journal.end; ) {
      const { entries, index, next } = this.#journal.read(this.#cursor);
      const fresh = entries.slice(index);
      const wanted = fresh.flatMap((entry) => {
        const fits = this.#fitting(({ event }) => event(entry.event));
        return fits.length > 0 ? [{ entry, fits }] : [];
      });
      const listed = this.#lister?.listed(wanted.map(({ entry }) => entry)) ?? [];
      for (const [at, one] of listed.entries())
        items.push({ ...eventLines(one), position: one.position, fits: wanted[at]!.fits });
      this.#cursor = next;
      events += fresh.length;
    }
    const filters = matchers.map(({ key }) => key);
    for (const { line, keys } of this.#deliveries.splice(0)) {
      const fits = keys.map((key) => filters.indexOf(key)).filter((index) => index !== -1);
      if (fits.length > 0) items.push({ ...line, position: null, fits });
    }
    const missed = filters.map((key) => this.#missed.get(key) ?? 0);
    this.#missed.clear();
    return { from, to: this.#cursor, filters, items, missed };
  }
}

/** The lines of a filter that are lost with a batch: events are read again. */
function lostOf({ items, missed }: Batch, filter: number): number {
  const deliveries = items.filter(({ position, fits }) => position === null && fits.includes(filter));
  return missed[filter]! + deliveries.length;
}
