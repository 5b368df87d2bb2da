/** The memory of the runtime over many mixed requests: `npm run endure` as a part of the bench. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { root } from "../../src/cli/root.ts";
import type { Endured } from "../growth/endured.ts";
import { untold } from "../support/process-stats.ts";
import type { Measured } from "./part.ts";
import { watched } from "./processes.ts";
import { sampleOf } from "./sample.ts";
import type { Bench } from "./servers.ts";

/** They take longer than all other parts together. */
const goalRequests = 500_000;

export async function memory({ plan, say }: Bench): Promise<Measured> {
  if (untold) return { numbers: {}, sentences: [`Memory was skipped: ${untold}.`], tables: [] };
  const { requests } = plan.memory;
  const count = requests.toLocaleString("en");
  say(`sending ${count} mixed requests`);
  const args = ["--disable-warning=ExperimentalWarning", join(root, "test/growth/endure.ts")];
  const child = watched(
    spawn(process.execPath, [...args, "--json", "--requests", String(requests)], {
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
  const [output, errors] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, "exit")]);
  const last = output.trimEnd().split("\n").at(-1)!;
  if (!last.startsWith("{")) throw new Error(`the run of mixed requests failed: ${last}\n${errors}`);
  const { heldMb, mostMb, growthPct, problems } = JSON.parse(last) as Endured;
  return {
    numbers: { memoryMb: sampleOf([heldMb]), memoryGrowthPct: sampleOf([growthPct]) },
    sentences: [
      ...(requests < goalRequests
        ? [
            `Memory was measured over ${count} requests instead of ${goalRequests.toLocaleString("en")}, which \`npm run bench -- --only memory --requests ${goalRequests}\` sends.`,
          ]
        : []),
      `Over ${count} mixed requests the runtime held ${Math.round(heldMb)} MB at most after a collection, and had ` +
        `${Math.round(mostMb)} MB at most before one.${problems.map((problem) => ` Problem: ${problem}.`).join("")}`,
    ],
    tables: [],
  };
}
