/** All destinations of a shard: pumps for right rules, dormant ones for names whose rule is wrong or gone. */
import type { RuleBook } from "../../rule/parse-rules.ts";
import type { ForwardRule } from "../../rule/rule.ts";
import type { Clock } from "../clock.ts";
import { inFull } from "../journal/exact-cursor.ts";
import type { DestinationState, ProgressRecord } from "../journal/progress-record.ts";
import type { ShardStorage } from "../storage.ts";
import { newTurn } from "../turn.ts";
import type { BacklogLimits, DeliveryTables } from "./backlog.ts";
import { BlockedConversations } from "./blocked.ts";
import { DeliveryRows } from "./delivery-rows.ts";
import type { Destination } from "./destination.ts";
import { Dormant } from "./dormant.ts";
import { Pump, type PumpRoles } from "./pump.ts";
import type { Replaying } from "./replay-source.ts";

/** Events that wait behind others of their conversation: of all destinations together, and of one. */
const allLookAhead = 512;
const leastLookAhead = 8;
const mostLookAhead = 128;

/** Blocked conversations of all destinations together, and of one at least. A thousand take about a megabyte. */
const allBlocked = 20_000;
const leastBlocked = 100;

/** Bodies of events that polls have not confirmed, of all destinations together. Characters. */
const allPolled = 8_000_000;

export class Destinations {
  readonly pumps: ReadonlyMap<string, Pump>;
  /** Whether a destination was never seen before, or has lost its rule: its state should be recorded at once. */
  readonly unrecorded: boolean;
  readonly #tables: DeliveryTables;
  readonly #replays: Replaying;
  readonly #clock: Clock;
  readonly #dormant: Map<string, Dormant>;
  /** The pump that runs first: pumps take turns at it. */
  #first = 0;

  /** @param recorded the states that the journal records */
  constructor(
    rules: RuleBook,
    recorded: ProgressRecord["destinations"],
    tables: DeliveryTables,
    storage: ShardStorage,
    roles: PumpRoles,
    clock: Clock,
  ) {
    this.#tables = tables;
    this.#replays = roles.replays;
    this.#clock = clock;
    const forwards = rules.rules.filter((rule) => rule.kind === "forward");
    const limits = limitsOf(forwards);
    const fromEnd = { cursor: tables.journal.end, underway: [] };
    const start = (name: string): DestinationState => {
      if (!Object.hasOwn(recorded, name)) return fromEnd;
      const { off, ...state } = recorded[name]!;
      return off ? { ...inFull(state), ...fromEnd } : state;
    };
    this.pumps = new Map(
      forwards.map((rule) => {
        const { gone: _, ...state } = inFull(start(rule.name));
        return [rule.name, new Pump(rule, state, tables, storage, roles, clock, limits)];
      }),
    );
    const dormant = [...rules.heldNames, ...Object.keys(recorded)].filter((name) => !this.pumps.has(name));
    this.#dormant = new Map(
      dormant.map((name) => {
        const { gone = clock.now(), ...state } = start(name);
        const named = rules.heldNames.includes(name) ? state : { ...state, gone };
        const blocked = new BlockedConversations(tables.sql, name);
        return [name, new Dormant(named, tables.journal, blocked, new DeliveryRows(name, tables))];
      }),
    );
    this.unrecorded =
      [...this.pumps.keys(), ...dormant].some((name) => !Object.hasOwn(recorded, name)) ||
      [...this.#dormant].some(([name, { state }]) => state.gone !== recorded[name]?.gone);
  }

  /** Every destination by its name, the dormant ones first. */
  get all(): Map<string, Destination> {
    return new Map<string, Destination>([...this.#dormant, ...this.pumps]);
  }

  get(name: string): Destination | undefined {
    return this.pumps.get(name) ?? this.#dormant.get(name);
  }

  /** Names without a right rule. */
  get dormant(): ReadonlyMap<string, Dormant> {
    return this.#dormant;
  }

  /** How far each has come, for the next row to record. */
  get states(): Record<string, DestinationState> {
    const states: Record<string, DestinationState> = {};
    for (const [name, { state }] of this.#dormant) states[name] = state;
    for (const [name, { state }] of this.pumps) states[name] = state;
    return states;
  }

  /** Whether a run may begin a post, or give an event to a poll. */
  get busy(): boolean {
    return this.#sending || [...this.pumps.values()].some(({ mailbox }) => mailbox?.awaited);
  }

  /** Whether a post is under way, or could be. */
  get #sending(): boolean {
    return [...this.pumps.values()].some((pump) => !pump.idle && !pump.held);
  }

  /** Whether work is left, or events wait for a rule: only a later start of the object finds a mended rule. */
  get unfinished(): boolean {
    const { retries } = this.#tables;
    return (
      this.#sending ||
      [...this.#dormant].some(([name, dormant]) => !dormant.idle || retries.counts.has(name)) ||
      [...this.pumps.values()].some(({ rule }) => !rule.enabled && retries.counts.has(rule.name))
    );
  }

  /** Runs every pump. They share a turn, and take turns at being the first. */
  run(): void {
    const turn = newTurn();
    const pumps = [...this.pumps.values()];
    this.#first = (this.#first + 1) % Math.max(1, pumps.length);
    for (const pump of [...pumps.slice(this.#first), ...pumps.slice(0, this.#first)]) pump.run(turn);
  }

  /** The clock was set back: no wait takes longer by that. */
  setBack(ms: number): void {
    this.#tables.retries.setBack(ms, this.#clock.now());
    for (const destination of this.all.values()) destination.setBack(ms);
  }

  /** Forgets everything that is kept of a name without a rule. */
  drop(name: string): void {
    this.#dormant.delete(name);
    this.#tables.retries.forget(name);
    this.#tables.settled.forget(name);
    this.#replays.forget(name);
    new BlockedConversations(this.#tables.sql, name).releaseAll();
  }
}

/** The share of one destination with an order, and of one that is polled; rules that are switched off block nothing. Each row records the positions of events that wait behind others. */
export function limitsOf(
  rules: readonly Pick<ForwardRule, "order" | "enabled" | "address">[],
): BacklogLimits {
  const ordered = rules.filter(({ order, enabled }) => enabled && order === "conversation").length;
  const polled = rules.filter(({ address, enabled }) => enabled && address.kind === "poll").length;
  return {
    polledCharacters: Math.floor(allPolled / Math.max(1, polled)),
    lookAhead: Math.min(Math.max(leastLookAhead, Math.floor(allLookAhead / ordered)), mostLookAhead),
    blockedConversations: Math.max(leastBlocked, Math.floor(allBlocked / ordered)),
  };
}
