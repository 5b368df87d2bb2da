import assert from "node:assert/strict";
import { test } from "node:test";
import { drawRun, type Run, simulate, type Tally } from "./simulation.ts";

/** SEEDS=1000 runs more; FROM=42 begins with another seed. */
const seeds = Number(process.env.SEEDS ?? 120);
const from = Number(process.env.FROM ?? 1);

/** The shards report errors that the simulation causes. */
for (const report of ["log", "warn", "error"] as const) console[report] = () => {};

test(`property: the books balance after ${seeds} random schedules of crashes, faults and steering`, async () => {
  const sums: Partial<Tally> = {};
  for (let seed = from; seed < from + seeds; seed++) {
    const { failure, tally } = await simulate(drawRun(seed));
    assert.deepEqual(failure, null, `seed ${seed}, see npm run simulate -- --from ${seed}`);
    for (const [name, count] of Object.entries(tally) as [keyof Tally, number][])
      sums[name] = (sums[name] ?? 0) + count;
  }
  // A simulation in which little happens would prove little.
  const { acknowledged = 0, deliveries = 0, deadLetters = 0 } = sums;
  assert.ok(
    acknowledged > 20 * seeds && deliveries > 60 * seeds && deadLetters > seeds,
    JSON.stringify(sums),
  );
});

test("a seed gives the same run each time", async () => {
  for (const seed of [1, 2, 3])
    assert.deepEqual(await simulate(drawRun(seed)), await simulate(drawRun(seed)));
});

/** Schedules that failed once, shrunk. */
const found: [what: string, run: Run][] = [
  [
    "a batch in which an event that waited for its conversation stood after later ones",
    {
      seed: 2,
      steps: [
        { do: "append", conversations: "acad-db-" },
        { do: "behave", destination: "both", as: "gone" },
        { do: "pass", ms: 1_100 },
      ],
    },
  ],
  [
    "a delivery that no row recorded before a later event of its conversation failed",
    {
      seed: 12,
      steps: [
        { do: "append", conversations: "accbc", quarantined: true },
        { do: "replayDead", destination: null },
        { do: "forget", destination: "ordered" },
        { do: "replay", event: 47, destination: "ordered" },
        { do: "pass", ms: 5000 },
        { do: "append", conversations: "da", quarantined: true },
        { do: "behave", destination: "plain", as: "well" },
        { do: "crashAtWrite", shard: 1, write: 4 },
        { do: "pass", ms: 31000 },
        { do: "fillDisk", shard: 0, full: false },
        { do: "behave", destination: "ordered", as: "well" },
        { do: "append", conversations: "abda-a-a-a" },
        { do: "deploy", destination: "ordered", rule: "right" },
        { do: "pass", ms: 200000 },
        { do: "append", conversations: "baa", quarantined: true },
        { do: "reach", shard: 0, reachable: true },
        { do: "append", conversations: "bd" },
        { do: "append", conversations: "ab" },
        { do: "append", conversations: "-aaaabac" },
        { do: "crash", shard: 1 },
        { do: "fillDisk", shard: 0, full: true },
      ],
    },
  ],
  [
    "a decision of shard 0 that a full disk did not take",
    {
      seed: 50_115,
      steps: [
        { do: "append", conversations: "babcb-bbcdb" },
        { do: "fillDisk", shard: 0, full: true },
        { do: "append", conversations: "b" },
        { do: "append", conversations: "a" },
        { do: "grow" },
        { do: "append", conversations: "bab-baacabda" },
        { do: "grow" },
        { do: "append", conversations: "bdcb--bba" },
      ],
    },
  ],
];

for (const [what, run] of found)
  test(`the books balance after ${what}`, async () => {
    assert.deepEqual((await simulate(run)).failure, null);
  });
