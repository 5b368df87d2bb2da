/** Reads a shard's journal for a viewer that asked for earlier events. */
import type { Clock } from "../clock.ts";
import type { ClockSkew } from "../cluster/clock-skew.ts";
import type { Journal } from "../journal/journal.ts";
import { positionAt } from "../journal/position.ts";
import { endTurn } from "../turn.ts";
import type { Lister } from "./feed.ts";
import { matcherOf, type TailFilter } from "./filter.ts";
import { eventLines, type Lines } from "./lines.ts";

/** The part of the journal that a viewer is still to be sent. */
export interface PageQuery {
  filter: TailFilter;
  /** Only events received then or later. Unix milliseconds. */
  since: number;
  /** Only events at this position or after it. */
  from: number;
}

export interface TailPage {
  items: (Lines & { position: number })[];
  /** Where to read on. */
  next: number;
  /** Whether that was the end of the journal. */
  end: boolean;
}

/** A page ends after so many events that fit, or so many pages of the journal; a turn after one of these. */
const mostItems = 256;
const mostPages = 16;

export class TailPages {
  readonly #journal: Pick<Journal, "read" | "end">;
  readonly #lister: Lister;
  readonly #skew: Pick<ClockSkew, "ms">;
  readonly #clock: Clock;

  constructor(
    journal: Pick<Journal, "read" | "end">,
    lister: Lister,
    skew: Pick<ClockSkew, "ms">,
    clock: Clock,
  ) {
    this.#journal = journal;
    this.#lister = lister;
    this.#skew = skew;
    this.#clock = clock;
  }

  /** Oldest first. @param oldest earlier events are past retention. Unix milliseconds */
  async page({ filter, since, from }: PageQuery, oldest: number): Promise<TailPage> {
    const first = Math.max(since, oldest);
    const matcher = matcherOf(filter);
    const items: TailPage["items"] = [];
    let next = Math.max(from, positionAt(Math.max(0, first - this.#skew.ms)));
    for (let pages = 0; pages < mostPages && next < this.#journal.end; pages++) {
      if (pages > 0) await endTurn(this.#clock);
      const page = this.#journal.read(next);
      const wanted = page.entries
        .slice(page.index)
        .filter(({ event }) => event.receivedAt >= first && matcher.event(event));
      for (const listed of this.#lister.listed(wanted))
        items.push({ ...eventLines(listed), position: listed.position });
      next = page.next;
      if (items.length >= mostItems) break;
    }
    return { items, next, end: next >= this.#journal.end };
  }
}
