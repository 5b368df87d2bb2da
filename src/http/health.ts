/**
 * `GET /health`, for monitors and operators. It is public, so its cost is bounded: requests at the same time, or within
 * a second, share one answer.
 */
import type { Config } from "../config.ts";
import { inTime } from "../in-time.ts";
import { freshLists, listProblems } from "../rule/words/fresh-lists.ts";
import { type Sentence, say } from "../sentence.ts";
import type { CountedMisfit } from "../shard/append/misfits.ts";
import { verdictProblems } from "../verdict/problems.ts";
import { version } from "../version.ts";
import { isOnEdge } from "./address.ts";
import { breakers } from "./ask-context.ts";
import { askEach } from "./ask-each.ts";
import type { Context } from "./context.ts";
import { mergeReports } from "./destination-reports.ts";
import { destinationProblems, misfitProblems } from "./problems.ts";
import { json } from "./reply.ts";
import { standingOf, standingProblems } from "./rule-standing.ts";
import { Shared } from "./shared.ts";

/** How long an answer is served again. Milliseconds. */
const freshForMs = 1_000;

/** Rules are not waited for any longer. Milliseconds. */
const answerWithinMs = 2_500;

/** How long a request waits for the answer that another request has asked for. Milliseconds. */
const sharedForMs = 5_000;

const healthCache = new WeakMap<Env, Shared<readonly Sentence[]>>();

export async function health(context: Context): Promise<Response> {
  const { env, ctx } = context;
  const shared = healthCache.get(env) ?? new Shared(Date.now, freshForMs, sharedForMs);
  healthCache.set(env, shared);
  const answer = shared.ask(() => problemsOf(context));
  // Other requests may wait for it after this one is cancelled.
  ctx.waitUntil(answer);
  const problems = await Promise.race([answer.catch(() => problemsOf(context)), ownLook(context)]);
  return json({ status: problems.length === 0 ? "ok" : "degraded", version, problems });
}

/**
 * A look of this request itself, where the shared one is late: the request that makes that one may have been cancelled.
 * The runtime answers 500 for a request that waits for nothing but another one that is gone.
 */
async function ownLook(context: Context): Promise<readonly Sentence[]> {
  await scheduler.wait(sharedForMs);
  return problemsOf(context);
}

async function problemsOf(context: Context): Promise<readonly Sentence[]> {
  const { request, env, config } = context;
  return [
    ...config.problems,
    ...addressProblems(request, config),
    ...verdictProblems(config.rules.rules, breakers),
    ...(config.configured ? await ownListProblems(context) : []),
    ...(config.configured ? await ruleProblems(env, config) : []),
    ...(config.configured ? await shardProblems(context) : []),
  ];
}

/** Problems of lists that this isolate uses. The shards tell of the lists of forward rules. */
async function ownListProblems({ config, ctx }: Context): Promise<Sentence[]> {
  const rules = config.rules.rules.filter(({ kind, enabled }) => kind !== "forward" && enabled);
  await freshLists(rules, ctx, Date.now(), answerWithinMs);
  return listProblems(rules, Date.now());
}

/** Problems of ask and answer rules that shard 0 knows; none where it is silent, which another problem says. */
async function ruleProblems(env: Env, config: Config): Promise<Sentence[]> {
  const { rules } = config.rules;
  if (rules.every(({ kind }) => kind === "forward")) return [];
  const silent = () => ({ paused: [], open: [] });
  const standing = await inTime(standingOf(env, config).catch(silent), answerWithinMs, silent);
  return standingProblems(standing, config.rules);
}

async function shardProblems(context: Context): Promise<Sentence[]> {
  const { config } = context;
  const { answers, silent } = await askEach(context, "health", async (stub) => {
    // During a deploy a shard may still run an older release, which has no such method.
    const quarantined = stub.quarantined().catch((): CountedMisfit[] => []);
    return Promise.all([stub.problems(), stub.destinations(), quarantined]);
  });
  const reports = mergeReports(answers.map(([, destinations]) => destinations));
  const now = Date.now();
  return [
    ...silent,
    ...new Set(answers.flatMap(([problems]) => problems)),
    ...[...reports.values()].flatMap((report) => destinationProblems(report, config, now)),
    ...misfitProblems(answers.map(([, , misfits]) => misfits)),
  ];
}

function addressProblems(request: Request, { receiving, trustedProxy }: Config): Sentence[] {
  if (receiving.allows === null || trustedProxy !== null || isOnEdge(request)) return [];
  return [say`ALLOW_FROM lets nobody in: no address can be trusted here without TRUSTED_PROXY`];
}
