/**
 * All destinations of a shard: those with a pump, and those whose rule is wrong or gone, which stay where they are
 * until it is mended or comes back.
 */
import type { Event } from "../../callback/event.ts";
import type { Config } from "../../config.ts";
import type { ShardMetadata } from "../cluster/metadata.ts";
import { endOfDay } from "../journal/position.ts";
import type { DestinationState, ProgressRecord } from "../journal/segment.ts";
import type { Sql } from "../sql.ts";
import { newTurn, type Turn } from "../turn.ts";
import { Backlog } from "./backlog.ts";
import { BlockedConversations, blockedDestinations } from "./blocked.ts";
import type { Readable } from "./cursor.ts";
import { Pump, type PumpPlace, type Waiting } from "./pump.ts";

export interface DestinationReport {
  name: string;
  state: "up" | "open" | "paused" | "disabled";
  waiting: number;
  /** Whether `waiting` is an estimate. */
  estimated: boolean;
  retrying: number;
  dead: number;
  expired: number;
  delivered: number;
  failed: number;
  /** When the oldest event was received that waits in the log, Unix milliseconds. */
  waitingSince: number | null;
  lastSuccessAt: number | null;
  lastError: string | null;
  /** Until when a `Retry-After` holds everything back, Unix milliseconds; null: nothing is held. */
  heldUntil: number | null;
  /** Events of the retry list, where some will not be tried within seconds. */
  delayed: number;
  /** Of a name that no rule has any more: when the last of what waits for it is dropped. Unix milliseconds. */
  forgottenAt: number | null;
}

/** What the pumps share. */
export type SharedPlace = Omit<PumpPlace, "blocked" | "held" | "lookAhead"> & {
  /** Nothing may be sent to anybody. */
  waits(): boolean;
};

/** Events that wait behind others of their conversation: of all destinations together, and of one. */
const allLookAhead = 512;
const leastLookAhead = 8;
const mostLookAhead = 128;

/** Retries that are dropped with their day in one turn. */
const retriesATurn = 200;

/** Events that one report looks at, for all destinations together. */
const reportTurn = 4_000;

/** Later than this, an entry of the retry list is not tried within seconds. Milliseconds. */
const soon = 10_000;

export class Destinations {
  readonly pumps: ReadonlyMap<string, Pump>;
  /** Whether one of them was never seen before, or has lost its rule: its place should be noted. */
  readonly unseen: boolean;
  readonly #sql: Sql;
  readonly #place: SharedPlace;
  readonly #config: Config;
  readonly #standing: ShardMetadata;
  readonly #dormant: Record<string, DestinationState>;
  /** Conversations of dormant destinations that are blocked. */
  readonly #dormantBlocked = new Map<string, BlockedConversations>();
  #first = 0;
  readonly #dormantBacklogs = new Map<string, Backlog>();

