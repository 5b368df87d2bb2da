/** POST /api/erase over so many events that it takes many turns. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sender, withManyEvents } from "../support/many-events.ts";
import { ownTime } from "../support/process-stats.ts";
import { until } from "../support/until.ts";

const events = 20_000;
const gateway = await withManyEvents({}, { events, bytes: 400 });

/** Far less than an erasure in one turn would hold a callback up. */
const longestCallMs = 2_000;

test("20,000 events are erased in turns, between which callbacks are kept, and over a crash", async () => {
  const { id, matched } = await gateway.post("/api/erase", { account: sender });
  assert.equal(matched, events);
  const seen = new Set<number>();
  const look = async () => {
    const { erased, state } = await gateway.get(`/api/replays/${id}`);
    seen.add(erased);
    return { erased, state };
  };
  let slowest = 0;
  const callback = async (n: number) => {
    const clock = ownTime(gateway.pid, process.pid);
    const at = clock();
    await gateway.accept("Test.CallbackAfterMeanwhile", { GroupId: `meanwhile-${n}`, From_Account: "lan" });
    slowest = Math.max(slowest, clock() - at);
  };
  let kept = 0;
  await until("some are erased", async () => {
    await callback(kept++);
    return (await look()).erased > 0;
  });
  await gateway.kill();
  await gateway.start();
  await until("all are erased", async () => {
    await callback(kept++);
    return (await look()).state === "done";
  });
  assert.equal((await look()).erased, events);
  assert.ok(
    [...seen].some((erased) => erased > 0 && erased < events),
    "it takes turns",
  );
  assert.ok(slowest < longestCallMs, `a callback took ${slowest} ms`);
  assert.deepEqual((await gateway.events({ account: sender })).events, []);
  assert.equal((await gateway.allEvents({ command: "Test.*" })).length, kept);
});
