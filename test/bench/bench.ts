/** `npm run bench`: measures the production build against what it is held against. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundle } from "../../src/cli/bundle.ts";
import { onStop, program } from "../../src/cli/program.ts";
import { root } from "../../src/cli/root.ts";
import { measure, unless, withBench } from "./measure.ts";
import { goalRequests } from "./memory.ts";
import { type PartName, partNames } from "./parts.ts";
import { type Plan, plans } from "./plans.ts";
import { processor } from "./processor.ts";
import { chartOf, json, markdown, terminal } from "./report.ts";
import { buildOf, compareVersions } from "./versions.ts";
import { versionsJson, versionsTable } from "./versions-report.ts";

const help = `Usage: npm run bench [-- options]

Measures the gateway on this machine: against two reference Workers on the same runtime and disk, against servers
that teams write, and as it grows. Everything is sent to 127.0.0.1. Leave the machine alone meanwhile. A full run takes
about 20 minutes. A part that fails is named, the others go on, and the bench exits with 1.

  --quick        under a minute, fewer and shorter runs
  --only PART    measures one part, or several, separated by commas, and prints all of it:
                 ${partNames.slice(0, 7).join(", ")},
                 ${partNames.slice(7).join(", ")}
  --rounds N     how often each subject of the part processor takes its turn
  --requests N   how many requests the part memory sends (90000, which takes about two minutes)
  --against DIR  compares this version with another one only: a checkout with its own node_modules;
                 with --only processor, by the processor time of events
  --json         ends with the numbers as one line of JSON
  --write        writes docs/bench.md and docs/bench.svg, of a whole run; with --only memory, sends ${goalRequests} requests,
                 which takes six to twelve minutes, and records their numbers for whole runs`;

program(async () => {
  const { values } = parseArgs({
    options: {
      help: { type: "boolean", short: "h" },
      quick: { type: "boolean" },
      only: { type: "string" },
      rounds: { type: "string" },
      requests: { type: "string" },
      against: { type: "string" },
      json: { type: "boolean" },
      write: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const names = partsNamed(values.only);
  const isWhole = values.only === undefined && values.against === undefined;
  const records = values.write === true && names.join() === "memory";
  if (values.write && !isWhole && !records)
    throw new Error("--write: a page needs all parts of one run, without --only and --against");
  const plan = planned(values.quick ? plans.quick : plans.full, values, records);
  const { stopping } = onStop();
  const startedAt = Date.now();
  const say = (line: string) =>
    console.log(`${String(Math.round((Date.now() - startedAt) / 1000)).padStart(4)} s  ${line}`);
  const product = await bundle(stopping);
  const setup = { plan, product, say };
  const other = values.against === undefined ? undefined : await buildOf(values.against, stopping);
  if (other && values.only === undefined) {
    const compared = await unless(
      stopping,
      "stopped",
      withBench(setup, (bench) => compareVersions(bench, other)),
    );
    console.log(`\n${versionsTable(Object.values(compared))}`);
    if (values.json) console.log(versionsJson(compared));
    return 0;
  }
  if (other && names.join() !== "processor")
    throw new Error("--against: of the parts, processor alone compares versions");
  const report = await measure(
    setup,
    names,
    stopping,
    other && { processor: (bench) => processor(bench, other) },
  );
  console.log(`\n${terminal(report, values.only === undefined)}`);
  if (values.write && isWhole) {
    const docs = join(root, "docs");
    mkdirSync(docs, { recursive: true });
    writeFileSync(join(docs, "bench.md"), markdown(report));
    const chart = chartOf(report);
    if (chart) writeFileSync(join(docs, "bench.svg"), chart);
  }
  if (values.json) console.log(json(report));
  return report.failed.size > 0 ? 1 : 0;
});

function partsNamed(text: string | undefined): readonly PartName[] {
  if (text === undefined) return partNames;
  return text.split(",").map((given) => {
    const name = partNames.find((one) => one === given.trim());
    if (!name) throw new Error(`--only: expected some of ${partNames.join(", ")}, got ${given}`);
    return name;
  });
}

function planned(
  plan: Plan,
  given: { rounds?: string | undefined; requests?: string | undefined },
  record: boolean,
): Plan {
  const rounds = wholeNumber("--rounds", given.rounds);
  const requests = wholeNumber("--requests", given.requests);
  const { processor } = plan;
  const rates = processor.rates.map((rate) => ({ ...rate, rounds: rounds ?? rate.rounds }));
  return {
    ...plan,
    processor: { ...processor, rates },
    memory: { requests: record ? goalRequests : (requests ?? plan.memory.requests), record },
  };
}

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`${option}: expected a whole number from 1, got ${text}`);
  return number;
}
