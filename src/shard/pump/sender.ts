/** Deliver: one POST, from the object or through an entrypoint, within the budgets of an invocation and of memory. */
import type { Message } from "../../delivery/message.ts";
import type { Outcome } from "../../delivery/outcome.ts";
import type { Clock } from "../clock.ts";
import type { Schedule } from "../schedule.ts";
import { StopTime } from "../stop-time.ts";
import type { ShardStorage } from "../storage.ts";
import { watchdogMs } from "../watchdog.ts";
import { Connections } from "./connections.ts";
import { type PostCalls, SharedCalls } from "./shared-calls.ts";

/**
 * Posts of one invocation. The free plan allows 50 subrequests, and every plan 32 calls of other Workers. Of the posts that
 * share a call each is at most one: whatever the shard asks the call for brings an outcome.
 */
const postsPerInvocation = 24;

/** Bodies of posts under way: an isolate has 128 MB for everything. Characters. */
const mostUnderway = 8_000_000;

/** How long to wait when a call to ourselves has failed. Milliseconds. */
const selfCallRetryMs = 2_000;

/** How long a stop waits for the posts under way. Milliseconds. */
const stopWithinMs = 5_000;

/** The network, as the platform offers it to an object. */
export interface Network {
  /** Posts from the object. It never fails but in its outcome. */
  post(message: Message): Promise<Outcome>;
  /** Posts through a stateless entrypoint. */
  courier: PostCalls;
  /** Runs the pumps in an invocation of their own, which has a new budget. */
  drain(): Promise<void>;
  waitUntil(promise: Promise<unknown>): void;
}

/** The rows that record outcomes. */
interface Records {
  /** Whether the storage takes them, as far as is known. */
  readonly provenWritable: boolean;
  /** Writes one, to find out. */
  proveWritable(): boolean;
}

export class Sender {
  readonly #network: Network;
  readonly #records: Records;
  readonly #storage: ShardStorage;
  readonly #schedule: Schedule;
  readonly #clock: Clock;
  readonly #connections: Connections;
  readonly #calls: SharedCalls;
  #postsLeft = postsPerInvocation;
  /** Another invocation was asked for, and none has begun since. */
  #draining = false;
  #proving = false;
  #underway = 0;
  #charactersUnderway = 0;
  #awaitsRoom = false;
  readonly #stop: StopTime;
  #idle: PromiseWithResolvers<void> | null = null;

  constructor(network: Network, records: Records, storage: ShardStorage, schedule: Schedule, clock: Clock) {
    this.#network = network;
    this.#records = records;
    this.#storage = storage;
    this.#schedule = schedule;
    this.#clock = clock;
    this.#stop = new StopTime(clock);
    this.#connections = new Connections(clock);
    this.#calls = new SharedCalls(network.courier, clock);
  }

  /** The platform counts posts from here on anew. */
  beginInvocation(): void {
    this.#postsLeft = postsPerInvocation;
    this.#proving = false;
    // It may use up its own budget, and then asks for another invocation.
    this.#draining = false;
  }

  /**
   * This turn has written a row to learn whether the storage takes one. The next turn has a transaction of its own.
   * Reading a damaged page in this row's transaction would end the object.
   */
  get proving(): boolean {
    return this.#proving;
  }

  /**
   * False: a budget is used up, or the process ends; the pumps run again when that changes.
   * @param characters bodies of the same destination that are under way
   */
  mayPost(characters: number): boolean {
    if (this.#storage.broken) return false;
    const { until } = this.#stop;
    if (until !== null) {
      this.#schedule.alarmBy(until);
      return false;
    }
    // Outcomes that no row records would be forgotten, and their deliveries repeated for as long as the disk is full.
    if (!this.#records.provenWritable) {
      const now = this.#clock.now();
      this.#proving = this.#records.proveWritable();
      if (this.#proving) this.#schedule.at(now);
      else this.#schedule.alarmBy(now + watchdogMs);
      return false;
    }
    // However many destinations are slow, each leaves as much room as it takes.
    if (characters >= mostUnderway - this.#charactersUnderway) {
      this.#awaitsRoom = true;
      return false;
    }
    if (this.#postsLeft > 0) return true;
    this.#drainAnew();
    return false;
  }

  #drainAnew(): void {
    if (this.#draining) return;
    this.#draining = true;
    const drained = this.#network.drain().catch(() => {
      this.#draining = false;
      this.#schedule.at(this.#clock.now() + selfCallRetryMs);
    });
    this.#network.waitUntil(drained);
  }

  /**
   * One POST, which counts against the budgets at once, while its message is still being signed. It fails only with the
   * message.
   * @param characters the size of the message's events
   * @param usualMs how long a post to its destination usually takes, milliseconds; null: it is not known
   */
  async post(message: Promise<Message>, characters: number, usualMs: number | null): Promise<Outcome> {
    this.#postsLeft--;
    this.#underway++;
    this.#charactersUnderway += characters;
    try {
      const ready = await message;
      // A listener takes no connection, and its messages keep their order.
      if (ready.address.kind === "listener") return await this.#network.post(ready);
      return await this.#connections.use(
        usualMs,
        () => this.#network.post(ready),
        () => this.#calls.post(ready),
      );
    } finally {
      this.#ended(characters);
    }
  }

  #ended(characters: number): void {
    this.#underway--;
    this.#charactersUnderway -= characters;
    if (this.#underway === 0) {
      this.#idle?.resolve();
      this.#idle = null;
    }
    if (!this.#awaitsRoom) return;
    this.#awaitsRoom = false;
    this.#schedule.at(this.#clock.now());
  }

  /** Sends nothing more for a while; resolves when the posts under way have ended, within some seconds. */
  async stop(): Promise<void> {
    this.#stop.begin();
    if (this.#underway === 0) return;
    this.#idle ??= Promise.withResolvers();
    const late = new Promise<void>((resolve) => {
      this.#clock.after(stopWithinMs, resolve);
    });
    await Promise.race([this.#idle.promise, late]);
  }
}
