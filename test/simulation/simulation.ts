/**
 * One simulated run of the gateway: steps, then time to recover, then the books. The seed decides everything that the
 * steps leave open, so that a run is the same each time.
 */

import { Chance } from "../support/chance.ts";
import { disagreement } from "./balance.ts";
import { Bookkeeper, type Tally } from "./bookkeeper.ts";
import { drawSteps } from "./draw-steps.ts";
import { SimulatedGateway } from "./gateway.ts";
import { destinationNames, everyWay, type PeerManner, type Step } from "./steps.ts";
import { Timeline } from "./timeline.ts";

export interface Run {
  seed: number;
  /** Absent: every destination is posted to. `every`: further ones go each other way. */
  ways?: "every";
  steps: readonly Step[];
}

/** The problems of a run, and the step after which they showed. */
export interface Failure {
  /** Its number among the steps; null: at the end. */
  step: number | null;
  problems: string[];
}

/** A run begins at some time of this day. */
const startsAt = Date.parse("2026-11-22T00:00:00Z");
const dayMs = 86_400_000;

/** Steps of a run. */
const stepCount = 40;

/** How long the gateway has to recover. Milliseconds. */
const recoveryMs = 3 * 3_600_000;

/** Within this time all shards agree, though nothing is decided anew. Milliseconds. */
const agreementMs = 180_000;

export function drawRun(seed: number): Run {
  return { seed, ways: "every", steps: drawSteps(stepCount, everyWay, new Chance(seed)) };
}

export async function simulate({
  seed,
  ways,
  steps,
}: Run): Promise<{ failure: Failure | null; tally: Tally }> {
  const world = new Chance(seed ^ 0x5f3759df);
  const timeline = new Timeline(startsAt + world.between(0, dayMs - 1), world);
  const gateway = new SimulatedGateway(timeline, world, ways === "every" ? everyWay : destinationNames);
  const books = new Bookkeeper(gateway);
  for (const [number, step] of steps.entries()) {
    gateway.take(step)?.catch(() => {});
    await timeline.pass(step.do === "pass" ? step.ms : world.between(0, 30));
    const problems = books.look();
    if (problems.length > 0) return { failure: { step: number, problems }, tally: books.tally() };
  }
  await timeline.pass(40_000);
  // A shard may have begun since the last look: with the rules of now, not with those that are right again.
  const problems = books.look();
  gateway.heal();
  problems.push(
    ...books.look(),
    ...(await recovered(gateway)),
    ...(await watched(gateway)),
    ...(await listened(gateway)),
  );
  problems.push(...books.look(), ...(await books.close()));
  return { failure: problems.length > 0 ? { step: null, problems } : null, tally: books.tally() };
}

/**
 * Watches the gateway, which is well by now: a viewer is shown everything that is kept, and then what comes. Shards that
 * die meanwhile cost it nothing, unless its connection ends in one of them.
 */
async function watched(gateway: SimulatedGateway): Promise<string[]> {
  const { timeline, viewers } = gateway;
  const connecting = viewers.watch(true, true);
  await timeline.until(connecting, 60_000);
  const viewer = await connecting;
  if (!viewer) return ["a viewer is not connected"];
  for (let times = 0; times < 2; times++) {
    gateway.take({ do: "append", conversations: "abcd-" })?.catch(() => {});
    await timeline.pass(gateway.chance.between(0, 100));
    for (const object of gateway.shards.slice(1)) object?.crash();
    await timeline.pass(60_000);
  }
  const problems = [...viewers.unshown(viewer)];
  viewers.leave();
  await timeline.pass(1_000);
  return [...problems, ...viewers.leftovers()];
}

/**
 * While nobody listens, every shard holds its events, even one that was not told and learns it by a message. When somebody
 * comes, every shard hears of it, even one that is out of reach until shard 0 has started again.
 */
async function listened(gateway: SimulatedGateway): Promise<string[]> {
  const { timeline, listeners, destinations } = gateway;
  if (!gateway.wanting.includes("listened")) return [];
  const others = Array.from({ length: gateway.shardCount - 1 }, (_, index) => index + 1);
  const reach = (as: PeerManner) => {
    for (const shard of others) gateway.take({ do: "reach", shard, as });
  };
  reach("unreachable");
  listeners.depart("listened", "leaves");
  await timeline.pass(1_000);
  gateway.shards[0]!.evict();
  reach("well");
  const { arrivals } = destinations.get("listened")!;
  const before = arrivals.length;
  gateway.take({ do: "append", conversations: "abcd-" })?.catch(() => {});
  await timeline.pass(60_000);
  const problems = await listeners.disagreement("listener");
  if (arrivals.length > before) problems.push("an event has arrived though nobody listens");
  reach("unreachable");
  listeners.stay("listened");
  await timeline.pass(5_000);
  gateway.shards[0]!.evict();
  reach("well");
  await timeline.pass(120_000);
  return [...problems, ...(await listeners.disagreement(undefined))];
}

/** Lets the gateway recover. Returns the problems that are left. */
async function recovered(gateway: SimulatedGateway): Promise<string[]> {
  const { timeline } = gateway;
  const ask = (asked: Promise<unknown>) => timeline.until(asked, 60_000);
  await ask(gateway.ask(0, (shard) => shard.join(gateway.shardCount)));
  await timeline.pass(agreementMs);
  const problems = [...disagreement(gateway)];
  for (const name of gateway.names) await ask(gateway.resume(name));
  await timeline.pass(recoveryMs);
  for (const [index, object] of gateway.shards.entries()) {
    if (!object) continue;
    const read = gateway.read(index);
    const asked = gateway.ask(index, (shard) => shard.problems());
    await ask(Promise.all([read, asked]));
    if (!(await read)) problems.push(`${object.name} does not answer`);
    problems.push(...((await asked) ?? []));
  }
  return problems;
}
