/**
 * Makes mistakes in the code on purpose, one at a time, and simulates with each:
 * `npm run mutate -- [--seeds 300] [--name PART]`. Fails unless each mistake is found.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { find } from "./find.ts";
import { mutations } from "./mutations.ts";

const { values } = parseArgs({
  options: { seeds: { type: "string", default: "300" }, name: { type: "string", default: "" } },
});
const chosen = mutations.filter(({ name }) => name.includes(values.name));
const waiting = [...chosen];
let missed = 0;

async function work(): Promise<void> {
  for (let mutation = waiting.shift(); mutation; mutation = waiting.shift()) {
    const found = await find(mutation, Number(values.seeds));
    if (!found) missed++;
    console.log(`${mutation.name}: ${found ? `${found.run}: ${found.problem}` : "NOT FOUND"}`);
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, work));
console.log(`${chosen.length - missed} of ${chosen.length} mistakes are found`);
process.exitCode = missed === 0 ? 0 : 1;
