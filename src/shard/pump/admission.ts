/**
 * Whether a destination may be sent a post now: its breaker, its last `Retry-After`, and its rate decide. A post that
 * must wait has a run scheduled.
 */
import {
  afterOutcome,
  allowance,
  type Breaker,
  closed,
  corrected,
  isOpen,
  isProbe,
} from "../../delivery/breaker.ts";
import type { Outcome } from "../../delivery/outcome.ts";
import { perShard, take } from "../../delivery/rate.ts";
import type { ForwardRule } from "../../rule/rule.ts";
import type { Clock } from "../clock.ts";
import { hashOf } from "../cluster/shards.ts";
import type { DestinationState } from "../journal/progress-record.ts";
import type { Job } from "./job.ts";

export interface AdmissionRoles {
  readonly schedule: {
    /** The pump runs again at a time, at the latest. */
    at(ms: number): void;
  };
  readonly cluster: { readonly shards: number };
}

/** A held destination is looked at again within this time: its rule may have another url. Milliseconds. */
const holdWatchedMs = 30_000;

export class Admission {
  readonly #rule: ForwardRule;
  readonly #roles: AdmissionRoles;
  readonly #clock: Clock;
  /** Tells one url from another; the url itself may hold a key, which no row shall hold. */
  readonly #urlMark: number;
  #breaker: Breaker;
  /** When the rate allows the next post. */
  #dueAt = 0;

  constructor(rule: ForwardRule, state: DestinationState, roles: AdmissionRoles, clock: Clock) {
    this.#rule = rule;
    this.#roles = roles;
    this.#clock = clock;
    this.#urlMark = hashOf(rule.address.url);
    // Another url is another backend: its breaker begins closed.
    const sameUrl = state.urlMark === undefined || state.urlMark === this.#urlMark;
    this.#breaker = (sameUrl && state.breaker) || closed;
  }

  /** For the next row to record: nothing, while all goes well. */
  get state(): Pick<DestinationState, "breaker" | "urlMark"> {
    const isWell = this.failures === 0 && this.heldUntil === null;
    return isWell ? {} : { breaker: this.#breaker, urlMark: this.#urlMark };
  }

  /** Whether the breaker is open: each post is a probe. */
  get probing(): boolean {
    return isOpen(this.#breaker);
  }

  /** Failures in a row. */
  get failures(): number {
    return this.#breaker.failures;
  }

  /** Until when a `Retry-After` holds everything back, Unix milliseconds; null: nothing is held. */
  get heldUntil(): number | null {
    const { heldUntil } = this.#breaker;
    return this.#clock.now() < heldUntil ? heldUntil : null;
  }

  /** The clock may have been set back since the last outcome. */
  correct(): void {
    this.#breaker = corrected(this.#breaker, this.#clock.now());
  }

  /** Whether the breaker allows a further post. */
  breakerAllows(now: number, underway: ReadonlySet<Job>): boolean {
    const probing = [...underway].some(({ at }) => isProbe(this.#breaker, at));
    const { posts, again } = allowance(this.#breaker, now, probing);
    if (posts > 0) return true;
    if (again !== null) this.#roles.schedule.at(Math.min(again, now + holdWatchedMs));
    return false;
  }

  /** Whether the rate allows a further post. */
  rateAllows(now: number): boolean {
    const { posts, dueAt } = this.#take(now);
    if (posts > 0) return true;
    this.#roles.schedule.at(dueAt);
    return false;
  }

  /** A post that both allow begins. */
  begun(now: number): void {
    this.#dueAt = this.#take(now).dueAt;
  }

  #take(now: number): ReturnType<typeof take> {
    const { ratePerSecond } = this.#rule;
    if (ratePerSecond === null) return { posts: 1, dueAt: 0 };
    return take(this.#dueAt, perShard(ratePerSecond, this.#roles.cluster.shards), 1, now);
  }

  /** A post has ended. */
  ended(outcome: Outcome, now: number): void {
    this.#breaker = afterOutcome(corrected(this.#breaker, now), outcome, now, () => this.#clock.random());
  }

  /** The destination is not known to be down any more, and not held. */
  close(): void {
    this.#breaker = closed;
  }

  /** The clock was set back: no wait takes longer by that. */
  setBack(ms: number): void {
    const { probeAt, heldUntil } = this.#breaker;
    this.#breaker = { ...this.#breaker, probeAt: probeAt - ms, heldUntil: heldUntil - ms };
  }
}
