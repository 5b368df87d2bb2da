/** What people ask of a shard: lists of events, one event with all that became of it, how much waits. */
import { isConversation, nameOf } from "../../callback/conversation.ts";
import type { Event } from "../../callback/event.ts";
import { parseBody } from "../../callback/json.ts";
import { fitsWildcard } from "../../rule/match/wildcard.ts";
import type { Rule } from "../../rule/rule.ts";
import type { Journal } from "../journal/journal.ts";
import { positionAt } from "../journal/position.ts";
import type { DeliveryNote, Entry } from "../journal/segment.ts";
import { type Attempt, unpackAttempts } from "../pump/attempts.ts";
import type { Pump } from "../pump/pump.ts";
import type { RetryList } from "../pump/retry-list.ts";
import type { SettledDeliveries } from "../pump/settled.ts";

/** Of several deliveries the first in this order is the event's state. */
export const eventStates = ["quarantined", "dead", "retrying", "pending", "delivered"] as const;
export type EventState = (typeof eventStates)[number];

export interface EventQuery {
  /** With `*` for any run of characters. */
  command: string | null;
  conversation: string | null;
  /** An account named anywhere in the body, in a field whose name ends in `_Account`. */
  account: string | null;
  /** Stands in the body. */
  text: string | null;
  /** Tells of this message: its `MsgKey`, or in a group its `MsgSeq`. */
  message?: string | null;
  /** With a verdict; these come with their bodies. */
  judged?: boolean;
  /** This rule's opinion of it was recorded beside the verdict. */
  shadow?: string;
  state: EventState | null;
  /** Unix milliseconds; since inclusive, until exclusive. */
  since: number | null;
  until: number | null;
  /** Only events that stand before it. */
  before: number;
  limit: number;
}

export interface Listed {
  position: number;
  event: Omit<Event, "body" | "query" | "issues"> & { body?: string };
  state: EventState;
}

/** `next`: events before it have not been looked at; null when all were. */
export interface EventPage {
  events: Listed[];
  next: number | null;
}

/** The rules that fit an event: those that hold now, and those that would. By name. */
export interface Fit {
  position: number;
  id: string;
  now: string[];
  would: string[];
}

export interface Delivery {
  destination: string;
  state: EventState;
  attempts: Attempt[];
  nextAt: number | null;
}

export interface EventDetail extends Listed {
  body: string;
  query: string;
  issues: Event["issues"];
  deliveries: Delivery[];
}

interface Places {
  journal: Journal;
  retries: RetryList;
  settled: SettledDeliveries;
  pumps: ReadonlyMap<string, Pump>;
  /** Deliveries that no segment tells yet. */
  untold(): readonly DeliveryNote[];
  /** How far an event's time may be from its position's, milliseconds. */
  drift(): number;
}

/** A query looks at so many pages before it answers with what it has, and where to go on. */
const pagesAQuery = 200;

/** After so many events, or so much text of them, a query lets others in. */
const eventsATurn = 1_000;
const charactersATurn = 4_000_000;

/** Ends the turn: what came meanwhile is done first. */
export const breathe = (): Promise<void> => scheduler.wait(0);

/** Lets others in when enough was looked at. */
class Pacer {
  #events = 0;
  #characters = 0;

  async looked(entries: readonly Entry[]): Promise<void> {
    this.#events += entries.length;
    for (const { event } of entries) this.#characters += event.body.length;
    if (this.#events < eventsATurn && this.#characters < charactersATurn) return;
    this.#events = this.#characters = 0;
    await breathe();
  }
}

export class EventQueries {
  readonly #places: Places;

  constructor(places: Places) {
    this.#places = places;
  }

  /** Newest first. `oldest`: earlier events are past retention and not shown. */
  async page(query: EventQuery, oldest: number): Promise<EventPage> {
    const { journal } = this.#places;
    const pacer = new Pacer();
    const drift = this.#places.drift();
    const since = Math.max(query.since ?? 0, oldest);
    const fits = filterOf(query, since);
    const first = positionAt(since - drift);
    const events: Listed[] = [];
    let before = Math.min(
      query.before,
      query.until === null ? query.before : positionAt(query.until + drift),
    );
    for (let pages = 0; pages < pagesAQuery; pages++) {
      const { entries, next } = journal.readBack(before);
      const states = this.#statesOf(entries);
      for (const { position, event } of entries) {
        if (!fits(event)) continue;
        const state = states(position, event);
        if (query.state !== null && query.state !== state) continue;
        const { body, query: _, issues, ...rest } = event;
        events.push({ position, event: query.judged ? { ...rest, body } : rest, state });
        if (events.length === query.limit) return { events, next: position };
      }
      if (next === null || next < first) return { events, next: null };
      before = next;
      await pacer.looked(entries);
    }
    return { events, next: before };
  }

