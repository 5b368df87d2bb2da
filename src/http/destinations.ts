/** Destinations: where each stands over all shards, and the steering of them. */
import { readConfig } from "../config.ts";
import type { DestinationReport } from "../shard/destinations.ts";
import { json, Refusal, time } from "./reply.ts";
import { everyShard, shard } from "./shards.ts";

/** The first that any shard reports is the destination's state. */
const worstFirst = ["disabled", "paused", "open", "up"] as const;

export async function listDestinations(env: Env): Promise<Response> {
  const { rules } = readConfig(env).rules;
  const reports = await destinationReports(env);
  return json(
    rules.flatMap((rule) => {
      if (rule.kind !== "forward") return [];
      const report = reports.get(rule.name);
      return {
        name: rule.name,
        url: rule.url,
        state: report?.state ?? "up",
        waiting: report?.waiting ?? 0,
        retrying: report?.retrying ?? 0,
        dead: report?.dead ?? 0,
        expired: report?.expired ?? 0,
        lastSuccessAt: time(report?.lastSuccessAt ?? null),
        lastError: report?.lastError ?? null,
      };
    }),
  );
}

export async function steerDestination(
  name: string,
  action: "pause" | "resume",
  env: Env,
): Promise<Response> {
  const config = readConfig(env);
  const { rules, waiting } = config.rules;
  if (!waiting.includes(name) && !rules.some((rule) => rule.kind === "forward" && rule.name === name))
    throw new Refusal(
      404,
      "unknown_destination",
      `there is no destination ${JSON.stringify(name.slice(0, 100))}`,
    );
  await shard(env, config, 0).steer(name, action);
  const state = (await destinationReports(env)).get(name)?.state ?? "up";
  return json({ name, state });
}

/** Every destination that any shard knows, also those whose rule is wrong or gone, with the worst of each. */
export async function destinationReports(env: Env): Promise<Map<string, DestinationReport>> {
  const reports = await everyShard(env, readConfig(env), (stub) => stub.destinations());
  const worst = new Map<string, DestinationReport>();
  for (const report of reports.flat()) {
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
    lastSuccessAt: Math.max(a.lastSuccessAt ?? 0, b.lastSuccessAt ?? 0) || null,
    lastError: a.lastError ?? b.lastError,
    heldUntil: Math.max(a.heldUntil ?? 0, b.heldUntil ?? 0) || null,
    delayed: a.delayed + b.delayed,
    forgottenAt: Math.max(a.forgottenAt ?? 0, b.forgottenAt ?? 0) || null,
  };
}

function earliest(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b);
}
