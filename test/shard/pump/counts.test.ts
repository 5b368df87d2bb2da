/** The counts of a destination's report: exact, or marked as estimates. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { newEventId } from "../../../src/callback/event-id.ts";
import { packEvent } from "../../../src/shard/journal/packed-event.ts";
import { countedReports } from "../../../src/shard/pump/report.ts";
import { eventWith } from "../../delivery/sample.ts";
import { TestShard } from "../test-shard.ts";

const audit = { name: "audit", url: "http://127.0.0.1:9/", retry: ["1h"] };

let fingerprint = 10_000_000;

/** Hands over many events at once. */
async function appendAll(
  shard: TestShard,
  count: number,
  conversation: (n: number) => string,
  first = 0,
): Promise<void> {
  if (count > 2_000) {
    await appendAll(shard, 2_000, conversation, first);
    return appendAll(shard, count - 2_000, conversation, first + 2_000);
  }
  const { intake, runner } = shard.stages;
  runner.begin();
  const appended = Array.from({ length: count }, (_, index) => {
    const n = first + index;
    const receivedAt = shard.clock.now();
    const id = newEventId(0, receivedAt, crypto.getRandomValues(new Uint8Array(12)));
    const event = eventWith({ id, receivedAt, conversation: conversation(n), body: JSON.stringify({ n }) });
    return intake.append({ ...packEvent(event, [fingerprint++]), command: event.command }, "high");
  });
  await Promise.all([shard.clock.advance(1_000), ...appended]);
}

async function counted(shard: TestShard, name = "audit") {
  const { destinations, retries, settled, coordinator } = shard.stages;
  const sources = { destinations, retries, settled, cluster: coordinator };
  const reports = countedReports(sources, 168 * 3_600_000, shard.clock);
  for (let turns = 0; turns < 40; turns++) await shard.clock.advance(1);
  const { waiting, retrying, estimated } = (await reports).find((one) => one.name === name)!;
  return { waiting, retrying, estimated };
}

test("all events behind a blocked one are counted, also those that its queue does not hold", async () => {
  const shard = await new TestShard([{ ...audit, order: "conversation" }]).start();
  shard.answer = () => ({ status: 400 });
  await shard.append("group:a");
  await shard.advance(100);
  await appendAll(shard, 199, () => "group:a");
  await shard.advance(2_000);
  assert.deepEqual(await counted(shard), { waiting: 199, retrying: 1, estimated: false });

  // Each further event is counted as it comes, and each that is sent as it goes.
  await appendAll(shard, 100, (n) => (n % 2 === 0 ? "group:a" : "group:b"));
  shard.answer = ({ body }) => ({ status: body.includes('"n":120') ? 400 : 200 });
  await shard.advance(4_000_000);
  const { waiting, retrying, estimated } = await counted(shard);
  assert.equal(estimated, false);
  assert.equal(waiting + retrying + shard.report("audit").delivered + shard.report("audit").dead, 300);

  await shard.start();
  assert.deepEqual(await counted(shard), { waiting, retrying, estimated });
});

test("of a long backlog only the events that the rule matches are counted", async () => {
  const rule = { ...audit, match: { body: { n: [{ numeric: ["<", 8_000] }] } } };
  const shard = await new TestShard([rule]).start();
  shard.stages.coordinator.steer("audit", "pause");
  await appendAll(shard, 15_000, (n) => `group:${n % 50}`);
  // One look ends early, and takes the others to be like the first.
  const { waiting, estimated } = shard.report("audit");
  assert.deepEqual([waiting, estimated], [15_000, true]);
  assert.deepEqual(await counted(shard), { waiting: 8_000, retrying: 0, estimated: false });
});

test("an event that fits is counted once, though its conversation is blocked or the shard starts again", async () => {
  const rule = { ...audit, order: "conversation", match: { body: { n: [{ numeric: ["<", 7] }] } } };
  const shard = await new TestShard([rule]).start();
  shard.answer = () => ({ status: 400 });
  for (let count = 0; count < 8; count++) await shard.append("group:a");
  await shard.advance(2_000);
  assert.equal(shard.report("audit").fitted, 6);
  await shard.start();
  await shard.append("group:b");
  await shard.advance(2_000);
  assert.equal(shard.report("audit").fitted, 6);
});

test("latencies are counted by destination, and forgotten with its name", async () => {
  const other = { ...audit, name: "other" };
  const shard = await new TestShard([audit, other]).start();
  shard.answer = () => ({ status: 200, ms: 100 });
  await shard.append();
  await shard.advance(2_000);
  const named = () => Object.keys(shard.stages.meter.counters).filter((name) => name.startsWith("took:"));
  assert.deepEqual(named().sort(), ["took:audit:14", "took:other:14"]);
  await shard.start([audit]);
  assert.equal(named().length, 2, "its events may still wait");
  shard.stages.destinations.drop("other");
  shard.stages.progress.write();
  await shard.start([audit]);
  assert.deepEqual(named(), ["took:audit:14"]);
});
