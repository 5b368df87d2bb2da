/** A gateway with so many events that work on them takes turns, some of them in its retry list. */

import { Journal } from "../../src/shard/journal/journal.ts";
import { noAttempts, withAttempt } from "../../src/shard/pump/attempts.ts";
import { RetryList } from "../../src/shard/pump/retry-list.ts";
import { prefill, shardFile } from "../bench/prefill.ts";
import { newSql } from "../shard/sqlite.ts";
import { inDatabase } from "./data-folder.ts";
import { type Gateway, type Settings, startGateway } from "./gateway.ts";

/** The events are spread over this time, up to now. */
const hourMs = 3_600_000;

/** The account that has sent every event. */
export const sender = "minh";

/** The name of the destination that has taken every event. */
export const destination = "d0";

interface Many {
  events: number;
  /** Bytes of a body. */
  bytes: number;
  /** So many of the first events wait for a retry in an hour. */
  retrying?: number;
}

/** Starts a gateway of one shard that has kept these events. */
export async function withManyEvents(
  settings: Settings,
  { events, bytes, retrying = 0 }: Many,
): Promise<Gateway> {
  // It makes its tables. A rule would read the journal.
  const gateway = await startGateway();
  await gateway.health();
  await gateway.stop();
  prefill(gateway.dataDir, events, bytes, hourMs);
  if (retrying > 0) fillRetries(gateway.dataDir, retrying);
  await gateway.start(settings);
  return gateway;
}

function fillRetries(dataDir: string, events: number): void {
  inDatabase(shardFile(dataDir), (database) => {
    const sql = newSql(database);
    const journal = new Journal(sql);
    const retries = new RetryList(sql);
    const at = Date.now();
    const attempts = withAttempt(noAttempts, {
      at,
      ms: 3,
      status: 500,
      error: "answered 500",
      response: null,
    });
    let left = events;
    database.exec("BEGIN");
    for (let position = 0; left > 0 && position < journal.end; ) {
      const { entries, next } = journal.read(position);
      for (const one of entries.slice(0, left)) {
        retries.add({ destination, due: at + hourMs, positions: [one.position], failures: 1, attempts });
        left--;
      }
      position = next;
    }
    database.exec("COMMIT");
  });
}
