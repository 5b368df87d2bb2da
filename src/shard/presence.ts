/**
 * The receivers that have come by themselves, and are there: listeners. A destination whose receiver is not there is
 * held like a paused one.
 *
 * Their connections end in shard 0, which therefore knows. Another shard asks it at its own start, and again each time
 * shard 0 tells of a change. All of this stands in memory. No row is written for it, and a shard without such a rule
 * asks for nothing.
 */
import type { RuleBook } from "../rule/parse-rules.ts";
import type { Clock } from "./clock.ts";
import { inTime } from "./cluster/in-time.ts";
import type { Schedule } from "./schedule.ts";
import type { ObjectState } from "./storage.ts";
import { watchdogMs } from "./watchdog.ts";

/** A receiver that comes by itself: it connects, or asks. */
export type Receiver = "listener" | "poller";

/** By rule: when the receiver came that is there now. Unix milliseconds, a later one for each that comes. */
export type Arrivals = Readonly<Record<string, number>>;

/** The calls of one shard to another. */
export interface PresencePeer {
  /** To shard 0: the receivers that are there. */
  arrivals(): Promise<Arrivals>;
  /** To another shard: receivers have come or gone. */
  receiversChanged(): Promise<void>;
}

export interface PresenceRoles {
  readonly peers: { shard(index: number): PresencePeer };
  readonly cluster: { readonly shards: number };
  readonly schedule: Pick<Schedule, "at" | "alarmBy">;
  readonly state: Pick<ObjectState, "waitUntil">;
}

export class Presence {
  readonly #shard: number;
  /** The destinations that take listeners. */
  readonly #listening: ReadonlySet<string>;
  readonly #roles: PresenceRoles;
  readonly #clock: Clock;
  #arrivals: Arrivals = {};
  #lastArrival = 0;
  /** Whether shard 0 is still to be asked. */
  #unasked: boolean;
  #asking: Promise<void> | null = null;
  /** Shards that are still to be told of a change. */
  #untold: readonly number[] = [];

  /** @param arrivals the receivers that are connected to this shard */
  constructor(shard: number, { rules }: RuleBook, arrivals: Arrivals, roles: PresenceRoles, clock: Clock) {
    this.#shard = shard;
    const listening = rules.filter((rule) => rule.kind === "forward" && rule.address.kind === "listener");
    this.#listening = new Set(listening.map(({ name }) => name));
    this.#roles = roles;
    this.#clock = clock;
    this.#unasked = shard !== 0 && this.#listening.size > 0;
    if (Object.keys(arrivals).length === 0) return;
    // Before an eviction, some shard may not have heard of them.
    this.#lastArrival = Math.max(...Object.values(arrivals));
    this.#change(arrivals);
  }

  /** The receiver that a destination waits for; null: it waits for none. */
  awaits(destination: string): Receiver | null {
    const waits = this.#listening.has(destination) && this.arrivedAt(destination) === null;
    return waits ? "listener" : null;
  }

  /** When the receiver of a rule came, Unix milliseconds; null: it is not there. */
  arrivedAt(rule: string): number | null {
    return this.#arrivals[rule] ?? null;
  }

  /** The receivers that are there. */
  get arrivals(): Arrivals {
    return this.#arrivals;
  }

  /** Shard 0 is still to be asked, or another shard to be told. */
  get unfinished(): boolean {
    return this.#unasked || this.#untold.length > 0;
  }

  /** Shard 0's: the receiver of a rule has come, perhaps in place of another one. Answers when. */
  came(rule: string): number {
    this.#lastArrival = Math.max(this.#lastArrival + 1, this.#clock.now());
    this.#change({ ...this.#arrivals, [rule]: this.#lastArrival });
    return this.#lastArrival;
  }

  /** Shard 0's: the receiver of a rule is gone. */
  left(rule: string): void {
    const { [rule]: _, ...others } = this.#arrivals;
    this.#change(others);
  }

  /** A message of this shard has found no receiver. Shard 0 knows that already, and whether another one has come. */
  missed(destination: string): void {
    if (this.#shard === 0) return;
    const { [destination]: _, ...others } = this.#arrivals;
    this.#arrivals = others;
    this.look();
  }

  /** Another shard's: asks shard 0 for the receivers that are there. */
  look(): void {
    if (this.#listening.size === 0) return;
    this.#unasked = true;
    this.#roles.state.waitUntil(this.notify());
  }

  #change(arrivals: Arrivals): void {
    this.#arrivals = arrivals;
    this.#roles.schedule.at(this.#clock.now());
    this.#untold = Array.from({ length: this.#roles.cluster.shards - 1 }, (_, index) => index + 1);
    this.#roles.state.waitUntil(this.notify());
  }

  /** Asks shard 0, or tells the other shards. An alarm repeats a call that has failed. Never rejects. */
  async notify(): Promise<void> {
    const told = this.#untold;
    this.#untold = [];
    const tell = async (shard: number): Promise<void> => {
      try {
        await inTime(this.#roles.peers.shard(shard).receiversChanged(), this.#clock);
      } catch {
        this.#untold = [...new Set([...this.#untold, shard])];
      }
    };
    if (this.#unasked)
      this.#asking ??= this.#ask().finally(() => {
        this.#asking = null;
      });
    await Promise.all([this.#asking, ...told.map(tell)]);
    if (this.unfinished) this.#roles.schedule.alarmBy(this.#clock.now() + watchdogMs);
  }

  /** News that comes during a question may be later than its answer: then shard 0 is asked again. */
  async #ask(): Promise<void> {
    try {
      while (this.#unasked) {
        this.#unasked = false;
        this.#arrivals = await inTime(this.#roles.peers.shard(0).arrivals(), this.#clock);
        this.#roles.schedule.at(this.#clock.now());
      }
    } catch {
      this.#unasked = true;
    }
  }
}
