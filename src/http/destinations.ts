/** Destinations: where each stands over all shards, and the steering of them. */
import { type Config, readConfig } from "../config.ts";
import type { DestinationReport } from "../shard/pump/report.ts";
import { forwards, unknownDestination } from "./recipients.ts";
import { json, Refusal, time } from "./reply.ts";
import { everyShard, shard } from "./shards.ts";

/** The first that any shard reports is the destination's state. */
const worstFirst = ["disabled", "paused", "open", "up"] as const;

/** Those of the rules in their order, then those that something waits for though their rule is wrong or gone. */
export async function listDestinations(env: Env): Promise<Response> {
  const config = readConfig(env);
  const reports = await destinationReports(env);
  const right = config.rules.rules.flatMap((rule) => (rule.kind === "forward" ? [rule] : []));
  const listed = right.map(({ name, written }) => shown(reports.get(name) ?? nothing(name), written, config));
  const others = [...reports.values()]
    .filter(({ name }) => !forwards(config, name))
    .filter(({ waiting, retrying, dead, expired }) => waiting + retrying + dead + expired > 0)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((report) => shown(report, null, config));
  return json([...listed, ...others]);
}

function shown(report: DestinationReport, url: string | null, config: Config) {
  const { name, waiting, estimated, retrying, dead, expired, delivered, failed } = report;
  return {
    name,
    url,
    state: stateOf(report, config),
    waiting,
    ...(estimated && { estimated }),
    waitingSince: time(report.waitingSince),
    retrying,
    dead,
    expired,
    delivered,
    failed,
    lastSuccessAt: time(report.lastSuccessAt),
    lastError: obstacleOf(report, config) ?? report.lastError,
  };
}

/** What its rule keeps from being sent waits as if it were paused. */
function stateOf(report: DestinationReport, config: Config): DestinationReport["state"] {
  return obstacleOf(report, config) === null || report.state === "disabled" ? report.state : "paused";
}

/** Why nothing is sent of what waits, where that is the rule's doing. */
function obstacleOf({ name, waiting, retrying }: DestinationReport, { rules }: Config): string | null {
  const rule = rules.rules.find((one) => one.name === name);
  if (rules.heldNames.includes(name)) return "its rule is wrong: /health says how";
  if (!rule) return "no rule has this name";
  if (rule.kind !== "forward") return "the rule of this name does not forward";
  return !rule.enabled && waiting + retrying > 0 ? "its rule is switched off" : null;
}

/** Of a destination that no shard has seen yet. */
const nothing = (name: string): DestinationReport => ({
  name,
  state: "up",
  waiting: 0,
  estimated: false,
  retrying: 0,
  dead: 0,
  expired: 0,
  delivered: 0,
  failed: 0,
  waitingSince: null,
  lastSuccessAt: null,
  lastError: null,
  heldUntil: null,
  delayed: 0,
  forgottenAt: null,
});

export async function steerDestination(
  name: string,
  action: "pause" | "resume",
  env: Env,
): Promise<Response> {
  const config = readConfig(env);
  if (!config.rules.heldNames.includes(name) && !forwards(config, name)) throw unknownDestination(404, name);
  await shard(env, config, 0).steer(name, action);
  const report = (await destinationReports(env)).get(name) ?? nothing(name);
  return json({ name, state: stateOf(report, config) });
}

/** Lets go of a name that no rule has any more, with all that waits for it. */
export async function forgetDestination(name: string, env: Env): Promise<Response> {
  const config = readConfig(env);
  const refusal = (sentence: string) => new Refusal(400, "destination_in_use", `${name} ${sentence}`);
  if (config.rules.heldNames.includes(name))
    throw refusal("has a rule, though a wrong one: its events wait until that is mended or removed");
  if (forwards(config, name)) throw refusal("has a rule: only what no rule names any more can be forgotten");
  if (!(await destinationReports(env)).has(name)) {
    if (config.rules.rules.some((rule) => rule.name === name))
      throw refusal("has a rule that does not forward");
    throw unknownDestination(404, name);
  }
  await shard(env, config, 0).steer(name, "forget");
  const forgotten = await everyShard(env, config, (stub) => stub.forget(name));
  return json({ forgotten: forgotten.reduce((sum, events) => sum + events, 0) });
}

/** Every destination that any shard knows, also those whose rule is wrong or gone, with the worst of each. */
export async function destinationReports(env: Env): Promise<Map<string, DestinationReport>> {
  return mergeReports(await everyShard(env, readConfig(env), (stub) => stub.destinations()));
}

export function mergeReports(
  shards: readonly (readonly DestinationReport[])[],
): Map<string, DestinationReport> {
  const worst = new Map<string, DestinationReport>();
  for (const report of shards.flat()) {
    const other = worst.get(report.name);
    worst.set(report.name, other ? merge(other, report) : report);
  }
  return worst;
}

function merge(a: DestinationReport, b: DestinationReport): DestinationReport {
  return {
    name: a.name,
    state: worstFirst.find((state) => a.state === state || b.state === state)!,
    waiting: a.waiting + b.waiting,
    estimated: a.estimated || b.estimated,
    retrying: a.retrying + b.retrying,
    dead: a.dead + b.dead,
    expired: a.expired + b.expired,
    delivered: a.delivered + b.delivered,
    failed: a.failed + b.failed,
    waitingSince: earliest(a.waitingSince, b.waitingSince),
    lastSuccessAt: latest(a.lastSuccessAt, b.lastSuccessAt),
    lastError: a.lastError ?? b.lastError,
    heldUntil: latest(a.heldUntil, b.heldUntil),
    delayed: a.delayed + b.delayed,
    forgottenAt: latest(a.forgottenAt, b.forgottenAt),
  };
}

function earliest(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b);
}

function latest(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b);
}
