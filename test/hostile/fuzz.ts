/**
 * Sends hostile requests to a gateway: `npm run fuzz -- [--requests 20000] [--from 1]`. A request that finds a problem is
 * printed with the command that repeats it. `-- --timing 5000` compares the times of refusals instead, in so many pairs.
 */
import { parseArgs } from "node:util";
import { Chance } from "../support/chance.ts";
import { openCampaign } from "./campaign.ts";
import { measure } from "./timing.ts";

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "20000" },
    from: { type: "string", default: "1" },
    timing: { type: "string" },
  },
});
if (values.timing !== undefined)
  process.exit((await measure(Number(values.timing), new Chance(Number(values.from)))) ? 0 : 1);

// The gateway ends with this process.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

const startedAt = Date.now();
const campaign = await openCampaign();
let shown = 0;
await campaign.run(Number(values.from), Number(values.requests), () => {
  for (const problem of campaign.problems.slice(shown)) console.log(problem);
  shown = campaign.problems.length;
});
await campaign.close();
const seconds = Math.round((Date.now() - startedAt) / 1_000);
console.log(`${campaign.problems.length} problems in ${seconds} s: ${JSON.stringify(campaign.sums)}`);
process.exit(campaign.problems.length > 0 ? 1 : 0);
