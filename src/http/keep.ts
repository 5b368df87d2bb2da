/**
 * Keeps the event of a callback: hands it to its shard until it is durable. Tencent does not send a callback again, so
 * an event that misses the deadline of its answer is still tried for a while in `waitUntil`.
 */
import { driftOf } from "../callback/drift.ts";
import type { Event, Verdict } from "../callback/event.ts";
import { newEventId } from "../callback/event-id.ts";
import { fingerprint } from "../callback/fingerprint.ts";
import { pathsOf } from "../callback/misfit.ts";
import type { AcceptedCallback } from "../callback/read-callback.ts";
import type { Append } from "../shard/append/append.ts";
import { shardOf } from "../shard/cluster/shards.ts";
import { packEvent } from "../shard/journal/packed-event.ts";
import { shadowsOf } from "../verdict/decide.ts";
import type { Question } from "../verdict/question.ts";
import { AppendBatcher } from "./append-batcher.ts";
import { askContext } from "./ask-context.ts";
import type { Context } from "./context.ts";
import { count, drainCounters, restoreCounters } from "./isolate-counters.ts";
import { likelyShardCount, shard, shardCount } from "./shards.ts";

/** An event that is not durable within this time is answered 503. Milliseconds. */
const keepWithinMs = 1_200;

/** Every callback is answered within this time: Tencent waits 2 s. Milliseconds. */
const answerWithinMs = 1_800;

/** An event whose body took longer to read gets a timer of its own. Milliseconds. */
const slowBodyMs = 100;

/** Attempts begin within this time. Milliseconds. */
const tryForMs = 20_000;

/** The wait before the second attempt; each further wait is twice as long. Milliseconds. */
const firstRetryMs = 50;

/** An attempt is given up this long after the deadline of the answer, and made again with a new stub. Milliseconds. */
const attemptWithinMs = 4_000;

/** The batchers of this isolate, by shard. */
const batchers = new WeakMap<Env, AppendBatcher<Append>[]>();

/** Events of this isolate that are kept after their answer. */
const keptLater = new Set<Promise<unknown>>();

/** Resolves once the events that are being kept after their answer are kept or lost. */
export function allKept(): Promise<unknown> {
  return Promise.allSettled(keptLater);
}

/** Resolves when it is too late to answer OK. One timer serves reading the body and keeping the event. */
export function keepDeadline(): Promise<void> {
  return scheduler.wait(keepWithinMs);
}

/** Keeps the event of one callback. */
export class Keeper {
  readonly #context: Context;
  readonly #callback: AcceptedCallback;
  readonly #body: { release(): void };
  readonly #deadline: Promise<void>;
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
  }

  /** The event, for a verdict. Its shard follows from the number of shards that this isolate knows: nothing is asked. */
  likelyEvent(): Event {
    const { env, config } = this.#context;
    this.#shard = shardOf(this.#callback.shardKey, likelyShardCount(env, config));
    return this.#event(this.#shard);
  }

  /** True once the event is durable; false at the deadline of the answer, after which attempts go on. */
  keepInTime(verdict?: Verdict): Promise<boolean> {
    const late = this.#tooLate(Date.now());
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
  discard(): void {
    this.#body.release();
  }

  /** Resolves when it is too late to answer OK. A slow body has used up time of Tencent's 2 s. */
  #tooLate(now: number): Promise<void> {
    const { receivedAt } = this.#callback.event;
    if (now - receivedAt < slowBodyMs) return this.#deadline;
    return scheduler.wait(Math.max(0, Math.min(keepWithinMs, receivedAt + answerWithinMs - now)));
  }

  async #keepWithShadows(question: Question, verdict: Verdict): Promise<boolean> {
    const { env, ctx, config } = this.#context;
    // This answer, and the answers of other requests that are ready, go out first.
    await scheduler.wait(0);
    const { rules } = config.rules;
    const shadows = await shadowsOf(question, rules, askContext(env, ctx, config)).catch(() => []);
    // Shard 0 is asked for the callbacks after this one: the event's own shard is chosen already.
    await shardCount(env, config);
    return this.#keep(keepDeadline(), { ...verdict, shadows });
  }

  /** True once the event is durable, false if all attempts have failed. */
  async #keep(late: Promise<void>, verdict?: Verdict): Promise<boolean> {
    const { env, config } = this.#context;
    const { shardKey, identities } = this.#callback;
    try {
      const index = this.#shard ?? shardOf(shardKey, await shardCount(env, config));
      const event = this.#event(index);
      if (verdict) event.verdict = verdict;
      const fingerprints = await Promise.all(identities.map(fingerprint));
      return await this.#appendUntilDurable(index, this.#appendFor(event, fingerprints), event, late);
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
    // All attempts have the same, so that the shard keeps the event once. A number holds 53 bits.
    const own = this.#random[3]! * 2 ** 21 + (this.#random[4]! >>> 11);
    return {
      ...packEvent(event),
      marks: [own, ...fingerprints],
      command: event.command,
      patient: event.phase === "before",
      // A shard of the version before requires it. It stays empty: a request's host is what its sender says.
      host: "",
      drift: definition ? driftOf(definition, body) : [],
      ...(event.quarantined && { misfit: pathsOf(event.issues) }),
    };
  }

  /**
   * True once the append is durable, false if all attempts have failed. Never rejects.
   * @param late resolves at the deadline of the answer: until then the attempts share its timer
   */
  async #appendUntilDurable(
    index: number,
    append: Append,
    { id, command, phase }: Event,
    late: Promise<void>,
  ): Promise<boolean> {
    const startedAt = Date.now();
    for (let wait = firstRetryMs; ; wait *= 2) {
      const tally = drainCounters();
      try {
        const appended = this.#attempt(index, { ...append, tally }, wait > firstRetryMs);
        await Promise.race([appended, late.then(expiry)]);
        const ms = Date.now() - startedAt;
        if (ms > keepWithinMs) {
          console.warn({ at: "kept late", id, command, phase, ms });
          count("late");
        }
        return true;
      } catch (error) {
        restoreCounters(tally);
        // Every call makes an overloaded object slower.
        const { overloaded = false } = error as { overloaded?: boolean };
        if (overloaded || Date.now() - startedAt + wait > tryForMs) {
          count("lost");
          console.error({ at: "lost", id, command, phase, overloaded, error: String(error) });
          return false;
        }
        await scheduler.wait(wait);
      }
    }
  }

  /** The first attempt may share a call with other events. A repeated one does not: their failure would be its own. */
  #attempt(index: number, append: Append, repeated: boolean): Promise<void> {
    const { env, config } = this.#context;
    const send = (appends: Append[]): Promise<void> => {
      const stub = shard(env, config, index);
      return appends.length === 1 ? stub.append(appends[0]!) : stub.appendAll(appends);
    };
    return repeated ? send([append]) : batcherOf(env, index).add(append, send);
  }
}

function batcherOf(env: Env, index: number): AppendBatcher<Append> {
  const shards = batchers.get(env) ?? [];
  batchers.set(env, shards);
  shards[index] ??= new AppendBatcher(Date.now, (ms) => scheduler.wait(ms));
  return shards[index];
}

async function expiry(): Promise<never> {
  await scheduler.wait(attemptWithinMs);
  throw new Error("no answer from the shard in time");
}
