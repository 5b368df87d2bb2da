/**
 * `GET /health`: for monitors and for whoever is woken at night. Anybody may ask for it as often as they like: whoever
 * asks meanwhile, or within a second, is told the same.
 */
import { type Config, readConfig } from "../config.ts";
import { verdictProblems } from "../verdict/problems.ts";
import { version } from "../version.ts";
import { mergeReports } from "./destinations.ts";
import { destinationProblems, type Misfit, misfitProblems } from "./problems.ts";
import { json } from "./reply.ts";
import { shard, shardCount } from "./shards.ts";
import { breakers } from "./verdicts.ts";

/** How long an answer holds. Milliseconds. */
const freshFor = 1_000;

/** A shard that takes longer does not answer. Milliseconds. */
const answersWithin = 3_000;

/** Whose request began to look is gone, perhaps: nobody waits longer for it. Milliseconds. */
const looksFor = 5_000;

interface Look {
  /** When it began; since it has ended, when it ended. */
  at: number;
  ended: boolean;
  problems: Promise<readonly string[]>;
}

const looks = new WeakMap<Env, Look>();

export async function health(env: Env, ctx: ExecutionContext): Promise<Response> {
  const look = currentLook(env);
  ctx.waitUntil(look.problems);
  const problems = await look.problems;
  return json({ status: problems.length === 0 ? "ok" : "degraded", version, problems });
}

function currentLook(env: Env): Look {
  const now = Date.now();
  const last = looks.get(env);
  // Where a clock was set back, the last look lies in the future.
  if (last && now >= last.at && now < last.at + (last.ended ? freshFor : looksFor)) return last;
  const look: Look = { at: now, ended: false, problems: problemsOf(env) };
  const end = () => Object.assign(look, { at: Date.now(), ended: true });
  look.problems.then(end, end);
  looks.set(env, look);
  return look;
}

async function problemsOf(env: Env): Promise<readonly string[]> {
  const config = readConfig(env);
  return [
    ...config.problems,
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

/** Never throws. */
async function ask(env: Env, config: Config, index: number) {
  const stub = shard(env, config, index);
  // An older release of the shard, which may run on for a moment, does not count them.
  const quarantined = stub.quarantined().catch((): Misfit[] => []);
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
    return { problems: [`shard ${index} does not answer`], destinations: [], misfits: [] };
  }
}
