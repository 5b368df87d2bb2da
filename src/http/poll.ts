/** One poll: confirms the events of an earlier answer, and takes the oldest that wait on any shard. */
import { elapsed } from "../elapsed.ts";
import { say } from "../sentence.ts";
import type { Shard } from "../shard/shard.ts";
import { askMost, type Place } from "./ask-each.ts";
import { type Receipts, receiptsIn, tokenOf } from "./poll-token.ts";
import { headersOf, Refusal } from "./reply.ts";
import { gatewayId, shard, shardCount } from "./shards.ts";

export interface PollQuery {
  /** The token of an earlier answer. */
  after: string | null;
  limit: number;
  /** For so long an event is waited for, seconds. */
  wait: number;
}

export async function poll(name: string, query: PollQuery, place: Place): Promise<Response> {
  const { env, config } = place;
  const scope = `${(await gatewayId(env, config)) ?? ""} ${name}`;
  let receipts = query.after === null ? null : await receiptsIn(query.after, scope);
  if (query.after !== null && receipts === null)
    throw new Refusal(400, "bad_after", say`after: expected the after of an answer of this poller`);
  const begunAt = Date.now();
  for (;;) {
    const counts = await offers(name, receipts, query.limit, place);
    receipts = null;
    const left = query.wait * 1000 - elapsed(begunAt, Date.now());
    const answer = counts.size > 0 ? await takenOf(name, counts, scope, place) : null;
    if (answer !== null || left <= 0 || !(await arrival(name, left, place)))
      return answer ?? answerOf([], query.after ?? "");
  }
}

/** How many events to take from each shard, so that the oldest of all go first. */
async function offers(
  name: string,
  receipts: Receipts | null,
  limit: number,
  place: Place,
): Promise<Map<number, number>> {
  const { answers } = await askMost(place, "poll", async (stub, index) => {
    const keys = await stub.offer(name, receipts?.get(index) ?? null, limit);
    return keys.map((key) => ({ key, index }));
  });
  const counts = new Map<number, number>();
  const oldest = answers.flat().sort((a, b) => a.key - b.key);
  for (const { index } of oldest.slice(0, limit)) counts.set(index, (counts.get(index) ?? 0) + 1);
  return counts;
}

/** The events that are taken; null: other polls were faster. */
async function takenOf(
  name: string,
  counts: ReadonlyMap<number, number>,
  scope: string,
  place: Place,
): Promise<Response | null> {
  const take = async (stub: DurableObjectStub<Shard>, index: number) => ({
    index,
    taken: await stub.handOut(name, counts.get(index)!),
  });
  const length = await shardCount(place.env, place.config);
  const without = Array.from({ length }, (_, index) => index).filter((index) => !counts.has(index));
  const { answers } = await askMost(place, "poll", take, { without });
  const events = answers.flatMap(({ taken }) =>
    taken.keys.map((key, at) => ({ key, envelope: taken.events[at]! })),
  );
  if (events.length === 0) return null;
  events.sort((a, b) => a.key - b.key);
  const taken = new Map(answers.map(({ index, taken: { at, keys } }) => [index, { at, keys }]));
  for (const [index, { keys }] of taken) if (keys.length === 0) taken.delete(index);
  return answerOf(
    events.map(({ envelope }) => envelope),
    await tokenOf(taken, scope),
  );
}

/** Waits until any shard may have an event. False: none will come. */
async function arrival(name: string, ms: number, { env, config }: Place): Promise<boolean> {
  const length = await shardCount(env, config);
  const each = Array.from({ length }, async (_, index) => shard(env, config, index).arrival(name, ms));
  // A shard that fails is asked again by the next offers.
  const failed = scheduler.wait(ms).then(() => true);
  return Promise.race([Promise.any(each).catch(() => failed), failed]);
}

/** The envelopes are texts of JSON, which go as they are. */
function answerOf(envelopes: readonly string[], after: string): Response {
  const text = `{"events":[${envelopes.join(",")}],"after":${JSON.stringify(after)}}`;
  return new Response(text, { headers: headersOf("application/json") });
}
