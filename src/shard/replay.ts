/** Deliveries that are queued again: one event's, or dead letters. The retry list takes them, due at once. */
import type { Clock } from "./clock.ts";
import { positionAt } from "./journal/position.ts";
import type { Entry } from "./journal/segment.ts";
import type { Destinations } from "./pump/destinations.ts";
import type { Pump } from "./pump/pump.ts";
import type { DeadLetterKey, SettledDeliveries } from "./pump/settled.ts";
import type { Schedule } from "./schedule.ts";
import type { ShardStorage } from "./storage.ts";
import { endTurn } from "./turn.ts";
import { watchdogMs } from "./watchdog.ts";

/** Dead letters that are queued again in one turn. */
const lettersPerTurn = 50;

/** A choice of dead letters, by destination and by event; null: all. */
export interface DeadLetterSelection {
  destinations: readonly string[] | null;
  ids: readonly string[] | null;
  /** Destinations whose dead letters stay. */
  except: readonly string[];
  /** Letters of earlier events are past retention, and stay. Unix milliseconds. */
  oldest: number;
}

export interface ReplaySources {
  readonly destinations: Destinations;
  readonly settled: SettledDeliveries;
  readonly journal: { at(position: number): Entry | null };
  /** Finds an event received at a time or later. */
  readonly events: { find(id: string, oldest: number): Entry | null };
  readonly progress: { recordNames(): void };
}

export class Replay {
  readonly #sources: ReplaySources;
  readonly #storage: ShardStorage;
  readonly #schedule: Schedule;
  readonly #clock: Clock;

  constructor(sources: ReplaySources, storage: ShardStorage, schedule: Schedule, clock: Clock) {
    this.#sources = sources;
    this.#storage = storage;
    this.#schedule = schedule;
    this.#clock = clock;
  }

  /**
   * Queues an event again.
   * @param oldest an event that was received earlier is past retention, Unix milliseconds
   * @param named the destinations; null: all destinations whose rule matches the event
   * @returns to how many destinations it will be sent; null if there is no such event
   */
  event(
    id: string,
    oldest: number,
    named: readonly string[] | null,
    except: readonly string[],
  ): number | null {
    const entry = this.#sources.events.find(id, oldest);
    if (!entry) return null;
    if (entry.event.erased) return 0;
    const now = this.#clock.now();
    const pumps = this.#sendable(except).filter(({ rule }) =>
      named ? named.includes(rule.name) : rule.matches(entry.event),
    );
    this.#queue(() => {
      for (const pump of pumps) pump.interventions.requeue(entry, now, "single");
    });
    return pumps.length;
  }

  /**
   * Queues dead letters in turns; yields how many each turn has queued. Dead letters that the selection leaves out
   * stay.
   */
  async *deadLetters({ destinations, ids, except, oldest }: DeadLetterSelection): AsyncIterable<number> {
    const pumps = new Map(
      this.#sendable(except)
        .filter(({ rule }) => destinations === null || destinations.includes(rule.name))
        .map((pump) => [pump.rule.name, pump]),
    );
    const { journal, settled } = this.#sources;
    for await (const letters of this.#pages(ids, positionAt(oldest))) {
      const now = this.#clock.now();
      // Another replay may have queued some of them since they were listed.
      const queued = letters.filter(
        (key) =>
          pumps.has(key.destination) &&
          !journal.at(key.position)?.event.erased &&
          settled.stateOf(key) === "dead",
      );
      this.#queue(() => {
        for (const { destination, position } of queued)
          pumps.get(destination)!.interventions.requeueEnded(position, now, "dead-letters");
      });
      yield queued.length;
    }
  }

  /** Destinations that will be sent the deliveries queued for them. */
  #sendable(except: readonly string[]): Pump[] {
    return [...this.#sources.destinations.pumps.values()].filter(
      ({ rule }) => rule.enabled && !except.includes(rule.name),
    );
  }

  #queue(write: () => void): void {
    this.#storage.atomically(() => {
      write();
      // After the deletions, which make room for it.
      this.#sources.progress.recordNames();
    });
    this.#schedule.alarmBy(this.#clock.now() + watchdogMs);
  }

  /** Dead letters in turns, of all events from a position on, or of some. */
  async *#pages(ids: readonly string[] | null, first: number): AsyncIterable<readonly DeadLetterKey[]> {
    const { settled, events } = this.#sources;
    for (const [index, id] of [...new Set(ids)].entries()) {
      // A look-up of an unknown id reads the rows of a minute.
      if (index > 0) await endTurn(this.#clock);
      const position = events.find(id, 0)?.position;
      if (position !== undefined && position >= first) yield settled.deadBetween(position, position);
    }
    if (ids) return;
    let before: DeadLetterKey = { position: Number.MAX_SAFE_INTEGER, destination: "" };
    for (;;) {
      const page = settled.dead(before, null, lettersPerTurn, first);
      const last = page.at(-1);
      if (!last) return;
      yield page;
      before = last;
      await endTurn(this.#clock);
    }
  }
}
