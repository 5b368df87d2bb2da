/**
 * What rows tell beside their events: where every destination stands, and what was counted. A row tells the place of
 * every destination, so that the last row alone is enough to lose nothing; of the rest it tells what has changed, and
 * now and then everything, so that a wake-up reads back a few rows only.
 */
import type { Counters } from "../meter.ts";
import type {
  CursorState,
  DeliveryNote,
  DestinationDetails,
  DestinationState,
  ProgressRecord,
} from "./segment.ts";

/** Rows from one whole account to the next. */
const wholeEvery = 32;

/** Counters that grow whenever the API is asked. */
export const countedByAsking: ReadonlySet<string> = new Set([
  "requests",
  "shardRequests",
  "alarms",
  "rowsRead",
  "rowsWritten",
]);

/** Tells what has changed. */
export class ProgressEncoder {
  #rows = wholeEvery;
  readonly #details = new Map<string, string>();
  #counters: Counters;

  /** @param counters as rows have told them before */
  constructor(counters: Counters) {
    this.#counters = { ...counters };
  }

  /** @param alone the row has no events: it may be the last for long, and tells everything */
  next(
    states: Readonly<Record<string, DestinationState>>,
    delivered: DeliveryNote[],
    counters: Counters,
    alone: boolean,
    now: number,
  ): ProgressRecord {
    const whole = alone || ++this.#rows >= wholeEvery;
    if (whole) {
      this.#rows = 0;
      this.#details.clear();
      this.#counters = {};
    }
    const told = Object.entries(states).map(([name, state]): [string, DestinationState] => {
      const { place, details } = parted(state);
      const text = JSON.stringify(details);
      if (this.#details.get(name) === text) return [name, place];
      this.#details.set(name, text);
      return [name, state];
    });
    const changed = Object.entries(counters).filter(([name, times]) => this.#counters[name] !== times);
    this.#counters = { ...counters };
    return {
      destinations: Object.fromEntries(told),
      delivered,
      counters: Object.fromEntries(changed),
      ...(whole ? {} : { partial: true }),
      at: now,
    };
  }

  /** What was counted, as rows tell it. */
  get counters(): Counters {
    return this.#counters;
  }

  /** Whether more was counted since, asking for the counters apart: that shall write no row. */
  isBehind(counters: Counters): boolean {
    return Object.entries(counters).some(
      ([name, times]) => !countedByAsking.has(name) && this.#counters[name] !== times,
    );
  }

  /** A row was not written: the next one tells everything. */
  lost(): void {
    this.#rows = wholeEvery;
  }
}

/** The places alone: for further rows of the same moment. */
export function cursorsOnly({ destinations, at }: ProgressRecord): ProgressRecord {
  const places = Object.entries(destinations).map(([name, state]): [string, CursorState] => [
    name,
    parted(state).place,
  ]);
  return { destinations: Object.fromEntries(places), delivered: [], partial: true, ...(at && { at }) };
}

/**
 * Everything that rows tell together.
 * @param rows the last first; the reading ends at the first that tells everything
 */
export function decodeProgress(rows: Iterable<ProgressRecord>): ProgressRecord {
  let account: ProgressRecord | null = null;
  for (const news of rows) {
    if (account === null)
      account = { ...news, destinations: { ...news.destinations }, counters: { ...news.counters } };
    else {
      for (const [name, state] of Object.entries(account.destinations))
        if (state.delivered === undefined && Object.hasOwn(news.destinations, name))
          account.destinations[name] = { ...state, ...parted(news.destinations[name]!).details };
      account.counters = { ...news.counters, ...account.counters };
    }
    if (!news.partial) break;
  }
  return account ?? { destinations: {}, delivered: [] };
}

/** Details, where they are told, always tell how many deliveries there were. */
function parted({ cursor, underway, done, off, ...details }: DestinationState): {
  place: CursorState;
  details: DestinationDetails;
} {
  return { place: { cursor, underway, ...(done && { done }), ...(off && { off }) }, details };
}
