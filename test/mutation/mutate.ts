/** `npm run mutate`: makes mistakes in the code on purpose, one at a time, and simulates with each. */
import { availableParallelism } from "node:os";
import { readOptions } from "../support/options.ts";
import { find } from "./find.ts";
import { mutations } from "./mutations.ts";

const help = `Usage: npm run mutate [-- options]

Makes mistakes in the code on purpose, one at a time, and simulates with each.

  --seeds N    simulated runs with a mistake, beside the runs that are kept (300)
  --name PART  only the mistakes whose name has this part
  --jobs N     mistakes at a time (as many as there are processors)

Exits with 1 unless each mistake is found.`;

const { seeds, name: part, jobs } = readOptions(help, { seeds: 300, name: "", jobs: availableParallelism() });
const chosen = mutations.filter(({ name }) => name.includes(part));
const waiting = [...chosen];
let found = 0;
let untried = 0;

function sum(): string {
  const others = untried > 0 ? `, ${untried} could not be tried` : "";
  return `${found} of ${chosen.length} mistakes are found${others}`;
}

async function work(): Promise<void> {
  for (let mutation = waiting.shift(); mutation; mutation = waiting.shift())
    try {
      const one = await find(mutation, seeds);
      if (one) found++;
      console.log(`${mutation.name}: ${one ? `${one.run}: ${one.problem}` : "NOT FOUND"}`);
    } catch (error) {
      untried++;
      console.log(`${mutation.name}: NOT TRIED: ${(error as Error).message}`);
    }
}

for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const)
  process.on(signal, () => {
    console.log(`ended by ${signal}: ${sum()} so far`);
    process.exit(1);
  });

await Promise.all(Array.from({ length: jobs }, work));
console.log(sum());
process.exitCode = found === chosen.length ? 0 : 1;
