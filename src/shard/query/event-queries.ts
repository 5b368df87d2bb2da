/** The API's questions to a shard: lists of events, one event with its deliveries, rules on the last events. */

import type { Event } from "../../callback/event.ts";
import { relayApp } from "../../callback/relay-events.ts";
import { senderOf } from "../../callback/sender.ts";
import { elapsed } from "../../elapsed.ts";
import type { Rule } from "../../rule/rule.ts";
import { hearsRelay } from "../../rule/selection.ts";
import type { Clock } from "../clock.ts";
import type { ClockSkew } from "../cluster/clock-skew.ts";
import { positionAt } from "../journal/position.ts";
import type { Entry } from "../journal/segment.ts";
import { everyRow } from "../journal/sieve.ts";
import { endTurn, Turns } from "../turn.ts";
import type { Deliveries, DeliveryTables } from "./deliveries.ts";
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

/** The sources of answers: the tables with the states of deliveries, and how far a search by time looks. */
export interface QueriedTables extends DeliveryTables {
  readonly clockSkew: ClockSkew;
}

/** A list answers after this time with the events found so far, and where to go on. Milliseconds. */
const budgetMs = 1_500;

/** A page with bodies ends after so much text of them at most: one call may answer 32 MiB. Characters. */
const mostBodies = 4_000_000;

export class EventQueries {
  readonly #tables: QueriedTables;
  readonly #deliveries: Deliveries;
  readonly #clock: Clock;

  constructor(tables: QueriedTables, deliveries: Deliveries, clock: Clock) {
    this.#tables = tables;
    this.#deliveries = deliveries;
    this.#clock = clock;
  }

  /** Newest first. `oldest`: earlier events are past retention and not shown. Unix milliseconds. */
  async page(query: EventQuery, oldest: number): Promise<EventPage> {
    const { journal, clockSkew } = this.#tables;
    const { state, limit } = query;
    const most = Math.min(query.bodies ?? mostBodies, mostBodies);
    const skew = clockSkew.ms;
    const since = Math.max(query.since ?? 0, oldest);
    const filter = eventFilter(query, since);
    const first = positionAt(since - skew);
    const notes = journal.deliveryNotes();
    const begunAt = this.#clock.now();
    const events: Listed[] = [];
    let bodies = 0;
    const isFull = () => events.length === limit || bodies >= most;
    let looksOn = true;
    let before = Math.min(query.before, query.until === null ? query.before : positionAt(query.until + skew));
    for (;;) {
      if (state !== null) before = this.#deliveries.lastBefore(state, before);
      const { sieve } = filter;
      let { entries, next } = journal.sift("before", before, sieve);
      const among = this.#deliveries.among(entries, notes);
      for (const entry of entries) {
        if (!filter.fits(entry.event)) continue;
        const its = among.stateOf(entry);
        if (state === null || state === its) {
          if (isFull()) return { events, next: events.at(-1)!.position };
          const found =
            query.judged || query.shadow
              ? judged(entry, its, query)
              : listed(entry, its, among.deliveriesOf(entry));
          events.push(found);
          bodies += found.event.body?.length ?? 0;
        }
        if (filter.sieve.bodies.length > sieve.bodies.length) {
          // The filter has learned: rows that it left out may hold an event that fits.
          next = entry.position;
          break;
        }
      }
      if (next === null || next < first) return { events, next: null };
      before = next;
      // A full page that ends the list says so, unless that takes long to find out.
      if (isFull() && !looksOn) return { events, next };
      looksOn = !isFull();
      await endTurn(this.#clock);
      if (elapsed(begunAt, this.#clock.now()) >= budgetMs) return { events, next: before };
    }
  }

  /**
   * For each of the last events, the rules that match it: of the current rules, and on trial. Newest first. Relay events
   * are among them only if a rule names some.
   */
  async fits(
    current: readonly Rule[],
    trial: readonly Rule[],
    last: number,
    oldest: number,
  ): Promise<RuleFit[]> {
    const { journal } = this.#tables;
    const found: RuleFit[] = [];
    const turns = new Turns(this.#clock);
    const relayed = [...current, ...trial].some(hearsRelay);
    const isTried = ({ event }: Entry) => event.receivedAt >= oldest && (relayed || event.app !== relayApp);
    const names = (rules: readonly Rule[], event: Event) =>
      rules.filter((rule) => rule.matches(event)).map(({ name }) => name);
    for (let before: number | null = journal.end; before !== null && found.length < last; ) {
      const { entries, next } = journal.sift("before", before, everyRow);
      for (const { position, event } of entries.filter(isTried).slice(0, last - found.length))
        found.push({ position, id: event.id, now: names(current, event), would: names(trial, event) });
      before = next;
      await turns.looked(entries);
    }
    return found;
  }

  /** Events, oldest first, with their states of now. */
  listed(entries: readonly Entry[]): Listed[] {
    const { stateOf, deliveriesOf } = this.#deliveries.among(entries, this.#tables.journal.deliveryNotes());
    return entries.map((entry) => listed(entry, stateOf(entry), deliveriesOf(entry)));
  }

  /** Whether the first attempt of a delivery succeeded: no row of the delivery's own holds it. */
  firstSucceeded(destination: string, position: number): boolean {
    const notes = this.#tables.journal.deliveryNotes();
    return this.#deliveries.firstSuccess(destination, position, notes) !== null;
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
    const { stateOf, deliveriesOf } = this.#deliveries.among([entry], this.#tables.journal.deliveryNotes());
    const deliveries = deliveriesOf(entry);
    return { position, event: rest, state: stateOf(entry), body, query, issues, deliveries };
  }
}

function listed({ position, event }: Entry, state: EventState, deliveries: readonly Delivery[]): Listed {
  const { body, query, issues, ...rest } = event;
  const destinations = Object.fromEntries(deliveries.map(({ destination, state }) => [destination, state]));
  return { position, event: rest, state, from: senderOf(body), destinations };
}

/** Verdicts are compared in thousands, and without deliveries. */
function judged({ position, event }: Entry, state: EventState, { judged = false }: EventQuery): Listed {
  const { body, query, issues, ...rest } = event;
  return { position, event: judged ? { ...rest, body } : rest, state, from: null, destinations: {} };
}
