/** What a destination outlives whose listener comes and goes: sleep, stops, crashes, evictions. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Callback, labelsOf, numbered } from "../../support/callbacks.ts";
import { type Gateway, startGateway } from "../../support/gateway.ts";
import { listen, type Request } from "../../support/listener.ts";
import { times } from "../../support/repetition.ts";
import { until } from "../../support/until.ts";

const settings = {
  SHARDS: 3,
  FORWARD_RULES: [{ name: "laptop", url: "listener:", order: "conversation", retry: ["10ms", "10ms"] }],
};
const shards = [0, 1, 2];

const labelOf = ({ body }: Request) => (JSON.parse(body) as { platform: string }).platform;

/** Callbacks of 60 groups in turn. A label begins with its group: `3-7` is the eighth of group 3. */
function inTurns(count: number, from = 0): Callback[] {
  return Array.from({ length: count }, (_, n) => {
    const group = (from + n) % 60;
    return { label: `${group}-${Math.floor((from + n) / 60)}`, group: `@TGS#${group}` };
  });
}

/** Sends the callbacks, those of a group one after another. */
async function send(gateway: Gateway, callbacks: readonly Callback[]): Promise<void> {
  const groups = Map.groupBy(callbacks, ({ group }) => group);
  await Promise.all([...groups.values()].map((group) => gateway.sendAll(group)));
}

/** The labels in the order in which they first came, by group. */
function byGroup(labels: Iterable<string>): Record<string, string[]> {
  return Object.fromEntries(Map.groupBy(new Set(labels), (label) => label.split("-")[0]!));
}

test("all that waits during a sleep comes in order, and nothing twice but that was under way", async () => {
  const gateway = await startGateway(settings);
  const received: string[] = [];
  const taking = (request: Request) => {
    received.push(labelOf(request));
    return { status: 204 };
  };
  const first = await listen(gateway, "laptop", { reply: taking });
  const callbacks = inTurns(1_500 * times);
  const half = callbacks.length / 2;
  await send(gateway, callbacks.slice(0, 120));
  await until("the first have come", () => received.length === 120);

  // It falls asleep on what is under way, and its connection breaks.
  first.reply = () => null;
  await send(gateway, callbacks.slice(120, 180));
  await first.close();
  const underway = first.requests.slice(120).map(labelOf);
  await gateway.destinationIs("laptop", { state: "paused", awaits: "listener" });
  await send(gateway, callbacks.slice(180, half));
  await gateway.restart();
  await send(gateway, callbacks.slice(half));
  await gateway.destinationIs("laptop", { state: "paused", awaits: "listener" });

  const second = await listen(gateway, "laptop", { reply: taking });
  await until("half has come", () => received.length > half);
  await gateway.stop();
  assert.deepEqual(await second.closed, { code: 1001, reason: "the gateway stops: connect again" });
  await gateway.start();
  const third = await listen(gateway, "laptop", { reply: taking });
  await until("all have come", () => new Set(received).size === callbacks.length, 120_000);
  await gateway.destinationIs("laptop", { state: "up", waiting: 0, retrying: 0, dead: 0 });

  assert.deepEqual(byGroup(received), byGroup(labelsOf(callbacks)));
  const again = received.filter((label, index) => received.indexOf(label) !== index);
  assert.deepEqual(
    again.filter((label) => !underway.includes(label)),
    [],
  );
  const { failed, delivered } = await gateway.destination("laptop");
  assert.equal(delivered, callbacks.length);
  assert.ok(failed <= 50, `${failed} attempts failed: at most those that were under way`);
  await third.close();
});

test("it outlives the eviction of every shard, and a crash of all while it listens", async () => {
  const gateway = await startGateway(settings);
  const listener = await listen(gateway, "laptop");
  for (let round = 0; round < 2; round++) {
    await send(gateway, inTurns(60, 60 * round));
    await listener.received(60 * (round + 1));
    for (const shard of shards) await gateway.evict(shard);
  }
  assert.deepEqual(byGroup(listener.requests.map(labelOf)), byGroup(labelsOf(inTurns(120))));

  await gateway.abortShards();
  await listener.closed;
  await send(gateway, inTurns(60, 120));
  await gateway.destinationIs("laptop", { awaits: "listener" });
  const again = await listen(gateway, "laptop");
  await until("all have come", () => new Set(again.requests.map(labelOf)).size >= 60);
  await gateway.destinationIs("laptop", { state: "up", waiting: 0, retrying: 0 });
  await again.close();
});

test("while a listener is away nothing is tried, counted or broken", async () => {
  const gateway = await startGateway(settings);
  const listener = await listen(gateway, "laptop");
  await gateway.sendAll(numbered("there", 30));
  await listener.received(30);
  await listener.close();
  await gateway.sendAll(numbered("away", 60));
  await gateway.destinationIs("laptop", { state: "paused", awaits: "listener" });
  const { failed, retrying, waiting, lastError } = await gateway.destination("laptop");
  assert.deepEqual({ failed, lastError }, { failed: 0, lastError: null });
  assert.equal(waiting + retrying, 60);
  assert.deepEqual(await gateway.problems(), ["laptop: 60 events wait until a listener comes"]);
});
