/**
 * The waking of a shard: how long the first callback waits after a start of the runtime, with a full storage and with
 * an empty one. The time includes compiling the Worker for both of its isolates.
 */
import { DatabaseSync } from "node:sqlite";
import { noAttempts, withAttempt } from "../../src/shard/pump/attempts.ts";
import { RetryList } from "../../src/shard/pump/retry-list.ts";
import { SettledDeliveries } from "../../src/shard/pump/settled.ts";
import { newSql } from "../shard/sqlite.ts";
import { usualSize } from "./acceptance.ts";
import { bodies, queryOf } from "./callbacks.ts";
import { type Filled, filledWith } from "./filled.ts";
import type { Measured } from "./part.ts";
import { shardFile } from "./prefill.ts";
import { inTurns, sampleOf } from "./sample.ts";
import { type Bench, destination, gatewaySettings, startWorker } from "./servers.ts";

const hourMs = 3_600_000;

export async function waking({ product, backend, plan, say }: Bench): Promise<Measured> {
  const { events, retries, deadLetters, rounds } = plan.waking;
  const count = (value: number) => value.toLocaleString("en");
  const full = `${count(events)} events, ${count(retries)} retries and ${count(deadLetters)} dead letters`;
  say(`filling a shard with ${full}`);
  const filled = await filledWith(events, product);
  addFailures(filled, retries, deadLetters);
  const empty = await filledWith(0, product);
  const next = bodies("AfterSendMsg", usualSize);
  const settings = gatewaySettings([destination("d0", backend)]);
  const cpuMs: number[] = [];
  const found = await inTurns([filled, empty], rounds, async (storage) => {
    const server = await startWorker(product, settings, storage.dir);
    const cpuBefore = server.cpuSeconds();
    const now = Date.now();
    const startedAt = performance.now();
    const response = await fetch(server.url + queryOf("AfterSendMsg", now), {
      method: "POST",
      body: next(now),
    });
    await response.text();
    const ms = performance.now() - startedAt;
    const cpuAfter = server.cpuSeconds();
    if (storage === filled && cpuBefore !== null) cpuMs.push((cpuAfter! - cpuBefore) * 1_000);
    await server.stop();
    if (response.status !== 200) throw new Error(`the first callback was answered ${response.status}`);
    say(`  ${storage === filled ? "full" : "empty"}: ${ms.toFixed(0)} ms`);
    return ms;
  });
  const [filledMs, emptyMs] = [sampleOf(found.get(filled)!), sampleOf(found.get(empty)!)];
  return {
    numbers: { wakingMs: filledMs },
    sentences: [
      `The first callback after a start of the runtime is answered after ${filledMs.median.toFixed(0)} ms by a shard with ${full}, ` +
        `after ${emptyMs.median.toFixed(0)} ms by an empty one. Compiling the Worker is part of both.` +
        `${cpuMs.length > 0 ? ` The full one takes ${sampleOf(cpuMs).median.toFixed(0)} ms of processor time for it.` : ""}`,
    ],
    tables: [],
  };
}

/** The first events wait for a retry in an hour, the next ones have been given up. */
function addFailures({ dir, positions }: Filled, retries: number, deadLetters: number): void {
  const at = Date.now();
  const failure = { at, ms: 12, status: 500, error: "answered 500", response: "x".repeat(300) };
  const attempts = withAttempt(withAttempt(noAttempts, failure), failure);
  const database = new DatabaseSync(shardFile(dir));
  const sql = newSql(database);
  const list = new RetryList(sql);
  const settled = new SettledDeliveries(sql);
  const failed = { destination: "d0", attempts };
  database.exec("PRAGMA synchronous = OFF; BEGIN");
  for (const position of positions.slice(0, retries))
    list.add({ ...failed, due: at + hourMs, positions: [position], failures: 2 });
  for (const position of positions.slice(retries, retries + deadLetters))
    settled.add({ ...failed, position, state: "dead", at });
  database.exec("COMMIT");
  database.close();
}
