/** Destinations that are queues of Cloudflare Queues, by real ones. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Webhook } from "standardwebhooks";
import { consumerWorker, startMiniflare } from "../../support/miniflare.ts";
import { startReceiver } from "../../support/receiver.ts";
import { until } from "../../support/until.ts";

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const command = "Test.CallbackAfterThing";
const big = "9007199254740993";

/** The text of a message, as a consumer reads it. */
interface Taken {
  id: string;
  headers: Record<string, string>;
  query?: string;
  body: string;
}

async function startWithQueue(rule: object) {
  const receiver = await startReceiver();
  const gateway = await startMiniflare([{ name: "jobs", url: "queue:JOBS", ...rule }], {
    bindings: { JOBS: { type: "queue", name: "jobs" } },
    workers: [consumerWorker("consumer", "jobs", receiver.url)],
  });
  const taken = async (count: number) =>
    (await receiver.requests(count)).map(({ body }) => JSON.parse(body) as Taken);
  return { gateway, taken };
}

const body = (label: string, length = 0) =>
  `{"CallbackCommand":"${command}","GroupId":"@TGS#1","MsgSeq":${big},\n"Text":"你好 ${label}${"x".repeat(length)}"}`;

test("a message holds headers and body of the request, with its signature and its numbers", async () => {
  const { gateway, taken } = await startWithQueue({ secret, headers: { "x-team": "chat" } });
  await gateway.accept(command, body("one"));
  const [message] = (await taken(1)) as [Taken];
  assert.equal(message.headers["webhook-id"], message.id);
  assert.equal(message.headers["x-team"], "chat");
  assert.ok(message.body.endsWith(`"data":${body("one")}}`));
  const told = new Webhook(secret).verify(message.body, message.headers) as { id: string; type: string };
  assert.deepEqual([told.id, told.type], [message.id, command]);
  const { deliveries } = await until("it is delivered", async () => {
    const event = await gateway.event(message.id);
    return event.state === "delivered" && event;
  });
  assert.deepEqual(
    deliveries[0]!.attempts.map(({ status, error }) => [status, error]),
    [[200, null]],
  );
});

test("a batch is a message an event, in several calls where the platform's limits want it", async () => {
  const { gateway, taken } = await startWithQueue({ secret, batch: { size: 250, ms: 2_000 } });
  const labels = Array.from({ length: 250 }, (_, index) => `${index}`);
  await Promise.all(labels.map((label) => gateway.accept(command, body(label, 3_000))));
  const messages = await taken(250);
  assert.equal(new Set(messages.map(({ id }) => id)).size, 250);
  for (const { body, headers } of messages) new Webhook(secret).verify(body, headers);
});

test("an event that no message can hold is its own failure, and the rest of its batch goes on", async () => {
  const { gateway, taken } = await startWithQueue({
    retry: ["50ms", "50ms"],
    batch: { size: 2, ms: 2_000 },
  });
  await Promise.all([
    gateway.accept(command, body("large", 140_000)),
    gateway.accept(command, body("small")),
  ]);
  const [{ id }] = (await taken(1)) as [Taken];
  assert.equal((await gateway.event(id)).size, body("small").length + 4);
  const [letter] = await until("it is given up", async () => {
    const letters = await gateway.deadLetters();
    return letters.length > 0 && letters;
  });
  assert.match(letter!.error!, /^evt_\w+ takes 14\d{4} bytes as a message, and a queue takes 127800$/);
  assert.equal((await gateway.destination("jobs")).state, "up");
});

test("Tencent's own request keeps its query beside the body", async () => {
  const { gateway, taken } = await startWithQueue({ format: "raw" });
  await gateway.accept(command, body("raw"));
  const [message] = (await taken(1)) as [Taken];
  assert.equal(message.body, body("raw"));
  assert.match(message.query!, /^SdkAppid=1400000000&/);
});

test("a replay has the same id, and a test is a message too", async () => {
  const { gateway, taken } = await startWithQueue({});
  await gateway.accept(command, body("again"));
  const [first] = (await taken(1)) as [Taken];
  await gateway.post(`/api/events/${first.id}/replay`, {}, 202);
  const [, again] = (await taken(2)) as [Taken, Taken];
  assert.equal(again.id, first.id);
  assert.equal(again.headers["tim-relay-replay"], "single");
  const outcome = await gateway.post("/api/destinations/jobs/test", {}, 200);
  assert.deepEqual([outcome.status, outcome.error], [200, null]);
  assert.match((await taken(3))[2]!.body, /"type":"Relay.Test"/);
});
