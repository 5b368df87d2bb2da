/** Receives callbacks: reads, keeps, answers, in time for Tencent's two seconds. */
import { failText, okAnswer, okText } from "../callback/answer.ts";
import { driftOf } from "../callback/drift.ts";
import { newEventId } from "../callback/event-id.ts";
import { largestBody, readCallback, sentenceOf } from "../callback/read-callback.ts";
import { type Config, readConfig } from "../config.ts";
import type { Append } from "../shard/shard.ts";
import { shardOf } from "../shard/shards.ts";
import { shard, shardCount } from "./shards.ts";
import { count, giveBack, takeTally } from "./tally.ts";

/** An event that is not durable by then is answered 503. Milliseconds. */
const keepWithin = 1_200;

/** Tencent does not send again: so long the Worker goes on trying. Milliseconds. */
const tryFor = 20_000;

/** A shard that has not answered by then is asked again, through a new stub. Milliseconds. */
const attemptWithin = 5_000;

export async function receiveCallback(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
  const config = readConfig(env);
  if (!config.configured) return answer(503, failText("this gateway is not configured yet: see /health"));

  const now = Date.now();
  const url = new URL(request.url);
  const reading = readCallback(
    { query: url.search.slice(1), body: await bodyOf(request), address: addressOf(request) },
    config.receiving,
    now,
  );
  if (reading.kind === "probe") return answer(200, okText);
  if (reading.kind === "refused") {
    console.warn({ at: "refused", reason: reading.reason, sentence: reading.sentence });
    count(`refused:${reading.reason}`);
    return answer(reading.status, failText(reading.sentence));
  }

  const { arrival, command, body, keep, marks, shardKey } = reading;
  const ok = command ? okAnswer(command.answer, body) : okText;
  if (!keep) return answer(200, ok);

  const chance = crypto.getRandomValues(new Uint32Array(5));
  const kept = keepEvent(env, config, async () => {
    const index = shardOf(shardKey, await shardCount(env, config));
    const id = newEventId(index, now, new Uint8Array(chance.buffer, 0, 12));
    const own = chance[3]! * 2 ** 21 + (chance[4]! >>> 11);
    const drift = command ? driftOf(command, body) : [];
    return { index, append: { event: { id, ...arrival }, marks: [own, ...marks], host: url.host, drift } };
  });
  ctx.waitUntil(kept);
  // A before-callback waits for nobody: people wait for it.
  if (arrival.phase === "before") return answer(200, ok);

  const inTime = await Promise.race([kept, scheduler.wait(keepWithin).then(() => false)]);
  if (!inTime) return answer(503, failText("the event could not be kept in time"));
  return arrival.quarantined
    ? answer(400, failText(sentenceOf(arrival.command, arrival.issues)))
    : answer(200, ok);
}

/** GET and HEAD on a callback path of its own, as the console's check may send them; and methods nobody uses. */
export function answerMethod(method: string): Response {
  if (method === "GET" || method === "HEAD") return answer(200, okText);
  const response = answer(405, failText("callbacks are sent by POST"));
  response.headers.set("allow", "GET, HEAD, POST");
  return response;
}

/** True as soon as the event is durable; false when all attempts have failed. Never throws. */
async function keepEvent(
  env: Env,
  config: Config,
  prepare: () => Promise<{ index: number; append: Append }>,
): Promise<boolean> {
  const startedAt = Date.now();
  const { index, append } = await prepare();
  const { id, command, phase } = append.event;
  for (let wait = 50; ; wait *= 2) {
    const tally = takeTally();
    try {
      await Promise.race([shard(env, config, index).append({ ...append, tally }), expiry(attemptWithin)]);
      const ms = Date.now() - startedAt;
      if (ms > keepWithin) {
        console.warn({ at: "kept late", id, command, phase, ms });
        count("late");
      }
      return true;
    } catch (error) {
      giveBack(tally);
      // An overloaded object gets worse with every call.
      const { overloaded = false } = error as { overloaded?: boolean };
      if (overloaded || Date.now() - startedAt + wait > tryFor) {
        count("lost");
        console.error({ at: "lost", id, command, phase, overloaded, error: String(error) });
        return false;
      }
      await scheduler.wait(wait);
    }
  }
}

async function expiry(ms: number): Promise<never> {
  await scheduler.wait(ms);
  throw new Error(`no answer from the shard within ${ms} ms`);
}

/** Null if it is too large; then what is left of it is not read. */
async function bodyOf(request: Request): Promise<Uint8Array | null> {
  const { body } = request;
  if (!body) return new Uint8Array();
  if (Number(request.headers.get("content-length")) > largestBody) {
    await body.cancel();
    return null;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as ReadableStream<Uint8Array>) {
    size += chunk.byteLength;
    if (size > largestBody) return null;
    chunks.push(chunk);
  }
  if (chunks.length === 1) return chunks[0]!;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}

/** Anybody can send the header; that Cloudflare has set it shows in `cf`, which no sender can make up. */
function addressOf(request: Request): string | null {
  return request.cf ? request.headers.get("cf-connecting-ip") : null;
}

function answer(status: number, text: string): Response {
  return new Response(text, { status, headers: { "content-type": "application/json" } });
}
