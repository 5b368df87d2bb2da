/** Conversations with names that a storage might not keep as they are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Callback } from "../support/callbacks.ts";
import { startGateway } from "../support/gateway.ts";
import { reply, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

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

test("a conversation of any name waits behind its failed event, and goes on in order after a restart", async () => {
  const receiver = await startReceiver(reply(400));
  const gateway = await startGateway({
    FORWARD_RULES: [
      {
        name: "a",
        url: receiver.url,
        order: "conversation",
        retry: Array.from({ length: 50 }, () => "300ms"),
      },
    ],
  });
  const callbacks: Callback[] = [0, 1, 2].flatMap((seq) =>
    names.map((group, index) => ({ label: `${index}-${seq}`, group })),
  );
  await gateway.sendAll(callbacks);
  await until(
    "the first event of each conversation has failed",
    () => new Set(receiver.labels(400)).size === names.length,
  );
  assert.ok(receiver.labels(400).every((label) => label.endsWith("-0")));

  await gateway.restart();
  receiver.answer = reply(200);
  // A request wakes the object at once, before its alarm.
  await gateway.destination("a");
  await receiver.delivered(callbacks.length);
  const came = Map.groupBy(receiver.labels(200), (label) => label.split("-")[0]);
  for (const [index, labels] of came)
    assert.deepEqual(
      labels,
      [0, 1, 2].map((seq) => `${index}-${seq}`),
    );
  await gateway.destinationIs("a", { waiting: 0, retrying: 0, dead: 0 });
});
