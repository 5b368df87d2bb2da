/**
 * Asks shards, and waits for none for long. A shard that does not answer in time is silent. A sum is told without its
 * part, and says so. A list would hide a gap: it is refused with a sentence that names the shard.
 */
import { answerInTime } from "../in-time.ts";
import { log } from "../log.ts";
import { LogLimit } from "../log-limit.ts";
import { inTurn, type Sentence, say } from "../sentence.ts";
import type { Shard } from "../shard/shard.ts";
import { isOnEdge } from "./address.ts";
import type { Context } from "./context.ts";
import { silenceProblem } from "./problems.ts";
import { Refusal } from "./reply.ts";
import { fileOf, shard, shardCount } from "./shards.ts";

/** A shard that takes longer is silent. Milliseconds. */
const answerWithinMs = 2_500;

const silences = new LogLimit();

/** The part of a request's context that asking takes. */
export type Place = Pick<Context, "request" | "env" | "config">;

type Ask<Answer> = (stub: DurableObjectStub<Shard>, index: number) => Promise<Answer>;

/** The answers of all shards but the silent ones, in the shards' order. */
export interface Answers<Answer> {
  answers: Answer[];
  /** The silent shards, by their numbers, and a sentence for each. */
  missing: number[];
  silent: Sentence[];
}

interface Asking {
  /** Shards that are not asked. */
  without?: readonly number[];
  /** The answer may take long: once a shard has shown that it answers at all, no time limits it. */
  long?: boolean;
  /** For the caller of a refusal, after the sentence that names the silent shards. */
  advice?: Sentence;
}

const later = say`ask again later`;

/** The numbers of all shards but those. Throws a refusal for a number that no shard has. */
export async function shardsWithout(
  without: readonly number[],
  { env, config }: Pick<Place, "env" | "config">,
): Promise<number[]> {
  const length = await shardCount(env, config);
  const stranger = without.find((index) => index >= length);
  if (stranger === undefined)
    return Array.from({ length }, (_, index) => index).filter((index) => !without.includes(index));
  const sentence = say`without: there is no shard ${stranger}, the last is ${length - 1}`;
  throw new Refusal(400, "bad_without", sentence);
}

/**
 * For a report that is of use without any answer.
 * @param at names the question in the log
 */
export async function askEach<Answer>(
  place: Place,
  at: string,
  ask: Ask<Answer>,
  { without = [], long = false }: Asking = {},
): Promise<Answers<Answer>> {
  const indexes = await shardsWithout(without, place);
  const asked = await Promise.all(indexes.map((index) => askShard(place, index, at, ask, long)));
  return {
    answers: asked.flatMap((one) => ("answer" in one ? [one.answer as Answer] : [])),
    missing: asked.flatMap((one) => ("silent" in one ? [one.shard] : [])),
    silent: asked.flatMap((one) => ("silent" in one ? [one.silent] : [])),
  };
}

/** For sums. Throws a refusal where no shard answers at all. */
export async function askMost<Answer>(
  place: Place,
  at: string,
  ask: Ask<Answer>,
  asking: Asking = {},
): Promise<Omit<Answers<Answer>, "silent">> {
  const { answers, missing, silent } = await askEach(place, at, ask, asking);
  if (answers.length === 0) throw unavailable(silent);
  return { answers, missing };
}

/** For answers that must lack nothing. Throws a refusal where a shard is silent. */
export async function askAll<Answer>(
  place: Place,
  at: string,
  ask: Ask<Answer>,
  asking: Asking = {},
): Promise<Answer[]> {
  const { answers, missing, silent } = await askEach(place, at, ask, asking);
  if (missing.length > 0) throw unavailable(silent, asking.advice ?? later);
  return answers;
}

/** For the pages of a list. Its reader may leave silent shards out. */
export async function askForPages<Page>(
  place: Place,
  at: string,
  ask: Ask<Page>,
  without: readonly number[],
): Promise<Page[]> {
  const { answers, missing, silent } = await askEach(place, at, ask, { without });
  if (missing.length > 0) throw unavailable(silent, say`${later}, or ${leaveOut([...without, ...missing])}`);
  return answers;
}

/** Asks one shard. Throws a refusal where it is silent. */
export async function askOne<Answer>(
  place: Place,
  index: number,
  at: string,
  ask: Ask<Answer>,
  { long = false, advice = later }: Omit<Asking, "without"> = {},
): Promise<Answer> {
  const one = await askShard(place, index, at, ask, long);
  if ("answer" in one) return one.answer;
  throw unavailable([one.silent], advice);
}

/** Before a change that is to reach every shard. Throws a refusal where one is silent: then nothing has changed. */
export async function mustAllAnswer(place: Place, at: string, advice: Sentence): Promise<void> {
  await askAll(place, at, greet, { advice });
}

const greet: Ask<unknown> = (stub) => stub.replays();

/** Throws the sentence of a shard's silence, if it is silent. */
export async function mustAnswer(place: Place, index: number, at: string): Promise<void> {
  const one = await askShard(place, index, at, greet);
  if ("silent" in one) throw new Refusal(503, "unavailable", one.silent);
}

/** A sum to which silent shards have given no part says so. */
export function marked(missing: readonly number[]): { estimated?: true; missing?: number[] } {
  return missing.length > 0 ? { estimated: true, missing: [...missing] } : {};
}

/** How the reader of a list sees the other shards. */
export function leaveOut(silent: readonly number[]): Sentence {
  return say`see the others with without=${silent.toSorted((a, b) => a - b).join()}`;
}

/** For a question that goes on over several calls. */
export async function askShard<Answer>(
  place: Place,
  index: number,
  at: string,
  ask: Ask<Answer>,
  long = false,
): Promise<{ answer: Answer } | { shard: number; silent: Sentence }> {
  const { env, config } = place;
  const asked = <One>(one: Ask<One>) => one(shard(env, config, index), index);
  try {
    if (!long) return { answer: await answerInTime(asked(ask), answerWithinMs) };
    await answerInTime(asked(greet), answerWithinMs);
    return { answer: await asked(ask) };
  } catch (error) {
    if (error instanceof Refusal) throw error;
    silences.write(log.error, at, { shard: index, error: String(error) });
    return { shard: index, silent: silenceOf(place, index, error) };
  }
}

/** Why a shard does not answer, as a sentence. */
export function silenceOf({ request, env }: Place, index: number, error: unknown): Sentence {
  return silenceProblem(index, error, isOnEdge(request) ? null : fileOf(env, index));
}

/** The refusal where shards are silent that the answer needs. @param advice for the caller, beside their sentences */
export function unavailable(silent: readonly Sentence[], advice = later): Refusal {
  return new Refusal(503, "unavailable", say`${inTurn(silent)}: ${advice}`);
}
