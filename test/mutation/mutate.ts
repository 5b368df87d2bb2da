/** `npm run mutate`: makes mistakes in the code on purpose, one at a time, and simulates with each. */
import { availableParallelism } from "node:os";
import { readOptions } from "../support/options.ts";
import { find } from "./find.ts";
import { mutations } from "./mutations.ts";

const help = `Usage: npm run mutate [-- options]

Makes mistakes in the code on purpose, one at a time, and simulates with each.

  --seeds N    simulated runs with a mistake, before the runs that are kept (300)
  --name PART  only the mistakes whose name has this part

Exits with 1 unless each mistake is found.`;

const { seeds, name: part } = readOptions(help, { seeds: 300, name: "" });
const chosen = mutations.filter(({ name }) => name.includes(part));
const waiting = [...chosen];
let missed = 0;

async function work(): Promise<void> {
  for (let mutation = waiting.shift(); mutation; mutation = waiting.shift()) {
    const found = await find(mutation, seeds);
    if (!found) missed++;
    console.log(`${mutation.name}: ${found ? `${found.run}: ${found.problem}` : "NOT FOUND"}`);
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, work));
console.log(`${chosen.length - missed} of ${chosen.length} mistakes are found`);
process.exitCode = missed === 0 ? 0 : 1;
