/** The API's questions to a shard: lists of events, one event with its deliveries, rules on the last events. */
import type { Event } from "../../callback/event.ts";
import { senderOf } from "../../callback/sender.ts";
import type { Rule } from "../../rule/rule.ts";
import type { Clock } from "../clock.ts";
import type { ClockSkew } from "../cluster/clock-skew.ts";
import type { Journal } from "../journal/journal.ts";
import { positionAt } from "../journal/position.ts";
import type { Progress } from "../journal/progress.ts";
import type { DeliveryNote } from "../journal/progress-record.ts";
import type { Entry } from "../journal/segment.ts";
import { type Attempt, unpackAttempts } from "../pump/attempts.ts";
import type { Pump } from "../pump/pump.ts";
import type { RetryList } from "../pump/retry-list.ts";
import type { SettledDeliveries } from "../pump/settled.ts";
import { endTurn } from "../turn.ts";
import type { Delivery, EventDetail } from "./detail.ts";
import { type EventQuery, type EventState, eventFilter } from "./filter.ts";
import type { Listed } from "./listed.ts";

/** `next`: earlier events have not been looked at; null when all were. */
export interface EventPage {
  events: Listed[];
  next: number | null;
}

/** The rules that fit an event: the rules of the settings, and the rules on trial. By name. */
export interface RuleFit {
  position: number;
  id: string;
  now: string[];
  would: string[];
}

/** The tables that hold the state of an event's deliveries. */
export interface QueriedTables {
  readonly journal: Journal;
  readonly retries: RetryList;
  readonly settled: SettledDeliveries;
  readonly progress: Progress;
  readonly clockSkew: ClockSkew;
}

/** A query looks at so many pages before it answers with the events found so far, and where to go on. */
const pagesPerQuery = 200;

/** A query ends its turn after so many events, or so much text of them. */
const eventsPerTurn = 1_000;
const charactersPerTurn = 4_000_000;

export class EventQueries {
  readonly #tables: QueriedTables;
  readonly #pumps: ReadonlyMap<string, Pump>;
  readonly #clock: Clock;

  constructor(tables: QueriedTables, pumps: ReadonlyMap<string, Pump>, clock: Clock) {
    this.#tables = tables;
    this.#pumps = pumps;
    this.#clock = clock;
  }

