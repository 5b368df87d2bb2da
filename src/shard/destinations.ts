/**
 * All destinations of a shard: those with a pump, and those whose rule is wrong or gone, which stay where they are
 * until it is mended or comes back.
 */
import type { Config } from "../config.ts";
import { destinationProblem } from "../rule/destination.ts";
import { BlockedConversations } from "./blocked.ts";
import { endOfDay } from "./position.ts";
import { Pump, type PumpPlace } from "./pump.ts";
import type { Reading } from "./reading.ts";
import type { DestinationState, News } from "./segment.ts";
import type { Sql } from "./sql.ts";
import type { Standing } from "./standing.ts";

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
  /** When the oldest event was kept that waits in the log, Unix milliseconds. */
  waitingSince: number | null;
  lastSuccessAt: number | null;
  lastError: string | null;
  /** Until when a `Retry-After` holds everything back, Unix milliseconds; null: nothing is held. */
  heldUntil: number | null;
  /** Events of the retry list that will not be tried within seconds. */
  delayed: number;
  /** Of a name that no rule has any more: when the last of what waits for it is dropped. Unix milliseconds. */
  forgottenAt: number | null;
}

/** What the pumps share. */
export type SharedPlace = Omit<PumpPlace, "blocked" | "held"> & {
  /** Nothing may be sent to anybody. */
  waits(): boolean;
};

export class Destinations {
  readonly pumps: ReadonlyMap<string, Pump>;
  /** Whether one of them was never seen before: its place should be noted. */
  readonly unseen: boolean;
  readonly #place: SharedPlace;
  readonly #config: Config;
  readonly #standing: Standing;
  readonly #dormant: Record<string, DestinationState>;
  /** Those that would be this gateway itself. */
  #circular = new Set<string>();

  constructor(sql: Sql, config: Config, standing: Standing, told: News["destinations"], place: SharedPlace) {
    this.#config = config;
    this.#standing = standing;
    this.#place = place;
    const fromEnd = { cursor: place.journal.end, underway: [] };
    const start = (name: string): DestinationState => {
      if (!Object.hasOwn(told, name)) return fromEnd;
      const { off, ...state } = told[name]!;
      return off ? { ...state, ...fromEnd } : state;
    };
    const pumps = config.rules.rules.flatMap((rule) => {
      if (rule.kind !== "forward") return [];
      const own: PumpPlace = {
        ...place,
        blocked: new BlockedConversations(sql, rule.name),
        held: (name) => this.#held(name),
      };
      return [[rule.name, new Pump(rule, start(rule.name), own)] as const];
    });
    this.pumps = new Map(pumps);
    const others = [...config.rules.waiting, ...Object.keys(told)].filter((name) => !this.pumps.has(name));
    this.#dormant = Object.fromEntries(others.map((name) => [name, start(name)]));
    this.unseen = [...this.pumps.keys(), ...others].some((name) => !Object.hasOwn(told, name));
    this.findCircles();
  }

  /** Where each stands, for the next segment to tell. */
  get states(): Record<string, DestinationState> {
    const states = { ...this.#dormant };
    for (const [name, pump] of this.pumps) states[name] = pump.state;
    return states;
  }

  /** Whether anything is under way, or could be. */
  get busy(): boolean {
    return [...this.pumps.values()].some((pump) => !pump.idle && !this.#held(pump.rule.name));
  }

  run(): void {
    for (const pump of this.pumps.values()) pump.run();
  }

  /** Looks again whether a destination is this gateway itself. */
  findCircles(): void {
    const { privateDestinations: privateNetworks } = this.#config;
    const { hosts: ownHosts } = this.#standing;
    const circular = [...this.pumps.values()].filter(
      ({ rule }) => destinationProblem(rule.url, { privateNetworks, ownHosts }) !== null,
    );
    this.#circular = new Set(circular.map(({ rule }) => rule.name));
  }

  reports(reading: Reading): DestinationReport[] {
    const retrying = this.#place.retries.counts();
    const dead = this.#place.settled.deadCounts();
    const { states } = this;
    const names = new Set([...Object.keys(states), ...retrying.keys(), ...dead.keys()]);
    return [...names].map((name) => {
      const state = states[name];
      const backlog = state && reading.backlog(state, this.pumps.get(name) ?? null);
      return {
        name,
        state: this.#stateOf(name),
        waiting: backlog?.waiting ?? 0,
        estimated: false,
        retrying: retrying.get(name) ?? 0,
        dead: dead.get(name) ?? 0,
        expired: state?.expired ?? 0,
        delivered: state?.delivered ?? 0,
        failed: state?.failed ?? 0,
        waitingSince: backlog?.since ?? null,
        lastSuccessAt: state?.lastSuccessAt ?? null,
        lastError: state?.lastError ?? null,
        heldUntil: null,
        delayed: 0,
        forgottenAt: null,
      };
    });
  }

  /**
   * A day goes: every cursor moves behind it, and what waits for somebody is counted as expired. A rule that is
   * removed, switched off or disabled loses nothing.
   */
  forget(day: string, reading: Reading): void {
    const end = endOfDay(day);
    for (const [name, state] of Object.entries(this.states)) {
      const pump = this.pumps.get(name) ?? null;
      const expired = this.#loses(name) ? reading.backlog(state, pump, end).waiting : 0;
      if (pump) pump.expire(expired);
      else
        this.#dormant[name] = {
          ...state,
          cursor: Math.max(state.cursor, end),
          expired: (state.expired ?? 0) + expired,
        };
    }
    for (const lost of [this.#place.retries.dropBefore(end), this.#place.settled.drop(day)])
      for (const [name, events] of lost) if (this.#loses(name)) this.pumps.get(name)?.expire(events);
    for (const pump of this.pumps.values()) pump.forget(end);
  }

  #loses(name: string): boolean {
    const pump = this.pumps.get(name);
    if (!pump) return this.#config.rules.waiting.includes(name);
    return pump.rule.enabled && !this.#standing.agreed.disabled.includes(name);
  }

  #held(name: string): boolean {
    return this.#standing.held(name) || this.#circular.has(name) || this.#place.waits();
  }

  #stateOf(name: string): DestinationReport["state"] {
    const { paused, disabled } = this.#standing.agreed;
    if (disabled.includes(name)) return "disabled";
    if (paused.includes(name)) return "paused";
    return this.pumps.get(name)?.open ? "open" : "up";
  }
}
