/**
 * Brings all shards to one state. Shard 0 decides and notifies the other shards. Another shard reports a 410 to shard
 * 0, and asks it for the state at its first start. A shard that cannot be reached is notified by a later alarm.
 */
import type { Gateway } from "../../delivery/message.ts";
import type { Clock } from "../clock.ts";
import type { Schedule } from "../schedule.ts";
import type { ObjectState } from "../storage.ts";
import { watchdogMs } from "../watchdog.ts";
import { ClusterCopy } from "./cluster-copy.ts";
import type { ClusterState } from "./cluster-state.ts";
import { inTime } from "./in-time.ts";
import type { ShardMetadata } from "./metadata.ts";

/** `forget`: no rule has the name any more, and nothing of it is remembered. */
export type Steering = "pause" | "resume" | "disable" | "forget";

/** The calls of one shard to another. */
export interface Peer {
  join(shards: number): Promise<ClusterState>;
  steer(destination: string, action: Steering): Promise<void>;
  /** Answers the state that holds there now; nothing from the version before. */
  learn(state: ClusterState): Promise<ClusterState | undefined>;
}

/** Reaches other shards by their index. */
export interface Peers {
  shard(index: number): Peer;
}

/** This shard's place among all shards. */
export interface Member {
  index: number;
  /** How many shards are configured. */
  configured: number;
  /** The version of the gateway. */
  version: string;
}

export class Coordinator {
  readonly #member: Member;
  readonly #copy: ClusterCopy;
  readonly #peers: Peers;
  readonly #schedule: Schedule;
  readonly #state: Pick<ObjectState, "waitUntil">;
  readonly #clock: Clock;

  constructor(
    member: Member,
    metadata: ShardMetadata,
    peers: Peers,
    schedule: Schedule,
    state: Pick<ObjectState, "waitUntil">,
    clock: Clock,
  ) {
    this.#member = member;
    this.#copy = new ClusterCopy(metadata);
    this.#peers = peers;
    this.#schedule = schedule;
    this.#state = state;
    this.#clock = clock;
    if (member.index !== 0) return;
    if (!this.#copy.initialized) this.#copy.decide({ shards: member.configured });
    if (this.state.id === undefined) this.#copy.decide({ id: crypto.randomUUID() });
  }

  /** This shard does not know yet which destinations are paused. */
  get uninitialized(): boolean {
    return this.#member.index !== 0 && !this.#copy.initialized;
  }

  /** A shard is still to be notified, or this one still to be initialized. */
  get unfinished(): boolean {
    return this.uninitialized || this.#copy.pending.length > 0;
  }

  /** How many shards there are: the most that were ever configured. */
  get shards(): number {
    return Math.max(this.#member.configured, this.state.shards);
  }

  /** Whether fewer shards are configured than there are. */
  get shrunk(): boolean {
    return this.#member.configured < this.state.shards;
  }

  get state(): ClusterState {
    return this.#copy.state;
  }

  /** The gateway as posts name it. */
  get gateway(): Gateway {
    return { version: this.#member.version, id: this.state.id ?? null };
  }

  /** Whether a destination is sent nothing: it is paused or disabled, or that is not known yet. */
  holds(destination: string): boolean {
    const { paused, disabled } = this.state;
    return this.uninitialized || paused.includes(destination) || disabled.includes(destination);
  }

  /** Whether a destination has answered 410, and was not resumed since. */
  disables(destination: string): boolean {
    return this.state.disabled.includes(destination);
  }

  /** How often a destination was resumed. */
  resumes(destination: string): number {
    return this.state.resumed?.[destination] ?? 0;
  }

  /** Shard 0's: there shall be so many shards, if there are not more. */
  grow(shards: number): void {
    if (shards > this.state.shards) this.#copy.decide({ shards });
  }

  /** Shard 0's: pauses, resumes or disables a destination everywhere, or forgets it. */
  steer(destination: string, action: Steering): void {
    const { paused, disabled, resumed = {} } = this.state;
    const without = (names: string[]) => names.filter((name) => name !== destination);
    const free = { paused: without(paused), disabled: without(disabled) };
    const { [destination]: resumes = 0, ...otherResumes } = resumed;
    // A repeated report changes nothing: a new version would be notified to the shard that reports, and reported again.
    if (action === "pause" && !paused.includes(destination))
      this.#copy.decide({ paused: [...paused, destination] });
    if (action === "disable" && !disabled.includes(destination))
      this.#copy.decide({ disabled: [...disabled, destination] });
    if (action === "resume")
      this.#copy.decide({ ...free, resumed: { ...resumed, [destination]: resumes + 1 } });
    if (action === "forget") this.#copy.decide({ ...free, resumed: otherResumes });
  }

  /** Takes over the state that shard 0 has decided. */
  apply(state: ClusterState): void {
    this.#copy.take(state);
  }

  /** A destination has answered 410: it is disabled here at once, and everywhere soon. */
  disable(destination: string): void {
    if (this.state.disabled.includes(destination)) return;
    if (this.#member.index === 0) this.steer(destination, "disable");
    else this.#copy.disable(destination);
    this.#state.waitUntil(this.notify());
  }

  /**
   * Notifies the shards that are still to hear of the state, and asks for it where this shard has none. Fails if shard
   * 0 does not answer that. An alarm tries again the calls that failed.
   */
  async notify(): Promise<void> {
    if (this.unfinished) this.#schedule.alarmBy(this.#clock.now() + watchdogMs);
    if (this.uninitialized) {
      const joined = this.#peers.shard(0).join(this.#member.configured);
      this.apply(await inTime(joined, this.#clock));
    }
    const { state, pending } = this.#copy;
    const calls = pending.map((shard) => inTime(this.#notify(shard, state), this.#clock));
    const notified = await Promise.allSettled(calls);
    // A state that was decided meanwhile has calls of its own.
    if (this.state.version !== state.version) return;
    const held = notified.flatMap((one) => (one.status === "fulfilled" && one.value ? [one.value] : []));
    if (this.#overtake(held)) return this.notify();
    const missed = pending.filter((_, index) => notified[index]!.status === "rejected");
    this.#copy.setPending(
      this.#copy.pending.filter((shard) => !pending.includes(shard) || missed.includes(shard)),
    );
  }

  /**
   * Whether another shard holds a later state than was decided: the storage of shard 0 was restored, or began anew.
   * Then the decisions of shard 0 become the latest state. So it is with another state of the same version. But that
   * one may hold a 410 that shard 0 does not know: a destination that it has disabled stays disabled.
   */
  #overtake(held: readonly ClusterState[]): boolean {
    const { version } = this.state;
    const ahead = held.filter((other) => JSON.stringify(other) !== JSON.stringify(this.state));
    if (this.#member.index !== 0 || !ahead.some((other) => other.version >= version)) return false;
    const shards = Math.max(this.state.shards, ...ahead.map((other) => other.shards));
    const equal = ahead.filter((other) => other.version === version);
    const disabled = [...new Set([this.state, ...equal].flatMap((one) => one.disabled))];
    this.#copy.overtake(Math.max(...ahead.map((other) => other.version)), { shards, disabled });
    return true;
  }

  async #notify(shard: number, state: ClusterState): Promise<ClusterState | undefined> {
    if (shard !== 0) return this.#peers.shard(shard).learn(state);
    for (const destination of state.disabled) await this.#peers.shard(0).steer(destination, "disable");
    return undefined;
  }
}
