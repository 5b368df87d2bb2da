/** How many posts of a destination may be under way at once on this shard, learnt from its answers. */
import {
  afterPost,
  type Concurrency,
  type Ended,
  firstConcurrency,
  firstPosts,
} from "../../delivery/concurrency.ts";
import { concurrencyPerShard } from "../../delivery/rate.ts";
import type { ForwardRule } from "../../rule/rule.ts";

/** Beyond so many events a second, received by this shard, no destination gets more than a few posts: receiving goes first. */
const besides = 700;

/** The share that replays leave to new events, which thus wait for no answer. At least one. */
const keptShare = 0.25;

export interface SlotsRoles {
  readonly cluster: { readonly shards: number };
  /** The events that this shard receives. */
  readonly receiving: { readonly perSecond: number };
}

export class Slots {
  readonly #rule: ForwardRule;
  readonly #roles: SlotsRoles;
  #concurrency: Concurrency;

  constructor(rule: ForwardRule, roles: SlotsRoles) {
    this.#rule = rule;
    this.#roles = roles;
    this.#concurrency = firstConcurrency(this.#first);
  }

  get #first(): number {
    return concurrencyPerShard(Math.min(firstPosts, this.#rule.concurrency), this.#roles.cluster.shards);
  }

  /** The rule's bound: this shard's part. */
  get #bound(): number {
    return concurrencyPerShard(this.#rule.concurrency, this.#roles.cluster.shards);
  }

  /** How many posts may be under way. */
  get allowed(): number {
    const isBusy = this.#roles.receiving.perSecond > besides;
    return Math.min(Math.floor(this.#concurrency.limit), isBusy ? this.#first : this.#bound);
  }

  /** How many of these may be posts of replays. */
  get ofReplays(): number {
    const { allowed } = this;
    return Math.max(1, allowed - Math.max(1, Math.floor(allowed * keptShare)));
  }

  /** How long a post takes that waits for no other, milliseconds; null: it is not known. */
  get usualMs(): number | null {
    return this.#concurrency.usualMs;
  }

  /** A post that begins now remembers it. */
  get cuts(): number {
    return this.#concurrency.cuts;
  }

  ended(post: Ended): void {
    this.#concurrency = afterPost(this.#concurrency, post, this.#bound);
  }

  /** The destination is down, or asks to wait: afterwards it begins with a few again. */
  beginAgain(): void {
    this.#concurrency = firstConcurrency(this.#first, this.#concurrency.cuts + 1);
  }
}
