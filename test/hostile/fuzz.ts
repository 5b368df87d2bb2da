/** `npm run fuzz`: sends hostile requests to a gateway, or compares the times of its refusals. */
import { Chance } from "../support/chance.ts";
import { readOptions } from "../support/options.ts";
import { openCampaign } from "./campaign.ts";
import { measure } from "./timing.ts";

const help = `Usage: npm run fuzz [-- options]

Sends hostile requests to a gateway, each drawn by a seed of its own.

  --requests N  how many requests (20000)
  --from N      the seed of the first request (1)
  --timing N    compares the times of refusals instead, in so many pairs

Exits with 1 if a request finds a problem, and prints the command that repeats it.`;

const { requests, from, timing } = readOptions(help, { requests: 20_000, from: 1, timing: 0 });
if (timing > 0) process.exit((await measure(timing, new Chance(from))) ? 0 : 1);

// The gateway ends with this process.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

const startedAt = Date.now();
const campaign = await openCampaign();
let shown = 0;
await campaign.run(from, requests, () => {
  for (const problem of campaign.problems.slice(shown)) console.log(problem);
  shown = campaign.problems.length;
});
await campaign.close();
const seconds = Math.round((Date.now() - startedAt) / 1_000);
console.log(`${campaign.problems.length} problems in ${seconds} s: ${JSON.stringify(campaign.sums)}`);
process.exit(campaign.problems.length > 0 ? 1 : 0);
