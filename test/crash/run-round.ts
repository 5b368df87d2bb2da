/** Runs a round: the gateway is killed at each moment of the plan; at the end the books must balance. */
import { setTimeout as sleep } from "node:timers/promises";
import { startGateway } from "../support/gateway.ts";
import { activities } from "./activities/activities.ts";
import { balance, type Sums } from "./balance.ts";
import { brief, drawPlan, type Plan } from "./plan.ts";
import { Round } from "./round.ts";

export interface Outcome {
  plan: Plan;
  /** For each kill of the activity, whether it struck. */
  strikes: boolean[];
  /** Kills of any kind: also those before an activity, and while the process started. */
  kills: number;
  sums: Sums;
  /** Sentences; empty: the books balance. */
  problems: string[];
}

/** Runs within a test, or a program's stand-in for one: gateways and receivers end with it. */
export async function runRound(seed: number, isBrief = false): Promise<Outcome> {
  const plan = isBrief ? brief(drawPlan(seed)) : drawPlan(seed);
  const { activity } = plan;
  const { set, open, begin, end } = activities[activity];
  const round = new Round(plan);
  set?.(round);
  if (open) await open(round);
  else {
    await round.open(startGateway);
    await round.checkRules();
  }

  const strikes: boolean[] = [];
  for (const moment of plan.moments) {
    const { struck, before, after } = await begin(round, moment);
    await sleep(moment.delayMs);
    let scene = await round.kill();
    strikes.push(struck(scene));
    if (moment.againMs !== null && activity !== "serving")
      scene = await round.killWhileStarting(moment.againMs);
    before?.(scene);
    await round.start();
    if (plan.resends) await round.resend();
    await after?.(scene);
  }
  await round.kill();
  end?.(round);
  await recover(round);
  const sums = await balance(round);
  return { plan, strikes, kills: round.kills, sums, problems: round.problems };
}

/** The lasting rules, destinations that are well, everything resumed: every event that can be delivered is delivered. */
async function recover(round: Round): Promise<void> {
  round.rules = new Map(round.lasting);
  round.allWell();
  await round.start();
  for (const { name, state } of await round.host.destinations())
    if (state === "paused" || state === "disabled") await round.host.resume(name);
  await round.pour(20).ended;
  await round.rest();
}

/** The command that repeats a round. */
export function commandOf(seed: number, isBrief: boolean): string {
  return `npm run crash -- --from ${seed} --seeds 1${isBrief ? " --brief" : ""}`;
}
