/**
 * `GET /health`: for monitors and for whoever is woken at night. Anybody may ask for it as often as they like: whoever
 * asks meanwhile, or within a second, is told the same.
 */
import type { Config } from "../config.ts";
import type { CountedMisfit } from "../shard/append/misfits.ts";
import { verdictProblems } from "../verdict/problems.ts";
import { version } from "../version.ts";
import { isOnEdge } from "./address.ts";
import { breakers } from "./ask-context.ts";
import type { Context } from "./context.ts";
import { mergeReports } from "./destinations.ts";
import { destinationProblems, misfitProblems } from "./problems.ts";
import { json } from "./reply.ts";
import { shard, shardCount } from "./shards.ts";
import { Shared } from "./shared.ts";

/** How long an answer holds. Milliseconds. */
const freshFor = 1_000;

/** A shard that takes longer does not answer. Milliseconds. */
const answersWithin = 3_000;

/** Nobody waits longer for what another request has asked. Milliseconds. */
const waitedFor = 5_000;

const looks = new WeakMap<Env, Shared<readonly string[]>>();

export async function health(context: Context): Promise<Response> {
  const { env, ctx } = context;
  const shared = looks.get(env) ?? new Shared(Date.now, freshFor, waitedFor);
  looks.set(env, shared);
  const answer = shared.ask(() => problemsOf(context));
  // Others may wait for it when this caller is gone.
  ctx.waitUntil(answer);
  const problems = await answer;
  return json({ status: problems.length === 0 ? "ok" : "degraded", version, problems });
}

async function problemsOf({ request, env, config }: Context): Promise<readonly string[]> {
  return [
    ...config.problems,
    ...addressProblems(request, config),
    ...verdictProblems(config.rules.rules, breakers),
    ...(config.configured ? await shardProblems(env, config) : []),
  ];
}

async function shardProblems(env: Env, config: Config): Promise<string[]> {
  const count = await shardCount(env, config);
  const answers = await Promise.all(Array.from({ length: count }, (_, index) => ask(env, config, index)));
  const reports = mergeReports(answers.map(({ destinations }) => destinations));
  const now = Date.now();
  return [
    ...new Set(answers.flatMap(({ problems }) => problems)),
    ...[...reports.values()].flatMap((report) => destinationProblems(report, config, now)),
    ...misfitProblems(answers.map(({ misfits }) => misfits)),
  ];
}

function addressProblems(request: Request, { receiving, trustedProxy }: Config): string[] {
  if (receiving.allows === null || trustedProxy !== null || isOnEdge(request)) return [];
  return ["ALLOW_FROM lets nobody in: no address can be trusted here without TRUSTED_PROXY"];
}

/** Never throws. */
async function ask(env: Env, config: Config, index: number) {
  const stub = shard(env, config, index);
  // An older release of the shard, which may run on for a moment, does not count them.
  const quarantined = stub.quarantined().catch((): CountedMisfit[] => []);
  try {
    const [problems, destinations, misfits] = await Promise.race([
      Promise.all([stub.problems(), stub.destinations(), quarantined]),
      scheduler.wait(answersWithin).then(() => {
        throw new Error(`no answer within ${answersWithin} ms`);
      }),
    ]);
    return { problems, destinations, misfits };
  } catch (error) {
    console.error({ at: "health", shard: index, error: String(error) });
    return {
      problems: [`shard ${index} does not answer: it is overloaded, or its storage cannot be written`],
      destinations: [],
      misfits: [],
    };
  }
}