  constructor(
    sql: Sql,
    config: Config,
    standing: ShardMetadata,
    told: ProgressRecord["destinations"],
    place: SharedPlace,
  ) {
    this.#sql = sql;
    this.#config = config;
    this.#standing = standing;
    this.#place = place;
    const fromEnd = { cursor: place.journal.end, underway: [] };
    const start = (name: string): DestinationState => {
      if (!Object.hasOwn(told, name)) return fromEnd;
      const { off, ...state } = told[name]!;
      return off ? { ...state, ...fromEnd } : state;
    };
    const ordered = config.rules.rules.filter(
      (rule) => rule.kind === "forward" && rule.order === "conversation",
    );
    const lookAhead = Math.min(
      Math.max(leastLookAhead, Math.floor(allLookAhead / ordered.length)),
      mostLookAhead,
    );
    const pumps = config.rules.rules.flatMap((rule) => {
      if (rule.kind !== "forward") return [];
      const own: PumpPlace = {
        ...place,
        blocked: new BlockedConversations(sql, rule.name),
        lookAhead,
        held: (name) => this.#held(name),
      };
      const { gone: _, ...state } = start(rule.name);
      return [[rule.name, new Pump(rule, state, own)] as const];
    });
    this.pumps = new Map(pumps);
    const others = [...config.rules.heldNames, ...Object.keys(told)].filter((name) => !this.pumps.has(name));
    this.#dormant = Object.fromEntries(others.map((name) => [name, this.#dormantState(name, start(name))]));
    for (const name of blockedDestinations(sql))
      if (!this.pumps.has(name)) this.#dormantBlocked.set(name, new BlockedConversations(sql, name));
    this.unseen =
      [...this.pumps.keys(), ...others].some((name) => !Object.hasOwn(told, name)) ||
      others.some((name) => this.#dormant[name]!.gone !== told[name]?.gone);
  }

  /** A name that no rule has any more is remembered until the events of that time are dropped. */
  #dormantState(name: string, { gone, ...state }: DestinationState): DestinationState {
    const counted = { ...state, delivered: state.delivered ?? 0, failed: state.failed ?? 0 };
    return this.#config.rules.heldNames.includes(name)
      ? counted
      : { ...counted, gone: gone ?? this.#place.now() };
  }

  /** Where each stands, for the next row to tell. */
  get states(): Record<string, DestinationState> {
    const states = { ...this.#dormant };
    for (const [name, pump] of this.pumps) states[name] = pump.state;
    return states;
  }

  /** Whether anything is under way, or could be. */
  get busy(): boolean {
    return [...this.pumps.values()].some((pump) => !pump.idle && !this.#held(pump.rule.name));
  }

  /** Whether something waits for a rule: a deployment may bring it, and nothing else would look. */
  get awaitsRules(): boolean {
    const { journal, retries } = this.#place;
    const dormant = Object.keys(this.#dormant).some(
      (name) => this.#dormantFrom(name) < journal.end || retries.counts.has(name),
    );
    return (
      dormant || [...this.pumps.values()].some(({ rule }) => !rule.enabled && retries.counts.has(rule.name))
    );
  }

  /** Nothing before it waits for a name without a right rule. */
  #dormantFrom(name: string): number {
    const cursor = this.#dormant[name]?.cursor ?? this.#place.journal.end;
    return Math.min(cursor, this.#dormantBlocked.get(name)?.first ?? cursor);
  }

  /** A wrong rule's wishes are not known: every event that could be forwarded waits for it. */
  #waitsForDormant(name: string): (position: number, event: Event) => boolean {
    const { cursor, done = [] } = this.#dormant[name] ?? { cursor: this.#place.journal.end };
    const blocked = this.#dormantBlocked.get(name);
    return (position, { quarantined, conversation }) => {
      if (quarantined || done.includes(position)) return false;
      if (position >= cursor) return true;
      const from = conversation === null ? undefined : blocked?.get(conversation)?.position;
      return from !== undefined && position >= from;
    };
  }

  /** They share a turn, and take turns at being the first. */
  run(): void {
    const turn = newTurn();
    const pumps = [...this.pumps.values()];
    this.#first = (this.#first + 1) % Math.max(1, pumps.length);
    for (const pump of [...pumps.slice(this.#first), ...pumps.slice(0, this.#first)]) pump.run(turn);
  }

  /** These destinations were resumed: no hold of theirs lasts. */
  lift(names: readonly string[]): void {
    for (const name of names) this.pumps.get(name)?.lift();
  }

  /** The clock was set back. */
  setBack(ms: number): void {
    this.#place.retries.setBack(ms, this.#place.now());
    for (const state of Object.values(this.#dormant)) if (state.gone !== undefined) state.gone -= ms;
    for (const pump of this.pumps.values()) pump.setBack(ms);
  }

  reports(): DestinationReport[] {
    const { retries, settled, now } = this.#place;
    const { states } = this;
    const names = new Set([...Object.keys(states), ...retries.counts.keys(), ...settled.deadCounts.keys()]);
    const turn = newTurn(reportTurn);
    return [...names].map((name) => {
      const state = states[name];
      const { waiting, since, estimated } = this.#waitingFor(name, turn);
      const retrying = retries.counts.get(name) ?? 0;
      return {
        name,
        state: this.#stateOf(name),
        waiting,
        estimated,
        retrying,
        dead: settled.deadCounts.get(name) ?? 0,
        expired: state?.expired ?? 0,
        delivered: state?.delivered ?? 0,
        failed: state?.failed ?? 0,
        waitingSince: since,
        lastSuccessAt: state?.lastSuccessAt ?? null,
        lastError: state?.lastError ?? null,
        heldUntil: this.pumps.get(name)?.heldUntil ?? null,
        delayed: retrying > 0 && (retries.latest(name) ?? 0) > now() + soon ? retrying : 0,
        forgottenAt: state?.gone === undefined ? null : state.gone + this.#config.retentionMs,
      };
    });
  }

  #waitingFor(name: string, turn: Turn): Waiting {
    const pump = this.pumps.get(name);
    if (pump) return pump.backlog(turn);
    const state = this.#dormant[name];
    if (!state) return { waiting: 0, since: null, estimated: false };
    const { journal } = this.#place;
    const { end } = journal;
    const backlog = this.#dormantBacklogs.get(name) ?? new Backlog();
    this.#dormantBacklogs.set(name, backlog);
    const from = this.#dormantFrom(name);
    const { waiting, since, to } = backlog.count(journal, from, end, this.#waitsForDormant(name), turn);
    const uncounted = to < end ? journal.countFrom(to) : 0;
    const [first] = state.underway;
    return {
      waiting: state.underway.length + waiting + uncounted,
      since: (first === undefined ? null : journal.at(first)?.event.receivedAt) ?? since,
      estimated: uncounted > 0,
    };
  }

  /**
   * Counts the events that a day takes from each destination, in turns. From then until `forget` these destinations
   * begin nothing, so that the count holds.
   * @param breathe lets others in
   */
  async countLosses(day: string, breathe: () => Promise<void>): Promise<Map<string, number>> {
    const { journal } = this.#place;
    const end = Math.min(endOfDay(day), journal.end);
    const losses = new Map<string, number>();
    for (const name of Object.keys(this.states)) {
      const pump = this.pumps.get(name) ?? null;
      const from = pump ? pump.firstUnread : this.#dormantFrom(name);
      if (!this.#loses(name) || from >= end) continue;
      pump?.freeze(true);
      const waits = pump
        ? (position: number, event: Event) => pump.unread(position, event)
        : this.#waitsForDormant(name);
      losses.set(name, await countAll(journal, from, end, waits, breathe));
    }
    return losses;
  }

  /**
   * A day goes: every cursor moves behind it, and what waits for somebody is counted as expired. A rule that is
   * removed, switched off or disabled loses nothing.
   * @param losses as `countLosses` has counted them
   */
  forget(day: string, losses: ReadonlyMap<string, number>): void {
    const end = endOfDay(day);
    for (const [name, state] of Object.entries(this.states)) {
      const pump = this.pumps.get(name);
      const underway = (pump?.held ?? state.underway).filter((position) => position < end).length;
      const expired = this.#loses(name) ? underway + (losses.get(name) ?? 0) : 0;
      if (pump) pump.expire(expired);
      else
        this.#dormant[name] = {
          ...state,
          cursor: Math.max(state.cursor, end),
          underway: state.underway.filter((position) => position >= end),
          expired: (state.expired ?? 0) + expired,
        };
    }
    this.#lost(this.#place.retries.dropBefore(end));
    this.#lost(this.#place.settled.drop(day));
    for (const pump of this.pumps.values()) pump.forget(end);
    for (const blocked of this.#dormantBlocked.values()) blocked.keepHeads((position) => position >= end);
  }

  /** Drops some retries of a day that goes; false: there are no more. */
  forgetRetries(day: string): boolean {
    const lost = this.#place.retries.dropSomeBefore(endOfDay(day), retriesATurn);
    this.#lost(lost);
    return lost.size > 0;
  }

  #lost(lost: ReadonlyMap<string, number>): void {
    for (const [name, events] of lost) {
      if (!this.#loses(name)) continue;
      const state = this.#dormant[name];
      if (state) state.expired = (state.expired ?? 0) + events;
      else this.pumps.get(name)?.expire(events);
    }
  }

  /** Lets those go on that were held while their losses were counted. */
  thaw(): void {
    for (const pump of this.pumps.values()) pump.freeze(false);
  }

  /** Names that no rule has any more, and of whose time no event is left. */
  outlived(now: number): string[] {
    return Object.entries(this.#dormant).flatMap(([name, { gone }]) =>
      gone !== undefined && now >= gone + this.#config.retentionMs ? [name] : [],
    );
  }

  /** How many events wait for a name that no rule has any more, dead letters among them; null: a rule has it. */
  async countFor(name: string, breathe: () => Promise<void>): Promise<number | null> {
    if (this.pumps.has(name) || this.#config.rules.heldNames.includes(name)) return null;
    const { journal, retries, settled } = this.#place;
    const state = this.#dormant[name];
    const waiting = state
      ? await countAll(journal, this.#dormantFrom(name), journal.end, this.#waitsForDormant(name), breathe)
      : 0;
    const listed = (retries.counts.get(name) ?? 0) + (settled.deadCounts.get(name) ?? 0);
    return (state?.underway.length ?? 0) + waiting + listed;
  }

  /** Forgets all that is kept of a name without a rule. */
  drop(name: string): void {
    delete this.#dormant[name];
    this.#dormantBacklogs.delete(name);
    this.#place.retries.forget(name);
    this.#place.settled.forget(name);
    new BlockedConversations(this.#sql, name).releaseAll();
    this.#dormantBlocked.delete(name);
  }

  #loses(name: string): boolean {
    const pump = this.pumps.get(name);
    if (!pump) return this.#config.rules.heldNames.includes(name);
    return pump.rule.enabled && !this.#standing.agreed.disabled.includes(name);
  }

  #held(name: string): boolean {
    return this.#standing.held(name) || this.#place.waits();
  }

  #stateOf(name: string): DestinationReport["state"] {
    const { paused, disabled } = this.#standing.agreed;
    if (disabled.includes(name)) return "disabled";
    if (paused.includes(name)) return "paused";
    return this.pumps.get(name)?.open ? "open" : "up";
  }
}

async function countAll(
  journal: Readable,
  from: number,
  until: number,
  waits: (position: number, event: Event) => boolean,
  breathe: () => Promise<void>,
): Promise<number> {
  const backlog = new Backlog();
  for (;;) {
    const { waiting, to } = backlog.count(journal, from, until, waits, newTurn());
    if (to >= until) return waiting;
    await breathe();
  }
}
