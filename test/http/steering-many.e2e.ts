/** A long retry list: lists, skips and retries are answered soon, however many deliveries wait. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { destination, withManyEvents } from "../support/many-events.ts";
import { ownTime } from "../support/process-stats.ts";
import { startReceiver } from "../support/receiver.ts";

const retrying = 3_000;
const backend = await startReceiver();
const gateway = await withManyEvents(
  { FORWARD_RULES: [{ name: destination, url: backend.url, retry: ["1h"], concurrency: 64 }] },
  { events: 2 * retrying, bytes: 400, retrying },
);

/** Every call takes some milliseconds, and ten times as many deliveries make it no longer. */
const withinMs = 3_000;

async function soon<Answer>(name: string, call: Promise<Answer>): Promise<Answer> {
  const clock = ownTime(gateway.pid, process.pid);
  const at = clock();
  const answer = await call;
  const ms = clock() - at;
  assert.ok(ms < withinMs, `${name} took ${ms} ms`);
  return answer;
}

test("deliveries of a long retry list are listed by page, skipped one by one, and retried by one call", async () => {
  assert.equal((await soon("the report", gateway.destination(destination))).retrying, retrying);
  const ids: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await soon("a page", gateway.events({ state: "retrying", limit: 200, cursor }));
    ids.push(...page.events.map(({ id }) => id));
    if (page.cursor === null) break;
    cursor = page.cursor;
  }
  assert.equal(new Set(ids).size, retrying);
  assert.equal(ids.length, retrying);
  for (const id of [ids[0], ids[retrying / 2], ids[retrying - 1]])
    assert.deepEqual(await soon("a skip", gateway.post(`/api/events/${id}/skip`, {}, 200)), { skipped: 1 });
  const retried = soon("the retry", gateway.post(`/api/destinations/${destination}/retry`));
  assert.deepEqual(await retried, { queued: retrying - 3 });
  await soon("a callback", gateway.accept("Test.CallbackAfterMeanwhile", { GroupId: "meanwhile" }));
  // How soon all are sent is a matter of the disk: each outcome is a row.
  await backend.requests(200);
  const { dead, waiting } = await gateway.destination(destination);
  assert.deepEqual({ dead, waiting }, { dead: 3, waiting: 0 });
});
