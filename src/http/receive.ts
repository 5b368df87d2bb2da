/** Receives callbacks: reads, keeps, answers, in time for Tencent's two seconds. */
import { failText, okAnswer, okText } from "../callback/answer.ts";
import { canonicalName, catalogue } from "../callback/catalogue.ts";
import { phaseByName } from "../callback/command.ts";
import { driftOf } from "../callback/drift.ts";
import type { Event } from "../callback/event.ts";
import { newEventId } from "../callback/event-id.ts";
import { fingerprint } from "../callback/fingerprint.ts";
import { cameThrough, readVia } from "../callback/loop.ts";
import { placesOf } from "../callback/misfit.ts";
import {
  type AcceptedCallback,
  type ReadResult,
  type Refused,
  readBody,
  readHead,
  refused,
  sentenceOf,
} from "../callback/read-callback.ts";
import type { Config } from "../config.ts";
import { packEvent } from "../shard/journal/packed-event.ts";
import type { Append } from "../shard/append/append.ts";
import { shardOf } from "../shard/cluster/shards.ts";
import { decide, shadowsOf } from "../verdict/decide.ts";
import { answerSpecOf } from "../verdict/question.ts";
import { callerAddress } from "./address.ts";
import { askContext } from "./ask-context.ts";
import { type HeldBody, keepsSending, noRoom, readWhole, sendsProbe } from "./body.ts";
import type { Context } from "./context.ts";
import { count, drainCounters, restoreCounters } from "./isolate-counters.ts";
import { keptLater } from "./kept-later.ts";
import { appendTo, gatewayId, likelyShardCount, shardCount } from "./shards.ts";

/** An event that is not durable by then is answered 503. Milliseconds. */
const keepWithin = 1_200;

/** There is a verdict by then. Milliseconds. */
const verdictWithin = 1_600;

/** Tencent waits 2 s. Milliseconds. */
const answerWithin = 1_800;

/** Tencent does not send again: so long the Worker goes on trying. Milliseconds. */
const tryFor = 20_000;

/** Before the second attempt; each further wait is twice as long. Milliseconds. */
const firstWait = 50;

/** A shard that has not answered so long after the event was late is asked again, through a new stub. Milliseconds. */
const attemptWithin = 4_000;

/** A sender of a body that is not read has so long to hear why. Milliseconds. */
const hearsFor = 250;

/** A body that took so long leaves less time for keeping its event. Milliseconds. */
const slowBody = 100;

export async function receiveCallback(context: Context): Promise<Response> {
  try {
    return await receive(context);
  } catch (error) {
    console.error({ at: "callback", error: error instanceof Error ? error.stack : String(error) });
    return answer(500, failText("something went wrong here; the log says what"));
  }
}

async function receive({ request, url, env, ctx, config }: Context): Promise<Response> {
  if (!config.configured) return answer(503, failText("this gateway is not configured yet: see /health"));

  const now = Date.now();
  const policy = config.receiving;
  const head = readHead(
    { query: url.search.slice(1), address: policy.allows && callerAddress(request, config) },
    policy,
    now,
  );
  if (head.kind === "refused")
    return head.mayProbe && (await sendsProbe(request)) ? answer(200, okText) : refuse(head, request, ctx);
  const via = request.headers.get("tim-relay-loop");
  if (via !== null && cameThrough(via, await gatewayId(env, config))) return refuse(loop, request, ctx);

  const late = scheduler.wait(keepWithin);
  const held = await readWhole(request, late);
  if ("kind" in held) return refuse(held, request, ctx, held === noRoom ? unreadAnswer(head.name) : null);
  const reading = readBody(head, held.bytes, policy);
  if (reading.kind !== "event") {
    held.release();
    if (reading.kind === "probe") return answer(200, okText);
    const encoding = reading.reason === "json" ? encodingOf(request) : null;
    return refuse(encoding === null ? reading : { ...reading, sentence: encoding }, request, ctx);
  }
  const kept = via === null ? null : readVia(via);
  if (kept !== null) reading.arrival.via = kept;
  return keepAndAnswer(reading, held, late, config, env, ctx);
}

