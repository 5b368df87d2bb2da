/** `npm run faults`: kills a gateway, damages its files at random, and starts it again. It must go on answering. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ofManyGroups } from "../support/callbacks.ts";
import { Chance } from "../support/chance.ts";
import { inDatabase, segmentTables, shardFiles } from "../support/data-folder.ts";
import { startGateway } from "../support/gateway.ts";
import { readOptions } from "../support/options.ts";
import { type Receiver, startReceiver } from "../support/receiver.ts";
import { settleLog } from "./files.ts";
import { spoilOne } from "./spoil.ts";

const help = `Usage: npm run faults [-- options]

Kills a gateway, damages its files at random, and starts it again. It must go on answering: 200 for events that it
keeps, 503 for all others, and /health with a sentence where a shard refuses.

  --seeds N  how many times (20)
  --from N   the seed of the first damage (1)

Exits with 1 if a promise is broken, and prints the command that repeats it.`;

const { seeds, from } = readOptions(help, { seeds: 20, from: 1 });

/** A gateway that starts again and again must not fill the log. Characters. */
const longestLog = 400_000;

const eventsBefore = 24;
const eventsAfter = 24;

interface Sums {
  kept: number;
  refused: number;
  refusing: number;
  passing: number;
  unverifiable: number;
}

const sums: Sums = { kept: 0, refused: 0, refusing: 0, passing: 0, unverifiable: 0 };
const receiver = await startReceiver();
const failures: string[] = [];
for (let seed = from; seed < from + seeds; seed++) {
  const dataDir = mkdtempSync(join(tmpdir(), "tim-relay-fuzz-"));
  const damage: string[] = [];
  try {
    await round(seed, dataDir, receiver, damage);
    console.log(`seed ${seed}: ${damage.join("; ")}`);
  } catch (error) {
    failures.push(`seed ${seed}`);
    console.error(
      `seed ${seed} fails after ${damage.join("; ")}: ${error instanceof Error ? error.message : error}`,
    );
    console.error(`repeat it: npm run faults -- --from ${seed} --seeds 1`);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
console.log(
  `${seeds} seeds: ${sums.kept} events acknowledged and kept, ${sums.refused} refused, ${sums.refusing} shards refused all, ${sums.passing} passed over damaged rows, ${sums.unverifiable} acknowledged beside damage that hides them; ${failures.length} failed`,
);
process.exit(failures.length > 0 ? 1 : 0);

async function round(seed: number, dataDir: string, receiver: Receiver, damage: string[]): Promise<void> {
  const chance = new Chance(seed);
  const rule = { name: "a", url: receiver.url, order: chance.pick(["none", "conversation"]) };
  const settings = (...rules: object[]) => ({ SHARDS: 3, FORWARD_RULES: rules });
  // A rule that is wrong lets its events wait, so that the next start has to read them.
  const waits = chance.happens(0.6);
  const gateway = await startGateway(settings(waits ? { ...rule, retry: ["soon"] } : rule), { dataDir });
  const before = ofManyGroups(eventsBefore, `${seed}-before-`);
  await Promise.all(before.map(gateway.sendLabelled));
  await (chance.happens(0.5) ? gateway.kill() : gateway.stop());
  // As a file that was used for long: its rows stand in the database, no longer in the log.
  if (chance.happens(0.6)) for (const file of shardFiles(dataDir)) settleLog(file);
  for (let times = chance.between(1, 3); times > 0; times--) damage.push(spoilOne(dataDir, chance));

  await gateway.start(settings(rule));
  const after = ofManyGroups(eventsAfter, `${seed}-after-`);
  const statuses = await Promise.all(after.map(gateway.sendLabelled));
  const others = statuses.filter((status) => status !== 200 && status !== 503);
  if (others.length > 0) throw new Error(`callbacks are answered ${others.join()}`);
  const problems = await gateway.problems();
  const refused = statuses.filter((status) => status === 503).length;
  const isRefusal = /^shard \d does not answer|^shard \d cannot|^the storage of shard \d /;
  const refusing = problems.filter((problem) => isRefusal.test(problem)).length;
  if (refused > 0 && refusing === 0)
    throw new Error(`${refused} are refused, and /health says ${problems.join()}`);
  if (gateway.log().length > longestLog) throw new Error(`the log has ${gateway.log().length} characters`);
  await gateway.kill();

  const acknowledged = after.filter((_, index) => statuses[index] === 200).map(({ label }) => label);
  const { labels, hidden } = keptLabels(dataDir);
  const lost = acknowledged.filter((label) => !labels.has(label));
  if (lost.length > 0 && hidden === 0) throw new Error(`acknowledged and not kept: ${lost.join()}`);
  const known = new Set([...before, ...after].map(({ label }) => label));
  const invented = receiver.labels().filter((label) => label.startsWith(`${seed}-`) && !known.has(label));
  if (invented.length > 0) throw new Error(`sent, but never received: ${invented.join()}`);
  sums.kept += acknowledged.length - lost.length;
  sums.unverifiable += lost.length;
  sums.refused += refused;
  sums.refusing += refusing;
  sums.passing += problems.filter((problem) => /passes over damaged rows/.test(problem)).length;
}

/** The labels in all rows, and how many files hide some of theirs behind damage. */
function keptLabels(dataDir: string): { labels: Set<string>; hidden: number } {
  const labels = new Set<string>();
  let hidden = 0;
  for (const file of shardFiles(dataDir))
    try {
      inDatabase(file, (database) => {
        for (const name of segmentTables(database))
          for (const { heads } of database.prepare(`SELECT heads FROM ${name} ORDER BY position DESC`).all())
            for (const [label] of String(heads).matchAll(/\d+-(?:before|after)-\d+/g)) labels.add(label);
      });
    } catch {
      hidden++;
    }
  return { labels, hidden };
}
