/** Activities that come hours or days later: the storage is made older while the gateway does not run. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { readEventId } from "../../../src/callback/event-id.ts";
import { age, keptDays } from "../../shard/ageing.ts";
import { objectsFolder } from "../../support/data-folder.ts";
import { reply } from "../../support/receiver.ts";
import { until } from "../../support/until.ts";
import { slowly } from "../destinations.ts";
import type { Round } from "../round.ts";
import type { Activity } from "./activity.ts";

const hourly = Array.from({ length: 20 }, () => "1h");

/** A destination that refuses every first attempt, and gets another an hour later. */
function addLate({ lasting, rules }: Round): void {
  for (const all of [lasting, rules]) all.set("late", { retry: hourly, concurrency: 16 });
}

/** Retries that are due a day later: no request wakes the shards, but their alarms do. */
export const retryingByAlarm: Activity = {
  set: addLate,
  async begin(round, { share }) {
    const late = round.receivers.get("late")!;
    round.allWell();
    late.answer = reply(422);
    await round.pour(30).ended;
    await round.rest(["late"]);
    await round.host.destinationIs("late", { waiting: 0 });
    await round.kill();
    age(round.host.dataDir, 1);
    const before = late.received.length;
    late.answer = slowly(round.plan, 20);
    await round.start();
    await until("the alarm sends retries", () => late.received.length > before + share * 15, 90_000);
    await until("a retry is held", () => late.held().length > 0 || late.received.length > before + 25);
    return { struck: ({ held }) => held.some(round.isRetry) };
  },
};

/** A day with events that wait, retries of several turns, and dead letters. */
export const droppingADay: Activity = {
  set(round) {
    round.settings = { RETENTION_HOURS: 24 };
    addLate(round);
  },
  async begin(round, { share }) {
    const { host, plan } = round;
    round.allWell();
    round.receivers.get("late")!.answer = reply(422);
    await host.pause("ordered");
    await round.pour(3 * plan.events).ended;
    await round.rest(["ordered", "late"]);
    await round.host.destinationIs("late", { waiting: 0 });
    const { books: whole } = await round.kill();
    round.expire(whole);
    age(host.dataDir, 3);
    const days = keptDays(host.dataDir);
    await round.start();
    if (share === 0) await until("retries are dropped", () => writes(host.dataDir));
    else await host.seen(/day dropped/);
    const rows = (books: typeof whole) => books.reduce((sum, { retries }) => sum + retries.length, 0);
    /** The indexes of the shards that still have the days. */
    const expired = (books: typeof whole) =>
      books.flatMap(({ segments, entries }) =>
        segments.some(({ day, count }) => count > 0 && days.includes(day))
          ? readEventId(entries[0]!.event.id)!.shard
          : [],
      );
    return {
      // A shard has said so just now, or the first rows are gone.
      struck: ({ books }) => share > 0 || rows(books) < rows(whole) || expired(books).length < whole.length,
      // Not before 30 s have passed may the alarm come that goes on: a day later it is due.
      before: ({ books }) => expired(books).length > 0 && age(host.dataDir, 1),
      async after({ books }) {
        const last = days.at(-1)!;
        const dropped = (shard: number) =>
          [...host.log().matchAll(/"at":"day dropped","shard":(\d+),"day":"(\d+)"/g)].some(
            ([, of, day]) => Number(of) === shard && day! <= last,
          );
        await until(
          "the day is dropped on every shard that had it still",
          () => expired(books).every(dropped),
          90_000,
        );
        // A line may come before the rows are durable; an answer of all shards does not.
        await host.health();
      },
    };
  },
};

/** More than a start writes, and less than two hundred retries take that go. Bytes. */
const someRetries = 40_000;

/** Whether a shard drops retries. Making the storage older has left no write-ahead log. */
function writes(dataDir: string): boolean {
  const folder = objectsFolder(dataDir);
  return readdirSync(folder).some(
    (name) =>
      name.endsWith("-wal") &&
      !name.startsWith("metadata") &&
      statSync(join(folder, name)).size > someRetries,
  );
}
