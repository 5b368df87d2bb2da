/** `npm run bench:page`: measures the dashboard in Chromium against what it is held against. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundle } from "../../../src/cli/bundle.ts";
import { onStop, program } from "../../../src/cli/program.ts";
import { root } from "../../../src/cli/root.ts";
import { chromiumPath, withoutChromium } from "../../support/chromium.ts";
import { measurePage, plans } from "./measure.ts";
import { json, markdown, table } from "./report.ts";

const help = `Usage: npm run bench:page [-- options]

Measures the production build's dashboard in Chromium, on this machine's loopback: how much it loads and how soon it can
be used, a long list that is scrolled, and events that come while it is open. Leave the machine alone meanwhile.

  --quick  a minute, fewer and shorter runs
  --json   ends with the numbers as one line of JSON
  --write  writes docs/page.md`;

program(async () => {
  const { values } = parseArgs({
    options: {
      help: { type: "boolean", short: "h" },
      quick: { type: "boolean" },
      json: { type: "boolean" },
      write: { type: "boolean" },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  if (chromiumPath === null) {
    console.log(`skipped: ${withoutChromium}`);
    return 0;
  }
  const { stopping } = onStop();
  const stopped = new Promise<never>((_, reject) => {
    stopping.addEventListener("abort", () => reject(new Error("stopped")));
  });
  const startedAt = Date.now();
  const say = (line: string) =>
    console.log(`${String(Math.round((Date.now() - startedAt) / 1000)).padStart(4)} s  ${line}`);
  const plan = values.quick ? plans.quick : plans.full;
  const product = await bundle(stopping);
  const report = await Promise.race([measurePage({ product, plan, say }), stopped]);
  console.log(`\n${table(report)}`);
  if (values.write) writeFileSync(join(root, "docs/page.md"), markdown(report));
  if (values.json) console.log(json(report));
  return 0;
});
