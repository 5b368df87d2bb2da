/** `npm run soak`: a gateway with everything on, under steady load and faults, and its books at the end. */
import { writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { bundle } from "../../src/cli/bundle.ts";
import { readOptions } from "../support/options.ts";
import { chart } from "./chart.ts";
import { type Report, soak } from "./run.ts";
import { sparklines } from "./series.ts";

const help = `Usage: npm run soak [-- options]

Runs the gateway on this machine for a while: many callbacks a second, every kind of rule, readers of its API, and
faults from a seed. Then checks that no acknowledged event is lost. Everything is sent to 127.0.0.1.

  --minutes N  how long callbacks are sent (30)
  --rate N     callbacks a second (200)
  --seed N     decides callbacks and faults (1)
  --write FILE writes the chart, for example docs/soak.svg

Exits with 1 if the books do not balance, and names the folder of the evidence.`;

const { minutes, rate, seed, write } = readOptions(help, { minutes: 30, rate: 200, seed: 1, write: "" });
if (!(minutes > 0 && rate > 0)) throw new Error(help);

/** Points of the chart's longest form. */
const mostPoints = 240;

for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));
await bundle(AbortSignal.timeout(120_000));
const seconds = minutes * 60;
const interval = Math.max(1, Math.ceil(seconds / mostPoints));
const report = await soak({ seed, seconds, perSecond: rate, interval }, (line) => console.log(line));
console.log(`\n${sparklines(report)}\n`);
for (const line of report.problems) console.log(line);
if (write !== "") writeFileSync(write, chart(report, noteOf(report)));
if (report.evidence !== null) {
  console.log(`the evidence is in ${report.evidence}`);
  console.log(`again: npm run soak -- --minutes ${minutes} --rate ${rate} --seed ${seed}`);
  process.exitCode = 1;
}
console.log(JSON.stringify({ ...report.options, ...report.balance, ...report.sums }));

function noteOf({ options, balance, sums }: Report): string {
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB`;
  const count = (value: number) => value.toLocaleString("en");
  return `${count(balance.kept)} events kept, ${count(balance.deliveries)} deliveries, ${sums.faults} faults, ${sums.restarts} restarts: ${balance.lost} lost, ${balance.outOfOrder} out of order. Seed ${options.seed}, ${date}, ${machine}.`;
}
