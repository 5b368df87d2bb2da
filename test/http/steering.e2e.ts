/** What an operator does by hand: a test post, retries now, and giving an event up. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Webhook } from "standardwebhooks";
import { assertRefused } from "../support/client.ts";
import { startGateway } from "../support/gateway.ts";
import { reply, startReceiver } from "../support/receiver.ts";

const secret = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
const backend = await startReceiver();
const settings = {
  SHARDS: 3,
  FORWARD_RULES: [
    { name: "audit", on: "Test.CallbackAfterIt", url: backend.url, secret, headers: { "x-team": "red" } },
    { name: "shaped", on: "Test.CallbackAfterNever", url: backend.url, format: "cloudevents" },
    { name: "late", on: "Test.CallbackAfterLate", url: backend.url, retry: ["1h"], order: "conversation" },
    { name: "off", url: backend.url, enabled: false },
    { name: "wrong", url: backend.url, secret: "$NOT_SET" },
    { name: "refuser", on: "Test.CallbackBeforeIt", answer: { ErrorCode: 1 } },
  ],
};
const gateway = await startGateway(settings);
const testOf = (name: string) => gateway.post(`/api/destinations/${name}/test`, {}, 200);
const eventOf = async (conversation: string, command = "Test.CallbackAfterLate") =>
  (await gateway.events({ conversation, command })).events[0]!.id;

test("a test is one signed post in the rule's format, past a pause, and kept nowhere", async () => {
  await gateway.pause("audit");
  const before = backend.received.length;
  const { status, ms, error, response } = await testOf("audit");
  assert.deepEqual([status, error, response], [200, null, null]);
  assert.ok(Number.isInteger(ms) && ms >= 0);
  assert.equal(backend.received.length, before + 1);
  const { headers, body } = backend.received.at(-1)!;
  const { type, timestamp, ...rest } = new Webhook(secret).verify(
    body,
    headers as Record<string, string>,
  ) as {
    type: string;
    timestamp: string;
  };
  assert.equal(type, "Relay.Test");
  assert.ok(Math.abs(Date.now() - Date.parse(timestamp)) < 60_000);
  assert.deepEqual(rest, {
    id: headers["webhook-id"],
    app: "relay",
    clientIp: null,
    platform: null,
    data: { destination: "audit" },
  });
  assert.equal(headers["x-team"], "red");
  await testOf("shaped");
  assert.equal(JSON.parse(backend.received.at(-1)!.body).type, "Relay.Test");
  assert.equal((await gateway.allEvents()).length, 0);
  assert.equal((await gateway.resume("audit")).state, "up");
});

test("a test tells how the destination refuses, and is 404 without a rule that forwards", async () => {
  backend.answer = reply(418, {}, "no coffee");
  const refused = await testOf("off");
  assert.deepEqual([refused.status, refused.error, refused.response], [418, "answered 418", "no coffee"]);
  await backend.goDown();
  const silent = await testOf("audit");
  assert.equal(silent.status, null);
  assert.match(silent.error, /refused/);
  await backend.comeUp();
  backend.answer = reply(200);
  for (const name of ["nowhere", "refuser"])
    assertRefused(await gateway.api(`/api/destinations/${name}/test`, {}), 404);
  assertRefused(await gateway.api("/api/destinations/wrong/test", {}), 400);
  assertRefused(await gateway.api("/api/destinations/audit/test", { event: 1 }), 400);
  assert.equal((await gateway.destination("audit")).failed, 0);
});

test("a whole retry list is sent now, from every shard, whatever its breakers say", async () => {
  backend.answer = reply(500);
  const groups = Array.from({ length: 24 }, (_, index) => `late-${index}`);
  for (const GroupId of groups) await gateway.accept("Test.CallbackAfterLate", { GroupId });
  const { retrying, waiting } = await gateway
    .destinationIs("late", { waiting: 0, retrying: 24 })
    .catch(() => gateway.destination("late"));
  assert.equal(retrying + waiting, 24);
  backend.answer = reply(200);
  assert.deepEqual(await gateway.post("/api/destinations/late/retry"), { queued: retrying });
  await gateway.destinationIs("late", { retrying: 0, waiting: 0, delivered: 24, state: "up" });
  assert.deepEqual(await gateway.post("/api/destinations/late/retry"), { queued: 0 });
  assertRefused(await gateway.api("/api/destinations/nowhere/retry", {}), 404);
  for (const name of ["wrong", "off"])
    assertRefused(await gateway.api(`/api/destinations/${name}/retry`, {}), 400);
});

test("a delivery is given up, stays so after a crash, and its conversation goes on", async () => {
  backend.answer = (response, request) =>
    reply(request.body.includes('"n":1}') ? 500 : 200)(response, request);
  await gateway.accept("Test.CallbackAfterLate", { GroupId: "skipped", n: 1 });
  await gateway.destinationIs("late", { retrying: 1 });
  await gateway.accept("Test.CallbackAfterLate", { GroupId: "skipped", n: 2 });
  const { events } = await gateway.events({ conversation: "group:skipped" });
  const first = events[1]!.id;
  assertRefused(await gateway.api(`/api/events/${first}/skip`, { destinations: ["nowhere"] }), 400);
  assertRefused(await gateway.api(`/api/events/${first}/skip`, { destinations: ["wrong"] }), 400);
  assertRefused(await gateway.api("/api/events/evt_01m0000000000000000000000000000/skip", {}), 404);
  assert.deepEqual(await gateway.post(`/api/events/${first}/skip`, { destinations: ["audit"] }, 200), {
    skipped: 0,
  });
  assert.deepEqual(await gateway.post(`/api/events/${first}/skip`, { destinations: ["late"] }, 200), {
    skipped: 1,
  });
  await gateway.restart(settings);
  // Asking wakes the shards, whose alarm may be 30 s ahead.
  await gateway.destinationIs("late", { waiting: 0 });
  await backend.request(({ body }) => body.includes('"n":2}'));
  const [letter] = await gateway.deadLetters({ destination: "late" });
  const posts = backend.received.filter(({ id }) => id === first).length;
  assert.deepEqual(
    [letter!.event, letter!.error, letter!.attempts],
    [first, "skipped by the operator", posts],
  );
  const { deliveries } = await gateway.event(await eventOf("group:skipped"));
  assert.equal(deliveries.find(({ destination }) => destination === "late")!.state, "delivered");
  // It can be sent again like any dead letter.
  backend.answer = reply(200);
  assert.deepEqual(await gateway.post(`/api/events/${first}/replay`), { queued: 1 });
  await gateway.destinationIs("late", { dead: 0, retrying: 0 });
});
