/** Nothing that a request can name makes rows, counters, metrics, answers or the log grow without bound. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startGateway } from "../support/gateway.ts";
import { reply, startReceiver } from "../support/receiver.ts";
import { nameMany } from "./names.ts";
import { lastRecord, rowsByTable } from "./rows.ts";

/** Names of each dimension in one round: twenty unknown fields a request fill the drift report in the first. */
const names = 40;

/** The largest numbers that any names can lead to. */
const bounds = {
  /** Rows of `drift`, a shard. */
  drift: 1_000,
  /** Rows of `misfit_…`: paths of a day, and one more of each of the 86 commands. */
  misfit: 500 + 86,
  /** Rows of `standing`. */
  standing: 3,
  /** Refusals in the log: of each of four reasons, in a minute. A round may begin in one minute and end in the next. */
  logged: 2 * 4 * 20,
};

const receiver = await startReceiver(reply(200));
const gateway = await startGateway({
  FORWARD_RULES: [
    { name: "audit", url: receiver.url, concurrency: 20 },
    { name: "ordered", url: receiver.url, order: "conversation", concurrency: 20 },
  ],
});

interface Look {
  rows: Record<string, number>;
  record: ReturnType<typeof lastRecord>;
  /** Names of metrics with their samples, but for those of drift. */
  metrics: string[];
  driftLines: number;
  characters: Record<"health" | "drift" | "destinations" | "stats" | "commands", number>;
}

async function look(): Promise<Look> {
  await gateway.destinationIs("audit", { waiting: 0, retrying: 0 });
  await gateway.destinationIs("ordered", { waiting: 0, retrying: 0 });
  const lines = (await gateway.metrics()).split("\n").filter((line) => !line.startsWith("#"));
  const isDrift = (line: string) => line.startsWith("tim_relay_drift_total");
  const size = async (path: string) => JSON.stringify(await gateway.get(path)).length;
  const characters = {
    health: JSON.stringify(await gateway.health()).length,
    drift: await size("/api/drift"),
    destinations: await size("/api/destinations"),
    stats: await size("/api/stats?minutes=1"),
    commands: await size("/api/commands"),
  };
  await gateway.stop();
  const rows = rowsByTable(gateway.dataDir);
  const record = lastRecord(gateway.dataDir);
  await gateway.start();
  return {
    rows,
    record,
    metrics: lines.filter((line) => !isDrift(line)).map((line) => line.replace(/ \S+$/, "")),
    driftLines: lines.filter(isDrift).length,
    characters,
  };
}

test("twice as many names make nothing grow", async () => {
  await nameMany(gateway.url, 0, names);
  const logged = gateway.log().match(/"at":"refused"/g) ?? [];
  assert.ok(logged.length > 0 && logged.length <= bounds.logged, `${logged.length} refusals are in the log`);
  const first = await look();
  await nameMany(gateway.url, names, names);
  const second = await look();

  assert.deepEqual(Object.keys(second.rows).sort(), Object.keys(first.rows).sort(), "tables");
  for (const table of ["drift", "misfit", "standing"] as const) {
    const [before, after] = [first.rows[table]!, second.rows[table]!];
    assert.ok(after <= bounds[table], `${table} has ${after} rows`);
    if (before < bounds[table] / 2) assert.equal(after, before, `rows of ${table}`);
  }
  assert.ok(
    first.rows.drift! > bounds.drift / 2,
    `the first names fill the report: ${first.rows.drift} rows`,
  );
  for (const table of ["retry", "blocked"]) assert.equal(second.rows[table], 0, `rows of ${table}`);

  // A counter with a label has the label's value in its name. A slow machine needs more buckets of latencies, also by destination.
  const countersOf = ({ record }: Look) =>
    record.counters
      .filter((name) => name.includes(":") && !/^(within|took|answered|decided):/.test(name))
      .sort();
  assert.deepEqual(countersOf(second), countersOf(first), "counters");
  assert.deepEqual(second.metrics, first.metrics, "metrics");
  assert.ok(second.driftLines <= bounds.drift, `${second.driftLines} lines of drift`);
  assert.ok(second.record.characters < 4_000, `a record of ${second.record.characters} characters`);

  // Numbers have more digits.
  for (const [path, before] of Object.entries(first.characters)) {
    const after = second.characters[path as keyof Look["characters"]];
    const most = path === "drift" ? bounds.drift * 1_000 : before * 1.1 + 100;
    assert.ok(after <= most, `${path}: ${before} characters, then ${after}`);
  }
});