async function keepAndAnswer(
  reading: Extract<ReadResult, { kind: "event" }>,
  held: HeldBody,
  late: Promise<void>,
  config: Config,
  env: Env,
  ctx: ExecutionContext,
): Promise<Response> {
  const { arrival, command, body, keep, identities, shardKey } = reading;
  const { receivedAt } = arrival;
  const chance = crypto.getRandomValues(new Uint32Array(5));
  const eventOn = (index: number): Event => ({
    id: newEventId(index, receivedAt, new Uint8Array(chance.buffer, 0, 12)),
    ...arrival,
  });
  const keepOn = async (index: number, event: Event, late: Promise<void>): Promise<boolean> => {
    const own = chance[3]! * 2 ** 21 + (chance[4]! >>> 11);
    const append: Append = {
      ...packEvent(event),
      marks: [own, ...(await Promise.all(identities.map(fingerprint)))],
      command: event.command,
      patient: event.phase === "before",
      // What a request says of itself decides nothing; a shard of the version before asks for it.
      host: "",
      drift: command ? driftOf(command, body) : [],
      ...(event.quarantined && { misfit: placesOf(event.issues) }),
    };
    return keepEvent(env, config, index, event, append, late).finally(held.release);
  };

  const answerSpec = answerSpecOf(command, arrival.phase);
  if (answerSpec === null) {
    const keep = async (late: Promise<void>) => {
      const index = shardOf(shardKey, await shardCount(env, config));
      return keepOn(index, eventOn(index), late);
    };
    return answerKept(keep, arrival, okText, late, ctx);
  }

  // Who waits for a verdict waits for no shard.
  const index = shardOf(shardKey, likelyShardCount(env, config));
  const event = eventOn(index);
  const question = { event, body, answerSpec };
  const { rules } = config.rules;
  const { text, verdict } = await decide(
    question,
    rules,
    askContext(env, ctx, config, receivedAt + verdictWithin),
  );
  count("verdicts");
  count(`verdicts:${verdict.how}`);
  if (arrival.phase === "after")
    return answerKept((late) => keepOn(index, { ...event, verdict }, late), arrival, text, late, ctx);
  const keepWithShadows = async () => {
    // The answer goes out first, and those of others that are ready.
    await scheduler.wait(0);
    const shadows = await shadowsOf(question, rules, askContext(env, ctx, config)).catch(() => []);
    await shardCount(env, config);
    return keepOn(index, { ...event, verdict: { ...verdict, shadows } }, scheduler.wait(keepWithin));
  };
  if (keep) ctx.waitUntil(keptLater(keepWithShadows()));
  else held.release();
  return answer(200, text);
}

const loop = refused(
  508,
  "loop",
  "this callback came through this gateway before: a rule sends it back here",
);

/** A sentence about a body that is packed in some way; null if it is not. */
function encodingOf(request: Request): string | null {
  const encoding = request.headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  return encoding !== "identity" && /^[\w., -]{1,64}$/.test(encoding)
    ? `the body is ${encoding}: send it as plain JSON`
    : null;
}

/**
 * What a before-callback hears for which there is no room: the action goes on. A 503 would be a failed callback, and
 * Tencent's console can make a refusal of that: then a flood would stop every message. Null for other callbacks.
 */
function unreadAnswer(name: string | null): string | null {
  const canonical = canonicalName(name ?? "");
  const command = catalogue.get(canonical) ?? null;
  const phase = command?.phase ?? phaseByName(canonical);
  const answerSpec = phase === "before" ? answerSpecOf(command, phase) : null;
  return answerSpec && okAnswer(answerSpec, {});
}

/** @param instead is answered with status 200, where a callback that is not accepted must hear of no failure */
function refuse(
  { status: failed, reason, sentence }: Refused,
  request: Request,
  ctx: ExecutionContext,
  instead: string | null = null,
): Response {
  console.warn({ at: "refused", reason, sentence });
  count(`refused:${reason}`);
  const status = instead === null ? failed : 200;
  const text = instead ?? failText(sentence);
  if (!keepsSending(request)) return answer(status, text);
  // With the answer's end the connection of a sender whose body is not read is closed: it shall hear before that.
  const bytes = new TextEncoder().encode(text);
  const { readable, writable } = new FixedLengthStream(bytes.byteLength);
  const writer = writable.getWriter();
  const ended = writer
    .write(bytes)
    .then(() => scheduler.wait(hearsFor))
    .then(() => writer.close());
  ctx.waitUntil(ended.catch(() => {}));
  return new Response(readable, { status, headers });
}

/**
 * An after-callback is answered well only when its event is durable.
 * @param keep keeps it, also when it is late for the answer; true when it is kept
 * @param late resolves when it is too late for an answer, if the body came quickly
 */
async function answerKept(
  keep: (late: Promise<void>) => Promise<boolean>,
  { receivedAt, quarantined, command, issues }: AcceptedCallback,
  ok: string,
  late: Promise<void>,
  ctx: ExecutionContext,
): Promise<Response> {
  const now = Date.now();
  const left = Math.min(keepWithin, receivedAt + answerWithin - now);
  const tooLate = now - receivedAt < slowBody ? late : scheduler.wait(Math.max(0, left));
  const kept = keep(tooLate);
  ctx.waitUntil(kept);
  const inTime = await Promise.race([kept, tooLate.then(() => false)]);
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
    const tally = drainCounters();
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
      restoreCounters(tally);
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

/** Made once: it costs as much as the rest of an answer. */
const headers = new Headers({ "content-type": "application/json" });

function answer(status: number, text: string): Response {
  return new Response(text, { status, headers });
}
