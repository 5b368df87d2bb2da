/**
 * Hands an append to its shard until it is durable. Tencent does not send a callback again, so attempts go on for a
 * while after the deadline of the answer.
 */
import type { Event } from "../../callback/event.ts";
import { log } from "../../log.ts";
import { LogLimit } from "../../log-limit.ts";
import type { Append } from "../../shard/append/append.ts";
import type { Context } from "../context.ts";
import { count, drainCounters, restoreCounters } from "../isolate-counters.ts";
import { shard } from "../shards.ts";
import { AppendBatcher } from "./append-batcher.ts";
import { keepWithinMs } from "./keep-deadline.ts";

/** Attempts begin within this time. Milliseconds. */
const tryForMs = 20_000;

/** The wait before the second attempt; each further wait is twice as long. Milliseconds. */
const firstRetryMs = 50;

/** An attempt is given up this long after the deadline of the answer, and made again with a new stub. Milliseconds. */
const attemptWithinMs = 4_000;

/** While a shard is stuck, every event is late: the counter tells of all, the log of some. */
const keptLate = new LogLimit();

/** The batchers of this isolate, by shard. */
const batchers = new WeakMap<Env, AppendBatcher<Append>[]>();

/**
 * True once the append is durable, false if all attempts have failed. Never rejects.
 * @param index the shard's index
 * @param event the event of the append, for the log
 * @param late resolves at the deadline of the answer: until then the attempts share its timer
 */
export async function appendUntilDurable(
  context: Context,
  index: number,
  append: Append,
  { id, command, phase }: Event,
  late: Promise<void>,
): Promise<boolean> {
  const startedAt = Date.now();
  let over = false;
  for (let wait = firstRetryMs; ; wait *= 2) {
    try {
      const appended = attempt(context, index, append, wait > firstRetryMs);
      await Promise.race([appended, late.then(expiry)]);
      const ms = Date.now() - startedAt;
      if (ms > keepWithinMs) {
        keptLate.write(log.warn, "kept late", { id, command, phase, ms });
        count("late");
      }
      return true;
    } catch (error) {
      // Every call makes an overloaded object slower.
      const { overloaded = false } = error as { overloaded?: boolean };
      if (overloaded || over || Date.now() - startedAt + wait > tryForMs) {
        count("lost");
        // Never left out: the line is the only trace of the event.
        log.error("lost", { id, command, phase, overloaded, error: String(error) });
        return false;
      }
      // The clock may be set back meanwhile.
      if (wait === firstRetryMs)
        void scheduler.wait(tryForMs).then(() => {
          over = true;
        });
      await scheduler.wait(wait);
    }
  }
}

/** The first attempt may share a call with other events. A repeated one does not: their failure would be its own. */
function attempt(context: Context, index: number, append: Append, repeated: boolean): Promise<void> {
  const send = (appends: Append[]) => handOver(context, index, appends);
  return repeated ? send([append]) : batcherOf(context.env, index).add(append, send);
}

/** One call of the shard, which also brings the counts since the last one. */
async function handOver({ env, config }: Context, index: number, appends: Append[]): Promise<void> {
  const tally = drainCounters();
  const [first, ...others] = appends;
  const counting = { ...first!, tally };
  const stub = shard(env, config, index);
  try {
    await (others.length === 0 ? stub.append(counting) : stub.appendAll([counting, ...others]));
  } catch (error) {
    restoreCounters(tally);
    throw error;
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
