/** Conversations whose names a storage might not hold as they are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Callback } from "./callbacks.ts";
import { reply, startReceiver } from "./recording-receiver.ts";
import { startRelay } from "./relay.ts";
import { until } from "./until.ts";

const names = [
  "\ud800",
  "\ud801",
  "\\ud800",
  "half \udfff",
  "a\u0000b",
  "a\u0000c",
  "a",
  "\u0000",
  "line\nbreak",
  "\u007f\u0085",
  "🐳",
  "\ufffd",
  "'; DROP TABLE blocked; --",
];

test("behind its failed head every conversation waits in order, and goes on after a restart, whatever its name", async () => {
  const receiver = await startReceiver(reply(400));
  const relay = await startRelay([
    {
      name: "a",
      url: receiver.url,
      order: "conversation",
      retry: Array.from({ length: 50 }, () => "300ms"),
    },
  ]);
  const callbacks: Callback[] = [0, 1, 2].flatMap((seq) =>
    names.map((group, index) => ({ label: `${index}-${seq}`, group })),
  );
  await relay.sendAll(callbacks);
  await until("each head has failed", () => new Set(receiver.labels(400)).size === names.length);
  assert.ok(receiver.labels(400).every((label) => label.endsWith("-0")));

  await relay.kill();
  await relay.start();
  receiver.answer = reply(200);
  // Asked for, the object wakes at once, and not by its alarm.
  await relay.destination("a");
  await until("all are there", () => receiver.labels(200).length === callbacks.length);
  const came = Map.groupBy(receiver.labels(200), (label) => label.split("-")[0]);
  for (const [index, labels] of came)
    assert.deepEqual(
      labels,
      [0, 1, 2].map((seq) => `${index}-${seq}`),
    );
  await until("nothing waits", async () => {
    const { waiting, retrying, dead } = await relay.destination("a");
    return waiting + retrying + dead === 0;
  });
});
