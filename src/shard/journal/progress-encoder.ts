/**
 * Turns progress into records and back. Every record holds the cursor of every destination, so that the last row alone
 * is enough to lose nothing. Of the rest it holds only changes; a whole record now and then keeps a wake-up short.
 */
import { growsByAsking } from "../../counters.ts";
import type { Counters } from "../meter.ts";
import { packed } from "./delivered-batch.ts";
import type {
  CursorState,
  DeliveryNote,
  DestinationDetails,
  DestinationState,
  ProgressRecord,
} from "./progress-record.ts";
import type { RelayRecord } from "./relay-record.ts";

/** Rows from one whole record to the next. */
const wholeEvery = 32;

export interface CurrentProgress {
  states: Readonly<Record<string, DestinationState>>;
  delivered: DeliveryNote[];
  counters: Counters;
  relay?: { readonly version: number; readonly record: RelayRecord | undefined };
}

export class ProgressEncoder {
  #rows = wholeEvery;
  readonly #details = new Map<string, string>();
  #relayVersion = 0;
  #counters: Counters;
  /** As they were before the last record. */
  #countersBefore: Counters;

  /** @param counters as the rows before have recorded them */
  constructor(counters: Counters) {
    this.#counters = { ...counters };
    this.#countersBefore = this.#counters;
  }

  /**
   * The next record.
   * @param alone the row has no events: it may be the last for long, and is whole
   */
  encode(
    { states, delivered, counters, relay }: CurrentProgress,
    alone: boolean,
    now: number,
  ): ProgressRecord {
    const whole = alone || ++this.#rows >= wholeEvery;
    if (whole) {
      this.#rows = 0;
      this.#details.clear();
    }
    const destinations = Object.entries(states).map(([name, state]): [string, DestinationState] => {
      const { cursor, details } = parted(state);
      const text = JSON.stringify(details);
      if (this.#details.get(name) === text) return [name, cursor];
      this.#details.set(name, text);
      return [name, state];
    });
    const known = whole ? {} : this.#counters;
    const changed = Object.entries(counters).filter(([name, times]) => known[name] !== times);
    this.#countersBefore = this.#counters;
    this.#counters = { ...counters };
    const told = relay?.record && (whole || relay.version !== this.#relayVersion) ? relay.record : undefined;
    this.#relayVersion = relay?.version ?? 0;
    return {
      destinations: Object.fromEntries(destinations),
      ...packed(delivered),
      counters: Object.fromEntries(changed),
      ...(told && { relay: told }),
      ...(whole ? {} : { partial: true }),
      at: now,
    };
  }

  /** The counters as the rows record them. */
  get counters(): Counters {
    return this.#counters;
  }

  /** Whether the rows lack counts. Counts of asking are left out: asking shall write no row. */
  isBehind(counters: Counters): boolean {
    return Object.entries(counters).some(
      ([name, times]) => !growsByAsking(name) && this.#counters[name] !== times,
    );
  }

  /** The last record was not written: the next one is whole. */
  lost(): void {
    this.#rows = wholeEvery;
    this.#counters = this.#countersBefore;
  }
}

/** The cursors alone: for further rows of the same moment. */
export function cursorsOnly({ destinations, at }: ProgressRecord): ProgressRecord {
  const cursors = Object.entries(destinations).map(([name, state]): [string, CursorState] => [
    name,
    parted(state).cursor,
  ]);
  return { destinations: Object.fromEntries(cursors), delivered: [], partial: true, ...(at && { at }) };
}

/**
 * Everything that rows record together.
 * @param records the last first; reading ends at the first whole one
 */
export function decodeProgress(records: Iterable<ProgressRecord>): ProgressRecord {
  let progress: ProgressRecord | null = null;
  for (const record of records) {
    if (progress === null)
      progress = { ...record, destinations: { ...record.destinations }, counters: { ...record.counters } };
    else {
      for (const [name, state] of Object.entries(progress.destinations))
        if (!hasDetails(state) && Object.hasOwn(record.destinations, name))
          progress.destinations[name] = { ...state, ...parted(record.destinations[name]!).details };
      progress.counters = { ...record.counters, ...progress.counters };
      if (record.relay) progress.relay ??= record.relay;
    }
    if (!record.partial) break;
  }
  return progress ?? { destinations: {}, delivered: [] };
}

/** Details always hold how many deliveries there were. */
function hasDetails({ delivered }: DestinationState): boolean {
  return delivered !== undefined;
}

function parted({ cursor, underway, done, off, ...details }: DestinationState): {
  cursor: CursorState;
  details: DestinationDetails;
} {
  return { cursor: { cursor, underway, ...(done && { done }), ...(off && { off }) }, details };
}
