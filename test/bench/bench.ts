/** `npm run bench`: measures the production build against what it is held against. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundle } from "../../src/cli/bundle.ts";
import { onStop, program } from "../../src/cli/program.ts";
import { root } from "../../src/cli/root.ts";
import { chart } from "./chart.ts";
import { measure, withBench } from "./measure.ts";
import { type ProcessorPlan, plans } from "./plans.ts";
import { processor } from "./processor.ts";
import { json, markdown, partTable, table, versionsJson, versionsTable } from "./report.ts";
import type { Bench } from "./servers.ts";
import { buildOf, compareVersions } from "./versions.ts";

const help = `Usage: npm run bench [-- options]

Measures the gateway on this machine: against two reference Workers on the same runtime and disk, against a server
written by hand, and as it grows. Everything is sent to 127.0.0.1. Leave the machine alone meanwhile.

  --quick        under a minute, fewer and shorter runs
  --only PART    measures one part and prints it: processor, the processor time of an event at fixed rates
  --rounds N     of that part, how often each subject takes its turn
  --against DIR  compares this version with another one only: a checkout with its own node_modules
  --json         ends with the numbers as one line of JSON
  --write        writes docs/bench.md and docs/bench.svg`;

program(async () => {
  const { values } = parseArgs({
    options: {
      help: { type: "boolean", short: "h" },
      quick: { type: "boolean" },
      only: { type: "string" },
      rounds: { type: "string" },
      against: { type: "string" },
      json: { type: "boolean" },
      write: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const { stopping } = onStop();
  const stopped = new Promise<never>((_, reject) => {
    stopping.addEventListener("abort", () => reject(new Error("stopped")));
  });
  const startedAt = Date.now();
  const say = (line: string) =>
    console.log(`${String(Math.round((Date.now() - startedAt) / 1000)).padStart(4)} s  ${line}`);
  const plan = { ...(values.quick ? plans.quick : plans.full) };
  if (values.rounds !== undefined) plan.processor = withRounds(plan.processor, values.rounds);
  if (values.only !== undefined && values.only !== "processor")
    throw new Error(`--only: expected processor, got ${values.only}`);
  const product = await bundle(stopping);
  const run = <Found>(measure: (bench: Bench) => Promise<Found>) =>
    Promise.race([withBench({ plan, product, say }, measure), stopped]);
  const other = values.against === undefined ? undefined : await buildOf(values.against, stopping);
  if (values.only) {
    console.log(`\n${partTable(await run((bench) => processor(bench, other)))}`);
    return 0;
  }
  if (other) {
    const compared = await run((bench) => compareVersions(bench, other));
    console.log(`\n${versionsTable(Object.values(compared))}`);
    if (values.json) console.log(versionsJson(compared));
    return 0;
  }
  const report = await run(measure);
  console.log(`\n${table(report)}`);
  if (values.write) {
    const docs = join(root, "docs");
    mkdirSync(docs, { recursive: true });
    writeFileSync(join(docs, "bench.md"), markdown(report));
    writeFileSync(join(docs, "bench.svg"), chart(report));
  }
  if (values.json) console.log(json(report));
  return 0;
});

function withRounds(plan: ProcessorPlan, text: string): ProcessorPlan {
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds: expected a whole number from 1, got ${text}`);
  return { ...plan, rates: plan.rates.map((rate) => ({ ...rate, rounds })) };
}
