/**
 * Random schedules of failures, replays, pauses, other rules and kills. After each kill the storage is read. Every
 * event is delivered, a dead letter, or waits where the pump will find it. In the end every event has arrived.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { numbered } from "../support/callbacks.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { type Answer, breakOff, type Receiver, reply, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";
import { imbalances } from "./books.ts";

const names = ["plain", "ordered", "batched"] as const;

/** Every way in which a backend can fail, and still be sent something soon. */
const answers: Record<string, Answer> = {
  well: reply(200),
  refuses: reply(400, {}, "\0".repeat(4096)),
  fails: reply(500, {}, "no"),
  breaks: breakOff,
  "asks to wait": reply(429, { "retry-after": "0" }),
};

const steps = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("send" as const), count: fc.integer({ min: 1, max: 12 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("answer" as const),
      how: fc.constantFrom(...Object.keys(answers)),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("replay" as const), nth: fc.nat(200) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("replay dead letters" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom("pause" as const, "resume" as const),
      name: fc.constantFrom("plain" as const, "ordered" as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("restart" as const), rules: fc.nat(3), stop: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("time passes" as const), ms: fc.integer({ min: 5, max: 150 }) }),
  },
);
type Step = typeof steps extends fc.Arbitrary<infer One> ? One : never;

const retry = Array.from({ length: 6 }, () => "30ms");

/** The rules as they are, without batches, with an invalid one, and with one removed. */
function variant(url: string, which: number): object[] {
  const rules = [
    { name: "plain", url: `${url}plain`, retry },
    { name: "ordered", url: `${url}ordered`, retry, order: "conversation" },
    { name: "batched", url: `${url}batched`, retry, order: "conversation", batch: { size: 5, ms: 20 } },
  ];
  if (which === 1) return rules.map(({ batch: _, ...rule }: Record<string, unknown>) => rule);
  if (which === 2)
    return rules.map((rule) => (rule.name === "ordered" ? { ...rule, retry: ["soon"] } : rule));
  return which === 3 ? rules.filter(({ name }) => name !== "batched") : rules;
}

const seeds = process.env.SEEDS
  ? Array.from({ length: Number(process.env.SEEDS) }, (_, n) => 100 + n)
  : [1, 2, 3];
for (const seed of seeds)
  test(`every event is delivered, dead, or waits where the pump will find it (schedule ${seed})`, {
    timeout: 300_000,
  }, async (t) => {
    const receiver = await startReceiver();
    const gateway = await startGateway({ FORWARD_RULES: variant(receiver.url, 0) });
    const schedule = fc.sample(steps, { seed, numRuns: 60 });
    // With the first event, the shard stores a cursor for all three.
    await gateway.sendAll(callbacks(0, 1));
    let sent = 1;
    for (const step of schedule) {
      if (step.kind === "send") {
        await gateway.sendAll(callbacks(sent, step.count));
        sent += step.count;
      } else await take(step, gateway, receiver);
    }
    t.diagnostic(`${sent} events; ${schedule.map(({ kind }) => kind).join(", ")}`);

    receiver.answer = reply(200);
    await gateway.kill();
    assert.deepEqual(imbalances(gateway.dataDir, names), []);
    await gateway.start({ FORWARD_RULES: variant(receiver.url, 0) });
    for (const name of names) await gateway.resume(name);
    await gateway.post("/api/dead-letters/replay");
    await until(
      "no event waits",
      async () =>
        (await gateway.destinations()).every(
          ({ waiting, retrying, dead }) => waiting + retrying + dead === 0,
        ),
      120_000,
    );
    const delivered = new Set(
      receiver.received.flatMap(({ status, url, labels }) =>
        status === 200 ? labels.map((one) => `${url} ${one}`) : [],
      ),
    );
    for (const { label } of callbacks(0, sent))
      for (const name of names) assert.ok(delivered.has(`/${name} ${label}`), `${name} has got ${label}`);
    await gateway.kill();
    assert.deepEqual(imbalances(gateway.dataDir, names), []);
  });

/** Events of five conversations in turn, numbered throughout. */
function callbacks(from: number, count: number) {
  return numbered("event-", from + count)
    .slice(from)
    .map((callback, index) => ({ ...callback, group: `@TGS#${(from + index) % 5}` }));
}

async function take(
  step: Exclude<Step, { kind: "send" }>,
  gateway: Gateway,
  receiver: Receiver,
): Promise<void> {
  switch (step.kind) {
    case "answer":
      receiver.answer = answers[step.how]!;
      return;
    case "replay": {
      const events = await gateway.allEvents();
      const event = events[step.nth % Math.max(1, events.length)];
      if (event) await gateway.post(`/api/events/${event.id}/replay`);
      return;
    }
    case "time passes":
      await sleep(step.ms);
      return;
    case "replay dead letters":
      await gateway.post("/api/dead-letters/replay");
      return;
    case "pause":
    case "resume":
      await gateway[step.kind](step.name);
      return;
    case "restart":
      await (step.stop ? gateway.stop() : gateway.kill());
      assert.deepEqual(imbalances(gateway.dataDir, names), []);
      await gateway.start({ FORWARD_RULES: variant(receiver.url, step.rules) });
  }
}
