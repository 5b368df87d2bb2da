/** SIGKILL to `npm run serve` alone: its workerd goes on with the load, until the next program takes the folder over. */
import { commandLine } from "../../../src/cli/processes.ts";
import { slowly } from "../destinations.ts";
import { type ServedHost, startServed } from "../served.ts";
import type { Activity } from "./activity.ts";

export const serving: Activity = {
  open: (round) => round.open(startServed),
  async begin(round, { share, delayMs }) {
    const host = round.host as ServedHost;
    round.answer(slowly(round.plan, 10));
    const load = round.pour();
    await round.acknowledged(1 + share * round.plan.events * 0.5, load);
    const orphan = host.killProgram();
    const struck = round.ledger.underWay().length > 0 || round.held().length > 0;
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    await round.start();
    // A zombie has no command line.
    if (commandLine(orphan) !== "")
      round.problems.push(`the workerd of the killed program still runs (${orphan})`);
    const second = round.pour();
    await round.acknowledged(1 + share * 30, second);
    return { struck: () => struck };
  },
};