  /** Newest first. `oldest`: earlier events are past retention and not shown. Unix milliseconds. */
  async page(query: EventQuery, oldest: number): Promise<EventPage> {
    const { journal, clockSkew } = this.#tables;
    const turns = new TurnCounter(this.#clock);
    const skew = clockSkew.ms;
    const since = Math.max(query.since ?? 0, oldest);
    const fits = eventFilter(query, since);
    const first = positionAt(since - skew);
    const events: Listed[] = [];
    let before = Math.min(query.before, query.until === null ? query.before : positionAt(query.until + skew));
    for (let pages = 0; pages < pagesPerQuery; pages++) {
      const { entries, next } = journal.readBack(before);
      const states = this.#statesOf(entries);
      for (const { position, event } of entries) {
        if (!fits(event)) continue;
        const state = states(position, event);
        if (query.state !== null && query.state !== state) continue;
        events.push(this.#listed({ position, event }, state, query));
        if (events.length === query.limit) return { events, next: position };
      }
      if (next === null || next < first) return { events, next: null };
      before = next;
      await turns.looked(entries);
    }
    return { events, next: before };
  }

  /** Verdicts are compared in thousands, and without the deliveries. */
  #listed(
    entry: Entry,
    state: EventState,
    { judged = false, shadow }: Pick<EventQuery, "judged" | "shadow"> = {},
  ): Listed {
    const { position, event } = entry;
    const { body, query: _, issues, ...rest } = event;
    if (judged || shadow)
      return { position, event: judged ? { ...rest, body } : rest, state, from: null, destinations: {} };
    const deliveries = this.#deliveriesOf(entry).map(({ destination, state }) => [destination, state]);
    return {
      position,
      event: rest,
      state,
      from: senderOf(body),
      destinations: Object.fromEntries(deliveries),
    };
  }

  /** For each of the last events, the rules that match it: of the current rules, and on trial. Newest first. */
  async fits(
    current: readonly Rule[],
    trial: readonly Rule[],
    last: number,
    oldest: number,
  ): Promise<RuleFit[]> {
    const { journal } = this.#tables;
    const found: RuleFit[] = [];
    const turns = new TurnCounter(this.#clock);
    const names = (rules: readonly Rule[], event: Event) =>
      rules.filter((rule) => rule.matches(event)).map(({ name }) => name);
    for (let before: number | null = journal.end; before !== null && found.length < last; ) {
      const { entries, next } = journal.readBack(before);
      for (const { position, event } of entries.slice(0, last - found.length))
        if (event.receivedAt >= oldest)
          found.push({ position, id: event.id, now: names(current, event), would: names(trial, event) });
      before = next;
      await turns.looked(entries);
    }
    return found;
  }

  /** Events, oldest first, with their states of now. */
  listed(entries: readonly Entry[]): Listed[] {
    const states = this.#statesOf(entries.toReversed());
    return entries.map((entry) => this.#listed(entry, states(entry.position, entry.event)));
  }

  /** Whether the first attempt of a delivery succeeded: no row of the delivery's own holds it. */
  firstSucceeded(destination: string, position: number): boolean {
    const noteFrom = this.#tables.journal.deliveryNotes(position);
    return this.#firstAttempt(destination, position, noteFrom) !== null;
  }

  /** The event of an id, unless it is past retention. */
  find(id: string, oldest: number): Entry | null {
    const entry = this.#tables.journal.find(id, this.#tables.clockSkew.ms);
    return entry && entry.event.receivedAt >= oldest ? entry : null;
  }

  detail(id: string, oldest: number): EventDetail | null {
    const entry = this.find(id, oldest);
    if (!entry) return null;
    const { position, event } = entry;
    const { body, query, issues, ...rest } = event;
    const state = this.#statesOf([entry])(position, event);
    return { position, event: rest, state, body, query, issues, deliveries: this.#deliveriesOf(entry) };
  }

  /** The states of some events, looked up together. */
  #statesOf(entries: readonly Entry[]): (position: number, event: Event) => EventState {
    const { retries, settled } = this.#tables;
    const positions = entries.map(({ position }) => position);
    const [first, last] = [positions.at(-1) ?? 0, positions[0] ?? 0];
    const dead = new Set(settled.deadBetween(first, last).map(({ position }) => position));
    const retrying = new Set<number>();
    const pending = new Set<number>();
    for (const retry of retries.between(first, last))
      for (const position of retry.positions) (retry.failures > 0 ? retrying : pending).add(position);
    return (position, event) => {
      if (event.quarantined) return "quarantined";
      if (dead.has(position)) return "dead";
      if (retrying.has(position)) return "retrying";
      if (pending.has(position)) return "pending";
      return [...this.#pumps.values()].some((pump) => pump.waits(position, event)) ? "pending" : "delivered";
    };
  }

  /** First attempts stand in the journal, later ones in the tables of ended deliveries and of retries. */
  #deliveriesOf({ position, event }: Entry): Delivery[] {
    const { journal, retries, settled } = this.#tables;
    const noteFrom = journal.deliveryNotes(position);
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
      const first = this.#firstAttempt(name, position, noteFrom);
      if (first) add(name, "delivered", [first]);
      else if (pump.waits(position, event)) add(name, "pending", [], null, pump.waitsFor(position, event));
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

  /** The first attempt, if it succeeded. @param noteFrom finds its note in the journal */
  #firstAttempt(
    destination: string,
    position: number,
    noteFrom: (destination: string) => DeliveryNote | null,
  ): Attempt | null {
    const { unrecorded } = this.#tables.progress;
    const note =
      unrecorded.find(([name, at]) => name === destination && at === position) ?? noteFrom(destination);
    if (!note) return null;
    const [, , at, ms, status] = note;
    return { number: 1, at, ms, status, error: null, response: null };
  }
}

/** Ends a query's turn when it has looked at enough events. */
class TurnCounter {
  readonly #clock: Clock;
  #events = 0;
  #characters = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async looked(entries: readonly Entry[]): Promise<void> {
    this.#events += entries.length;
    for (const { event } of entries) this.#characters += event.body.length;
    if (this.#events < eventsPerTurn && this.#characters < charactersPerTurn) return;
    this.#events = this.#characters = 0;
    await endTurn(this.#clock);
  }
}
