/** Pauses, resumes and a 410 on several shards: each is decided by shard 0, and holds on all shards. */
import { inTurn, reply } from "../../support/receiver.ts";
import { until } from "../../support/until.ts";
import { slowly } from "../destinations.ts";
import { unanswered } from "../ledger.ts";
import type { Round, Scene } from "../round.ts";
import type { Activity } from "./activity.ts";

export const steering: Activity = {
  async begin(round, { share }) {
    const { chance } = round.plan;
    const well = slowly(round.plan, 10);
    const load = round.pour();
    await round.acknowledged(1 + share * 60, load);
    const [gone, paused, resumed] = chance.pick([
      ["plain", "ordered", "batched"],
      ["ordered", "batched", "plain"],
      ["batched", "plain", "ordered"],
    ]) as [string, string, string];
    await steer(round, resumed, "pause");
    round.receivers.get(gone)!.answer = inTurn(reply(410), well);
    const decided = [steer(round, resumed, "resume"), steer(round, paused, "pause")];
    if (chance.happens(0.5)) await Promise.all(decided);
    if (chance.happens(0.5)) {
      // A short burst may have been delivered whole before.
      round.pour(5);
      await until("it is gone", () => round.receivers.get(gone)!.labels(410).length > 0);
    }
    return {
      struck: ({ calls, books }) => {
        const states = new Set(books.map(({ cluster }) => JSON.stringify(cluster)));
        return calls.length > 0 || states.size > 1 || books.some(({ pending }) => pending.length > 0);
      },
      after: (scene) => holds(round, scene),
    };
  },
};

/** Checks that an answered pause or resume still holds, and resumes everything. */
async function holds(round: Round, scene: Scene): Promise<void> {
  const { host, problems, receivers, steered } = round;
  const stateOf = async (name: string) => (await host.destination(name)).state;
  for (const [name, action] of steered) {
    if (action === "resume" && (await stateOf(name)) === "paused") problems.push(`${name} is paused again`);
    if (action === "pause" && (await stateOf(name)) !== "paused")
      problems.push(`${name} is not paused any more`);
  }
  const paused = [...steered].flatMap(([name, action]) => (action === "pause" ? name : []));
  await round.pour(20).ended;
  for (const name of paused)
    if (isAgreed(scene) && receivers.get(name)!.received.some(({ at }) => at > scene.at))
      problems.push(`${name} is paused, and was sent to`);
  for (const name of ["plain", "ordered", "batched"]) await steer(round, name, "resume");
}

/** Whether every shard had heard of the last decision. */
function isAgreed({ books }: Scene): boolean {
  return new Set(books.map(({ cluster }) => cluster?.version)).size === 1;
}

async function steer({ ledger, host, steered }: Round, name: string, action: "pause" | "resume") {
  steered.set(name, null);
  const answer = await ledger.call(`${action} ${name}`, host[action](name));
  if (answer !== unanswered) steered.set(name, action);
}
