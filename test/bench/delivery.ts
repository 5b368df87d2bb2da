/** The usage of an event that is billed. */
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { settings } from "../../src/settings.ts";
import { segmentTables } from "../support/data-folder.ts";
import { usualSize } from "./acceptance.ts";
import type { Outcome } from "./load.ts";
import type { Sender } from "./peers.ts";
import { shardFile } from "./prefill.ts";
import type { Usage } from "./prices.ts";
import type { Server } from "./processes.ts";
import { type Bench, type Billed, destination, startGateway } from "./servers.ts";

/** Lines of an event in the log: of its callback, and of its delivery to one destination. */
const linesPerEvent = 2;

/** What is not delivered by then will not be. Milliseconds. */
const longestMs = 60_000;

/** Sends open loop. */
export function atRate(
  sender: Sender,
  { url }: Server,
  perSecond: number,
  seconds: number,
  mayFail = false,
): Promise<Outcome> {
  return sender.send(
    { mode: "open", url, kind: "AfterSendMsg", size: usualSize, perSecond, seconds },
    mayFail,
  );
}

/** The usage of an event with one destination, when events come at a rate. */
export async function usageAt(
  perSecond: number,
  seconds: number,
  { product, backend, sender, plan }: Bench,
): Promise<Usage> {
  const gateway = await startGateway(product, { rules: [destination("d0", backend)] });
  await atRate(sender, gateway, 50, plan.openWarmSeconds);
  await gateway.drained();
  await sleep(plan.newsMs);
  const first = await gateway.billed();
  const before = await gateway.billed();
  const cpuBefore = gateway.cpuSeconds();
  const { accepted } = await atRate(sender, gateway, perSecond, seconds);
  const cpuAfter = gateway.cpuSeconds();
  let after = before;
  let questions = 0;
  const until = Date.now() + longestMs;
  for (; after.delivered - before.delivered < accepted; questions++) {
    if (Date.now() > until) throw new Error(`${accepted} events were accepted, and not all delivered`);
    await sleep(plan.newsMs);
    after = await gateway.billed();
  }
  await gateway.stop();

  const events = after.received - before.received;
  // Our own questions are no part of it.
  const perEvent = (item: keyof Billed) =>
    (after[item] - before[item] - questions * (before[item] - first[item])) / events;
  return {
    requests: perEvent("requests"),
    shardRequests: perEvent("shardRequests"),
    rowsWritten: perEvent("rowsWritten"),
    rowsRead: perEvent("rowsRead"),
    cpuMs: cpuBefore === null ? 0 : ((cpuAfter! - cpuBefore) * 1_000) / events,
    objectSeconds: 1 / perSecond,
    bytes: bytesPerEvent(gateway.dir),
    retentionDays: 7,
    logEvents: settings.LOG_SAMPLE.default * linesPerEvent,
  };
}

/** The size of the journal's rows per event, progress records included. */
function bytesPerEvent(dir: string): number {
  const database = new DatabaseSync(shardFile(dir));
  let [bytes, events] = [0, 0];
  for (const name of segmentTables(database)) {
    const row = database
      .prepare(
        `SELECT sum(count) AS events, sum(length(marks) + length(news) + length(heads) + length(bodies)) AS bytes FROM ${name}`,
      )
      .get() as { events: number; bytes: number };
    bytes += row.bytes;
    events += row.events;
  }
  database.close();
  return bytes / events;
}
