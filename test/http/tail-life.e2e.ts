/** What the live tail outlives, and what it costs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startGateway } from "../support/gateway.ts";
import { watch } from "../support/tail.ts";
import { until } from "../support/until.ts";

const settings = { SHARDS: 3, READ_TOKEN: "test-read-token" };
const gateway = await startGateway(settings);
const shards = [0, 1, 2];

/** Sends events to all shards. */
async function send(from: number, count = 12): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, (_, index) =>
      gateway.accept("Test.CallbackAfter", { GroupId: `room-${from + index}` }),
    ),
  );
}

const rooms = (events: readonly { event: { conversation: string | null } }[]) =>
  events.map(({ event }) => event.conversation).sort();
const expected = (from: number, count = 12) =>
  Array.from({ length: count }, (_, index) => `group:room-${from + index}`).sort();

const shardOf = (id: string) => Number.parseInt(id.slice(14, 16), 32);

test("a viewer outlives the eviction of every shard, and is shown each event once", async () => {
  const viewer = await watch(gateway);
  for (let round = 0; round < 3; round++) {
    await send(100 * round);
    await viewer.seen("event", 12 * (round + 1));
    for (const shard of shards) await gateway.evict(shard);
  }
  await send(300);
  const events = await viewer.seen("event", 48);
  assert.equal(new Set(events.map(({ event }) => event.id)).size, 48);
  assert.equal(new Set(viewer.ids().map(shardOf)).size, 3);
  assert.deepEqual(rooms(events.slice(36)), expected(300));
  viewer.socket.close();
  await viewer.closed;
});

test("after a crash a viewer connects again, and knows repeated events by their id", async () => {
  const before = await watch(gateway);
  await send(1_000);
  await before.seen("event", 12);
  const since = before.of("event").at(-1)!.event.receivedAt;
  await gateway.restart(settings);
  await before.closed;
  await send(1_100);
  const again = await watch(gateway, { query: { since } });
  await send(1_200);
  const shown = new Map<string, string | null>();
  await until("every event is shown", () => {
    for (const { event } of [...before.of("event"), ...again.of("event")])
      shown.set(event.id, event.conversation);
    return shown.size === 36;
  });
  assert.equal(new Set(again.ids()).size, again.ids().length);
  assert.deepEqual(
    [...shown.values()].sort(),
    [...expected(1_000), ...expected(1_100), ...expected(1_200)].sort(),
  );
  again.socket.close();
  await again.closed;
});

test("a token that may only read may watch, and sees no body", async () => {
  const viewer = await watch(gateway, { token: "test-read-token" });
  await gateway.accept("Test.CallbackAfter", { GroupId: "read", Text: "a secret text" });
  await viewer.seen("event", 1);
  assert.doesNotMatch(viewer.frames.join(""), /a secret text/);
  viewer.socket.close();
  await viewer.closed;
});

test("viewers that came and went cost no request", async () => {
  /** Requests to shards while 20 events come. */
  const requests = async () => {
    const before = await gateway.stats({ minutes: 60 });
    for (let number = 0; number < 20; number++)
      await gateway.accept("Test.CallbackAfter", { GroupId: `cost-${number}` });
    return (await gateway.stats({ minutes: 60 })).shardRequests - before.shardRequests;
  };
  const unwatched = await requests();
  const viewer = await watch(gateway);
  const watched = await requests();
  await viewer.seen("event", 20);
  assert.ok(watched > unwatched, `${watched} requests are no more than ${unwatched}`);
  viewer.socket.close();
  await viewer.closed;
  await until("the shards know that nothing is watched", async () => (await requests()) <= unwatched);
});

test("a stop closes viewers with a reason, and waits for none of them", async () => {
  const viewer = await watch(gateway);
  await gateway.stop();
  assert.deepEqual(await viewer.closed, {
    code: 1001,
    reason: "the gateway stops: connect again, with since",
  });
  await gateway.start(settings);
});

test("a viewer that never acknowledges is shown everything, old and new", async () => {
  await send(2_000, 200);
  const viewer = await watch(gateway, { query: { since: "1h" }, acknowledges: false });
  const before = (await viewer.seen("event", 200)).length;
  await send(3_000, 200);
  await viewer.seen("event", before + 200);
  assert.equal(new Set(viewer.ids()).size, viewer.ids().length);
  assert.deepEqual(viewer.of("gap"), []);
  viewer.socket.close();
});
