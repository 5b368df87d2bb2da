/** Asks every shard for a report that is of use without one of them: a silent shard is named instead. */
import { log } from "../log.ts";
import { LogLimit } from "../log-limit.ts";
import type { Shard } from "../shard/shard.ts";
import { isOnEdge } from "./address.ts";
import type { Context } from "./context.ts";
import { silenceProblem } from "./problems.ts";
import { everyShard, fileOf } from "./shards.ts";

/** A shard that takes longer is silent. Milliseconds. */
const answerWithinMs = 3_000;

const silences = new LogLimit();

/** The answers of all shards but the silent ones, and a sentence for each of these. */
export interface Answers<Answer> {
  answers: Answer[];
  silent: string[];
}

/** @param at names the report in the log */
export async function askEach<Answer>(
  { request, env, config }: Pick<Context, "request" | "env" | "config">,
  at: string,
  ask: (stub: DurableObjectStub<Shard>) => Promise<Answer>,
): Promise<Answers<Answer>> {
  const asked = await everyShard(env, config, async (stub, index) => {
    const late = scheduler.wait(answerWithinMs).then(() => {
      throw new Error(`no answer within ${answerWithinMs} ms`);
    });
    try {
      return { answer: await Promise.race([ask(stub), late]) };
    } catch (error) {
      silences.write(log.error, at, { shard: index, error: String(error) });
      return { silent: silenceProblem(index, error, isOnEdge(request) ? null : fileOf(env, index)) };
    }
  });
  return {
    answers: asked.flatMap((one) => ("answer" in one ? [one.answer as Answer] : [])),
    silent: asked.flatMap((one) => ("silent" in one ? [one.silent as string] : [])),
  };
}
