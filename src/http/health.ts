/** `GET /health`: for monitors and for whoever is woken at night. Public, so no value, url or secret is in it. */
import { type Config, readConfig } from "../config.ts";
import type { DestinationReport } from "../shard/destinations.ts";
import { verdictProblems } from "../verdict/problems.ts";
import { version } from "../version.ts";
import { destinationReports } from "./destinations.ts";
import { json } from "./reply.ts";
import { everyShard } from "./shards.ts";
import { breakers } from "./verdicts.ts";

/** A backlog this close to being dropped is a problem. Share of the retention. */
const old = 0.5;

export async function health(request: Request, env: Env): Promise<Response> {
  const config = readConfig(env, [new URL(request.url).host]);
  const verdicts = verdictProblems(config.rules.rules, breakers);
  const problems = [
    ...config.problems,
    ...verdicts,
    ...(config.configured ? await shardProblems(env, config) : []),
  ];
  return json({ status: problems.length === 0 ? "ok" : "degraded", version, problems });
}

/** Anybody may ask for the health as often as they like: the shards are asked once a second. Milliseconds. */
const freshFor = 1_000;

const asked = new WeakMap<Env, { at: number; problems: string[] }>();

async function shardProblems(env: Env, config: Config): Promise<string[]> {
  const last = asked.get(env);
  if (last && Date.now() - last.at < freshFor) return last.problems;
  const problems = await askShards(env, config);
  asked.set(env, { at: Date.now(), problems });
  return problems;
}

async function askShards(env: Env, config: Config): Promise<string[]> {
  try {
    const [ofShards, reports] = await Promise.all([
      everyShard(env, readConfig(env), (stub) => stub.problems()),
      destinationReports(env),
    ]);
    const ofDestinations = [...reports.values()].flatMap((report) => destinationProblems(report, config));
    return [...new Set([...ofShards.flat(), ...ofDestinations])];
  } catch (error) {
    console.error({ at: "health", error: String(error) });
    return ["a shard does not answer"];
  }
}

function destinationProblems(report: DestinationReport, { rules, retentionMs }: Config): string[] {
  const { name, state, waiting, retrying, dead, expired, waitingSince, lastError } = report;
  const backlog = waiting + retrying;
  const configured = rules.rules.some((rule) => rule.kind === "forward" && rule.name === name);
  const problems: string[] = [];
  if (!configured && !rules.waiting.includes(name)) {
    if (backlog > 0)
      problems.push(`${name}: no rule has this name any more, and ${events(backlog)} for it wait`);
    return problems;
  }
  if (state === "disabled")
    problems.push(`${name}: answered 410 and is disabled until it is resumed; ${events(backlog)} wait`);
  if (state === "open")
    problems.push(`${name}: does not answer well (${lastError ?? "unknown"}); ${events(backlog)} wait`);
  if (!configured && waiting > 0) problems.push(`${name}: ${events(waiting)} wait until its rule is mended`);
  if (waitingSince !== null && Date.now() - waitingSince > old * retentionMs)
    problems.push(
      `${name}: its oldest event waits since ${new Date(waitingSince).toISOString()} and will be dropped`,
    );
  if (dead > 0) problems.push(`${name}: ${dead === 1 ? "1 dead letter" : `${dead} dead letters`}`);
  if (expired > 0) problems.push(`${name}: ${events(expired)} were dropped before they could be delivered`);
  return problems;
}

function events(count: number): string {
  return count === 1 ? "1 event" : `${count} events`;
}
