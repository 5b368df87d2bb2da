/** Receives callbacks: reads, keeps, answers, in time for Tencent's two seconds. */
import { failText, okText } from "../callback/answer.ts";
import { driftOf } from "../callback/drift.ts";
import type { Event } from "../callback/event.ts";
import { newEventId } from "../callback/event-id.ts";
import { fingerprint } from "../callback/fingerprint.ts";
import { type Arrival, largestBody, readCallback, sentenceOf } from "../callback/read-callback.ts";
import { type Config, readConfig } from "../config.ts";
import { packEvent } from "../shard/segment.ts";
import type { Append } from "../shard/shard.ts";
import { shardOf } from "../shard/shards.ts";
import { decide, shadowsOf } from "../verdict/decide.ts";
import { formOf } from "../verdict/question.ts";
import { callerAddress } from "./address.ts";
import { appendTo, likelyShardCount, shardCount } from "./shards.ts";
import { count, giveBack, takeTally } from "./tally.ts";
import { waysOf } from "./verdicts.ts";

/** An event that is not durable by then is answered 503. Milliseconds. */
const keepWithin = 1_200;

/** There is a verdict by then. Milliseconds. */
const verdictWithin = 1_600;

/** Tencent waits 2 s. Milliseconds. */
const answerWithin = 1_800;

/** Who is still sending does not hear an answer: so much of a body that is too large is read and thrown away. Bytes. */
const mostRead = 16 * largestBody;

/** Tencent does not send again: so long the Worker goes on trying. Milliseconds. */
const tryFor = 20_000;

/** Before the second attempt; each further wait is twice as long. Milliseconds. */
const firstWait = 50;

/** A shard that has not answered so long after the event was late is asked again, through a new stub. Milliseconds. */
const attemptWithin = 4_000;

export async function receiveCallback(
  request: Request,
  url: URL,
  env: Env,
  ctx: ExecutionContext,
): Promise<Response> {
  try {
    return await receive(request, url, env, ctx);
  } catch (error) {
    console.error({ at: "callback", error: error instanceof Error ? error.stack : String(error) });
    return answer(500, failText("something went wrong here; the log says what"));
  }
}

async function receive(request: Request, url: URL, env: Env, ctx: ExecutionContext): Promise<Response> {
  const config = readConfig(env);
  if (!config.configured) return answer(503, failText("this gateway is not configured yet: see /health"));

  const now = Date.now();
  const reading = readCallback(
    {
      query: url.search.slice(1),
      body: await bodyOf(request),
      address: config.receiving.allows && callerAddress(request, config),
    },
    config.receiving,
    now,
  );
  if (reading.kind === "probe") return answer(200, okText);
  if (reading.kind === "refused") {
    console.warn({ at: "refused", reason: reading.reason, sentence: reading.sentence });
    count(`refused:${reading.reason}`);
    return answer(reading.status, failText(reading.sentence));
  }

  const { arrival, command, body, keep, identities, shardKey } = reading;
  const chance = crypto.getRandomValues(new Uint32Array(5));
  const eventOn = (index: number): Event => ({
    id: newEventId(index, now, new Uint8Array(chance.buffer, 0, 12)),
    ...arrival,
  });
  const keepOn = async (index: number, event: Event, late: Promise<void>): Promise<boolean> => {
    const own = chance[3]! * 2 ** 21 + (chance[4]! >>> 11);
    const append: Append = {
      ...packEvent(event),
      marks: [own, ...(await Promise.all(identities.map(fingerprint)))],
      command: event.command,
      patient: event.phase === "before",
      host: url.host,
      drift: command ? driftOf(command, body) : [],
    };
    return keepEvent(env, config, index, event, append, late);
  };

  const form = formOf(command, arrival.phase);
  if (form === null) {
    const keep = async (late: Promise<void>) => {
      const index = shardOf(shardKey, await shardCount(env, config));
      return keepOn(index, eventOn(index), late);
    };
    return answerKept(keep, arrival, okText, ctx);
  }

  // Who waits for a verdict waits for no shard.
  const index = shardOf(shardKey, likelyShardCount(env, config));
  const event = eventOn(index);
  const question = { event, body, form };
  const { rules } = config.rules;
  const { text, verdict } = await decide(question, rules, waysOf(ctx, config, now + verdictWithin));
  count("verdicts");
  count(`verdicts:${verdict.how}`);
  if (arrival.phase === "after")
    return answerKept((late) => keepOn(index, { ...event, verdict }, late), arrival, text, ctx);
  const keepWithShadows = async () => {
    // The answer goes out first, and those of others that are ready.
    await scheduler.wait(0);
    const shadows = await shadowsOf(question, rules, waysOf(ctx, config)).catch(() => []);
    await shardCount(env, config);
    return keepOn(index, { ...event, verdict: { ...verdict, shadows } }, scheduler.wait(keepWithin));
  };
  if (keep) ctx.waitUntil(keepWithShadows());
  return answer(200, text);
}

/**
 * An after-callback is answered well only when its event is durable.
 * @param keep keeps it, also when it is late for the answer; true when it is kept
 */
async function answerKept(
  keep: (late: Promise<void>) => Promise<boolean>,
  { receivedAt, quarantined, command, issues }: Arrival,
  ok: string,
  ctx: ExecutionContext,
): Promise<Response> {
  const left = Math.min(keepWithin, receivedAt + answerWithin - Date.now());
  const late = scheduler.wait(Math.max(0, left));
  const kept = keep(late);
  ctx.waitUntil(kept);
  const inTime = await Promise.race([kept, late.then(() => false)]);
  if (!inTime) return answer(503, failText("the event could not be kept in time"));
  return quarantined ? answer(400, failText(sentenceOf(command, issues))) : answer(200, ok);
}

/** GET and HEAD on a callback path of its own, as the console's check may send them; and methods nobody uses. */
export function answerMethod(method: string): Response {
  if (method === "GET" || method === "HEAD") return answer(200, okText);
  const response = answer(405, failText("callbacks are sent by POST"));
  response.headers.set("allow", "GET, HEAD, POST");
  return response;
}

/**
 * True as soon as the event is durable; false when all attempts have failed. Never throws.
 * @param late resolves when it is too late for an answer: until then one timer is enough for all that may expire
 */
async function keepEvent(
  env: Env,
  config: Config,
  index: number,
  { id, command, phase }: Event,
  append: Append,
  late: Promise<void>,
): Promise<boolean> {
  const startedAt = Date.now();
  for (let wait = firstWait; ; wait *= 2) {
    const tally = takeTally();
    try {
      const appended = appendTo(env, config, index, { ...append, tally }, wait > firstWait);
      await Promise.race([appended, late.then(expiry)]);
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

async function expiry(): Promise<never> {
  await scheduler.wait(attemptWithin);
  throw new Error("no answer from the shard in time");
}

/** Null if it is too large. */
async function bodyOf(request: Request): Promise<Uint8Array | null> {
  const length = request.headers.get("content-length");
  // A body whose length is known is read at once: a stream costs more than all the checks together.
  if (length !== null && Number(length) <= largestBody) return new Uint8Array(await request.arrayBuffer());
  const { body } = request;
  if (!body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as ReadableStream<Uint8Array>) {
    size += chunk.byteLength;
    if (size > mostRead) break;
    if (size <= largestBody) chunks.push(chunk);
  }
  if (size > largestBody) return null;
  if (chunks.length === 1) return chunks[0]!;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}

/** Made once: it costs as much as the rest of an answer. */
const headers = new Headers({ "content-type": "application/json" });

function answer(status: number, text: string): Response {
  return new Response(text, { status, headers });
}