  /** Which of the rules, now and others, fit the last events, newest first. */
  async fits(now: readonly Rule[], others: readonly Rule[], last: number, oldest: number): Promise<Fit[]> {
    const found: Fit[] = [];
    const pacer = new Pacer();
    const names = (rules: readonly Rule[], event: Event) =>
      rules.filter((rule) => rule.matches(event)).map(({ name }) => name);
    for (let before: number | null = this.#places.journal.end; before !== null && found.length < last; ) {
      const { entries, next } = this.#places.journal.readBack(before);
      for (const { position, event } of entries.slice(0, last - found.length))
        if (event.receivedAt >= oldest)
          found.push({ position, id: event.id, now: names(now, event), would: names(others, event) });
      before = next;
      await pacer.looked(entries);
    }
    return found;
  }

  find(id: string, oldest: number): Entry | null {
    const entry = this.#places.journal.find(id, this.#places.drift());
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
    const { retries, settled, pumps } = this.#places;
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
      return [...pumps.values()].some((pump) => pump.waits(position, event)) ? "pending" : "delivered";
    };
  }

  #deliveriesOf({ position, event }: Entry): Delivery[] {
    const { journal, retries, settled, pumps, untold } = this.#places;
    const deliveries = new Map<string, Delivery>();
    const tell = (destination: string, state: EventState, attempts: Attempt[], nextAt: number | null) =>
      deliveries.set(destination, { destination, state, attempts, nextAt });

    for (const [name, pump] of pumps) {
      const note =
        untold().find(([destination, at]) => destination === name && at === position) ??
        journal.deliveryNote(name, position);
      if (note) {
        const [, , at, ms, status] = note;
        tell(name, "delivered", [{ number: 1, at, ms, status, error: null, response: null }], null);
      } else if (pump.waits(position, event)) tell(name, "pending", [], null);
    }
    const told = (destination: string, packed: string): Attempt[] => {
      const before = deliveries.get(destination)?.attempts ?? [];
      const attempts = unpackAttempts(packed);
      return [...before, ...attempts.map((one) => ({ ...one, number: one.number + before.length }))];
    };
    for (const { destination, state, attempts } of settled.of(position))
      tell(destination, state, told(destination, attempts), null);
    for (const retry of retries.between(position, position)) {
      if (!retry.positions.includes(position)) continue;
      const state = retry.failures > 0 ? "retrying" : "pending";
      tell(retry.destination, state, told(retry.destination, retries.attemptsOf(retry)), retry.due);
    }
    return [...deliveries.values()];
  }
}

function filterOf(query: EventQuery, since: number): (event: Event) => boolean {
  const command = query.command?.split("*") ?? null;
  const tellsOf = query.message ? tellsOfMessage(query.message) : null;
  return (event) =>
    event.receivedAt >= since &&
    (query.until === null || event.receivedAt < query.until) &&
    (command === null || fitsWildcard(command, event.command)) &&
    (query.conversation === null || isConversation(event.conversation, query.conversation)) &&
    (query.text === null || event.body.includes(query.text) || plain(event.body).includes(query.text)) &&
    (query.account === null || namesAccount(event.body, query.account)) &&
    (!query.judged || event.verdict !== undefined) &&
    (!query.shadow || (event.verdict?.shadows.some(({ rule }) => rule === query.shadow) ?? false)) &&
    (tellsOf === null || tellsOf(event.body));
}

const escaped: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** A body as people read it: without the escapes that hide its texts from a search. */
function plain(body: string): string {
  return body.replace(/\\(?:u([\da-fA-F]{4})|(.))/g, (_, code?: string, character = "") =>
    code === undefined ? (escaped[character] ?? character) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/** Every field of a body, at any depth. Without recursion: a body may be nested deeper than the stack. */
function* fieldsOf(body: object): Generator<[key: string, value: unknown]> {
  const left = [body];
  for (let holder = left.pop(); holder !== undefined; holder = left.pop())
    for (const field of Object.entries(holder)) {
      yield field;
      if (typeof field[1] === "object" && field[1] !== null) left.push(field[1]);
    }
}

function namesAccount(body: string, account: string): boolean {
  if (!body.includes("_Account")) return false;
  if (!body.includes(account) && !body.includes("\\")) return false;
  for (const [key, value] of fieldsOf(parseBody(body) as object))
    if (key.endsWith("_Account") && [value].flat().some((one) => nameOf(one) === account)) return true;
  return false;
}

/**
 * Whether a body tells of a message. What asks before a group message has no `MsgSeq` yet, only the `Random` that the
 * later ones repeat: newest first, they have told it by then.
 */
function tellsOfMessage(message: string): (body: string) => boolean {
  const randoms = [message];
  return (body) => {
    if (!randoms.some((random) => body.includes(random))) return false;
    const parsed = JSON.parse(body);
    const random = scalar(parsed.Random);
    for (const [key, value] of fieldsOf(parsed)) {
      if (!/^Msg(Key|Seq|I[dD])$/.test(key) || scalar(value) !== message) continue;
      if (random !== null) randoms.push(random);
      return true;
    }
    return random !== null && randoms.includes(random);
  };
}

function scalar(value: unknown): string | null {
  return typeof value === "string" || typeof value === "number" ? String(value) : null;
}
