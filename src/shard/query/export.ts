/**
 * The stream of an export: a shard's events, oldest first, each a line with its position before it.
 *
 *     1837219840000000 {"id":"evt_01kanj…",…,"body":{…}}
 *     1837219840000512 {"id":"evt_01kank…",…,"body":{…}}
 *     1837219841000000
 *
 * The last line has no event: another stream goes on from there. So no stream takes more processor time than one call
 * may. `end` instead: this was the last stream.
 */
import type { Clock } from "../clock.ts";
import { positionAt } from "../journal/position.ts";
import { endTurn } from "../turn.ts";
import type { Deliveries } from "./deliveries.ts";
import { detailText } from "./detail.ts";
import type { QueriedTables } from "./event-queries.ts";
import { type EventFilter, type EventQuery, eventFilter } from "./filter.ts";
import type { Pace } from "./pace.ts";

export interface ExportQuery extends Omit<EventQuery, "before" | "limit" | "judged" | "shadow"> {
  until: number;
  /** Only events that stand at this position or after it; null: all. */
  from: number | null;
  /** `metadata`: lines hold no body, no query and nothing of a response. */
  sees: "bodies" | "metadata";
}

/** Looks into the journal that a stream may take: some seconds of processor time. */
const looksAStream = 500;

const encoder = new TextEncoder();

export class Exports {
  readonly #tables: QueriedTables;
  readonly #deliveries: Deliveries;
  readonly #pace: Pace;
  readonly #clock: Clock;

  constructor(tables: QueriedTables, deliveries: Deliveries, pace: Pace, clock: Clock) {
    this.#tables = tables;
    this.#deliveries = deliveries;
    this.#pace = pace;
    this.#clock = clock;
  }

  /** Makes a page when the reader asks for one: a slow reader costs no memory. */
  stream(query: ExportQuery, oldest: number): ReadableStream<Uint8Array> {
    const reader = { gone: false };
    const pages = this.#pages(query, oldest, reader);
    return new ReadableStream({
      type: "bytes",
      async pull(controller) {
        const { value, done } = await pages.next();
        if (!done) controller.enqueue(encoder.encode(value));
        else if (!reader.gone) controller.close();
      },
      cancel() {
        reader.gone = true;
      },
    });
  }

  async *#pages(
    query: ExportQuery,
    oldest: number,
    reader: { readonly gone: boolean },
  ): AsyncGenerator<string> {
    const { journal, clockSkew } = this.#tables;
    const { state, until, sees } = query;
    const since = Math.max(query.since ?? 0, oldest);
    const filter = eventFilter({ ...query, before: 0, limit: 0 }, since);
    if (query.message) await this.#teach(filter, reader);
    const end = positionAt(until + clockSkew.ms);
    let next: number | null = query.from ?? positionAt(since - clockSkew.ms);
    for (let looks = 0; looks < looksAStream && !reader.gone; looks++) {
      const notes = journal.deliveryNotes();
      const page = journal.sift("from", next, filter.sieve);
      const { stateOf, deliveriesOf } = this.#deliveries.among(page.entries, notes);
      const lines: string[] = [];
      for (const entry of page.entries) {
        if (!filter.fits(entry.event)) continue;
        const its = stateOf(entry);
        if (state !== null && state !== its) continue;
        const { position, event } = entry;
        const { body, query, issues } = event;
        const deliveries = deliveriesOf(entry);
        const text = detailText({ position, event, state: its, body, query, issues, deliveries }, sees);
        lines.push(`${position} ${oneLine(text)}\n`);
      }
      if (lines.length > 0) yield lines.join("");
      next = page.next;
      if (next === null || next >= end) {
        yield "end\n";
        return;
      }
      await this.#pace.giveWay();
    }
    yield `${next}\n`;
  }

  /** Shows the filter of a message all events, newest first: from later ones it learns how to find earlier ones. */
  async #teach(filter: EventFilter, reader: { readonly gone: boolean }): Promise<void> {
    const { journal } = this.#tables;
    for (let before: number | null = journal.end; before !== null && !reader.gone; ) {
      const { sieve } = filter;
      const { entries, next } = journal.sift("before", before, sieve);
      const learned = entries.find(
        ({ event }) => filter.fits(event) && filter.sieve.bodies.length > sieve.bodies.length,
      );
      before = learned?.position ?? next;
      await endTurn(this.#clock);
    }
  }
}

/** Line breaks of a body are white space between its parts: within texts, JSON has them escaped. */
function oneLine(text: string): string {
  return text.includes("\n") || text.includes("\r") ? text.replace(/[\r\n]+/g, " ") : text;
}
