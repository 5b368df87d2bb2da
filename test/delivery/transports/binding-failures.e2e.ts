/** Failures of queues and buckets: the runtime's own bindings, and a server in the place of the platform. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startGateway } from "../../support/gateway.ts";
import { hang, inTurn, reply, startReceiver } from "../../support/receiver.ts";

const rule = { timeoutMs: 3_000, retry: ["20ms", "20ms", "20ms"] };

/** A queue's answer to a call that it has taken. */
const took = reply(
  200,
  {},
  '{"metadata":{"metrics":{"backlogCount":0,"backlogBytes":0,"oldestMessageTimestamp":0}}}',
);

async function startWith(kind: "queue" | "r2Bucket", url: string, more: object = {}) {
  const platform = await startReceiver();
  const gateway = await startGateway(
    { READ_TOKEN: "read-token", FORWARD_RULES: [{ name: "a", url, ...rule, ...more }] },
    { bindings: { THERE: { kind, server: platform.url } } },
  );
  return { platform, gateway };
}

test("a queue that fails or hangs is tried again, with the same message", async () => {
  const { platform, gateway } = await startWith("queue", "queue:THERE");
  platform.answer = inTurn(reply(500), hang, reply(429), took);
  await gateway.sendAll([{ label: "one" }]);
  const { attempts } = await gateway.delivery("one", "a", "delivered");
  assert.deepEqual(
    attempts.map(({ status }) => status),
    [null, null, null, 200],
  );
  assert.match(attempts[0]!.error!, /^the queue failed: /);
  assert.match(attempts[1]!.error!, /^no answer after \d+ ms$/);
  assert.match(attempts[2]!.error!, /^the queue failed: /);
});

test("a bucket that fails or hangs is tried again, and its breaker opens", async () => {
  const { platform, gateway } = await startWith("r2Bucket", "r2:THERE/tim", {
    batch: { size: 1 },
    retry: Array.from({ length: 12 }, () => "10ms"),
  });
  platform.answer = inTurn(reply(500), hang, reply(500));
  await gateway.sendAll([{ label: "one" }]);
  const { lastError } = await gateway.destinationIs("a", { state: "open" });
  assert.match(lastError!, /^the bucket failed: put: /);
  const health = await (await fetch(`${gateway.url}/health`)).text();
  assert.match(health, /\(the bucket failed\)/);
  const read = await gateway.request("/api/destinations", { token: "read-token" });
  const [shown] = (await read.json()) as { lastError: string }[];
  assert.equal(shown!.lastError, "the bucket failed");
  const { deliveries } = await gateway.event((await gateway.allEvents())[0]!.id);
  assert.match(deliveries[0]!.attempts[1]!.error!, /^no answer after \d+ ms$/);
});

test("a paused queue waits, and goes on when it is resumed", async () => {
  const { platform, gateway } = await startWith("queue", "queue:THERE", { batch: { size: 2, ms: 100 } });
  platform.answer = took;
  await gateway.pause("a");
  await gateway.sendAll([{ label: "one" }, { label: "two" }]);
  assert.equal((await gateway.destination("a")).waiting, 2);
  assert.equal(platform.received.length, 0);
  await gateway.resume("a");
  await gateway.delivery("two", "a", "delivered");
  assert.equal(platform.received.length, 1);
});
