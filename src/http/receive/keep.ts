/**
 * Keeps the event of a callback: chooses its shard, packs it, and hands it over. An event that misses the deadline of
 * its answer is still handed over, in `waitUntil`.
 */
import { driftOf, driftOfUnknown } from "../../callback/drift.ts";
import type { Event, Verdict } from "../../callback/event.ts";
import { newEventId } from "../../callback/event-id.ts";
import { fingerprint } from "../../callback/fingerprint.ts";
import type { Masks } from "../../callback/mask.ts";
import { pathsOf } from "../../callback/misfit.ts";
import type { AcceptedCallback } from "../../callback/read-callback.ts";
import { redacted, redactedDrift } from "../../callback/redact.ts";
import type { Append } from "../../shard/append/append.ts";
import { shardOf } from "../../shard/cluster/shards.ts";
import { packEvent } from "../../shard/journal/packed-event.ts";
import { shadowsOf } from "../../verdict/decide.ts";
import type { Question } from "../../verdict/question.ts";
import { askContext } from "../ask-context.ts";
import type { Context } from "../context.ts";
import { countVerdictOf } from "../isolate-counters.ts";
import { learnShardCount, likelyShardCount, shardCount } from "../shards.ts";
import { appendUntilDurable } from "./append-until-durable.ts";
import { logCallback } from "./callback-log.ts";
import { keepDeadline, tooLate } from "./keep-deadline.ts";

/** Events of this isolate that are kept after their answer. */
const keptLater = new Set<Promise<unknown>>();

/** Resolves once the events that are being kept after their answer are kept or lost. */
export function allKept(): Promise<unknown> {
  return Promise.allSettled(keptLater);
}

/** Keeps the event of one callback. */
export class Keeper {
  readonly #context: Context;
  readonly #callback: AcceptedCallback;
  readonly #body: { release(): void };
  readonly #deadline: Promise<void>;
  /** The masks of the kept copy; null: nothing is masked. */
  readonly #masks: Masks | null;
  /** 96 bits for the event's id, then 53 bits for its own fingerprint. */
  readonly #random = crypto.getRandomValues(new Uint32Array(5));
  /** The shard that the event's id names; null until it is chosen. */
  #shard: number | null = null;

  /**
   * @param body the memory of the callback's body, released once the event is kept or lost
   * @param deadline see `keepDeadline`, begun before the body was read
   */
  constructor(
    context: Context,
    callback: AcceptedCallback,
    body: { release(): void },
    deadline: Promise<void>,
  ) {
    this.#context = context;
    this.#callback = callback;
    this.#body = body;
    this.#deadline = deadline;
    this.#masks = context.config.redaction?.masksOf(callback.event.command) ?? null;
  }

  /**
   * Chooses the shard by the number of shards that this isolate knows: nothing is asked. Returns the event, whose id
   * names that shard.
   */
  chooseLikelyShard(): Event {
    const { env, config } = this.#context;
    this.#shard = shardOf(this.#callback.shardKey, likelyShardCount(env, config));
    return this.#event(this.#shard);
  }

  /** True once the event is durable; false at the deadline of the answer, after which attempts go on. */
  keepInTime(verdict?: Verdict): Promise<boolean> {
    const late = tooLate(this.#deadline, this.#callback.event.receivedAt, Date.now());
    const kept = this.#keep(late, verdict);
    this.#context.ctx.waitUntil(kept);
    return Promise.race([kept, late.then(() => false)]);
  }

  /** Keeps a before-callback after its answer, together with the verdicts of the shadow rules. */
  keepLater(question: Question, verdict: Verdict): void {
    const kept = this.#keepWithShadows(question, verdict);
    keptLater.add(kept);
    this.#context.ctx.waitUntil(kept.finally(() => keptLater.delete(kept)));
  }

  /** Ends without keeping the event. */
  discard(event: Event, verdict: Verdict): void {
    this.#body.release();
    logCallback({ ...event, verdict }, "not kept");
  }

  async #keepWithShadows(question: Question, verdict: Verdict): Promise<boolean> {
    const { env, ctx, config } = this.#context;
    // This answer, and the answers of other requests that are ready, go out first.
    await scheduler.wait(0);
    const { rules } = config.rules;
    const context = askContext(env, ctx, config, question.event);
    const decisions = await shadowsOf(question, rules, context).catch(() => []);
    for (const decision of decisions) countVerdictOf(decision);
    const shadows = decisions.map(({ rule, code }) => ({ rule, code }));
    // For the callbacks after this one: the event's own shard is chosen already.
    await learnShardCount(env, config);
    return this.#keep(keepDeadline(), { ...verdict, shadows });
  }

  /** True once the event is durable, false if all attempts have failed. */
  async #keep(late: Promise<void>, verdict?: Verdict): Promise<boolean> {
    const { env, config } = this.#context;
    const { shardKey, identities, definition } = this.#callback;
    try {
      const index = this.#shard ?? shardOf(shardKey, await shardCount(env, config));
      const received = this.#event(index);
      const event = this.#masks ? await redacted(received, this.#masks, definition) : received;
      if (verdict) event.verdict = verdict;
      const fingerprints = await Promise.all(identities.map(fingerprint));
      const append = this.#appendFor(event, fingerprints);
      const kept = await appendUntilDurable(this.#context, index, append, event, late);
      if (kept) {
        logCallback(event, event.quarantined ? "quarantined" : "kept");
        this.#context.witness?.kept(event.id);
      }
      return kept;
    } finally {
      this.#body.release();
    }
  }

  #event(index: number): Event {
    const { event } = this.#callback;
    return { id: newEventId(index, event.receivedAt, new Uint8Array(this.#random.buffer, 0, 12)), ...event };
  }

  #appendFor(event: Event, fingerprints: number[]): Append {
    const { definition, body } = this.#callback;
    const drift = definition ? driftOf(definition, body) : driftOfUnknown(this.#callback.event.command);
    // All attempts have the same, so that the shard keeps the event once. A number holds 53 bits.
    const own = this.#random[3]! * 2 ** 21 + (this.#random[4]! >>> 11);
    return {
      ...packEvent(event),
      marks: [own, ...fingerprints],
      command: event.command,
      patient: event.phase === "before",
      // A shard of the version before requires it. It stays empty: a request's host is its sender's claim.
      host: "",
      drift: this.#masks ? redactedDrift(drift, this.#masks) : drift,
      ...(event.quarantined && { misfit: pathsOf(event.issues) }),
    };
  }
}
