/** Two isolates of the Worker on the same shards, as in two locations of the platform. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Client } from "../support/client.ts";
import { startGateway } from "../support/gateway.ts";
import { ownTime } from "../support/process-stats.ts";
import { reply, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const message = "Group.CallbackBeforeSendMsg";
const backend = await startReceiver(reply(200, {}, '{"ActionStatus":"OK","ErrorCode":1,"ErrorInfo":"no"}'));
const other = await startReceiver(reply(200, {}, '{"ErrorCode":0}'));
const gateway = await startGateway(
  {
    SHARDS: 2,
    FORWARD_RULES: [
      { name: "links", on: message, match: { body: { GroupId: ["links"] } }, answer: { ErrorCode: 2 } },
      {
        name: "pair",
        on: message,
        match: { body: { GroupId: ["pair"] } },
        ask: [other.url, backend.url],
        otherwise: { ErrorCode: 2 },
      },
      { name: "moderation", on: message, ask: backend.url, otherwise: "allow" },
    ],
  },
  { hasTwin: true },
);
const { twin } = gateway;
const both = [gateway, twin];

const ask = async (isolate: Client, GroupId = "any") =>
  JSON.parse((await isolate.accept(message, { GroupId, From_Account: "lan" })).text).ErrorCode as number;

const notAwaited = /^moderation: its backend does not answer and is not waited for/;

/** How often shard 0 has told of the backend. */
const told = async (event: string) => (await gateway.allEvents({ command: event })).length;

test("isolates decide alike, and keep their events on the same shards", async () => {
  for (const isolate of both) {
    assert.equal(await ask(isolate), 1);
    assert.equal(await ask(isolate, "links"), 2);
  }
  for (const isolate of both)
    await until("all are listed", async () => (await isolate.allEvents()).length === 4);
});

test("a breaker that opens in one isolate is known in the other, which asks on", async () => {
  await backend.goDown();
  for (let count = 0; count < 10; count++) assert.equal(await ask(gateway), 0);
  await gateway.problem(notAwaited);
  // Shard 0 hears of it beside the next callback.
  await ask(gateway);
  await twin.problem(notAwaited);
  const [rule] = (await twin.get("/api/rules")).filter(({ name }: { name: string }) => name === "moderation");
  assert.match(rule.problems.join(), /its backend does not answer and is not waited for/);
  assert.equal(await told("Relay.BackendDown"), 1);
  await backend.comeUp();
  const asked = backend.received.length;
  assert.equal(await ask(twin), 1, "its own breaker is closed");
  assert.equal(backend.received.length, asked + 1);
});

test("two isolates that find a backend down tell of it once, and of its recovery once", async () => {
  await backend.goDown();
  for (let count = 0; count < 10; count++) await ask(twin);
  await twin.problem(notAwaited);
  assert.equal(await told("Relay.BackendDown"), 1);
  await backend.comeUp();
  for (const isolate of both) await until("its breaker has closed", async () => (await ask(isolate)) === 1);
  for (const isolate of both) {
    await ask(isolate);
    await isolate.noProblem(notAwaited);
  }
  assert.equal(await told("Relay.BackendDown"), 1);
  assert.equal(await told("Relay.BackendRecovered"), 1);
});

test("of several backends the other isolate names the one whose breaker is open", async () => {
  const problem = (index: number) =>
    new RegExp(`^pair: its backend ask\\[${index}\\] does not answer and is not waited for$`);
  await backend.goDown();
  for (let count = 0; count < 10; count++) assert.equal(await ask(gateway, "pair"), 2);
  // Shard 0 hears of it beside the next callback.
  await ask(gateway);
  await twin.problem(problem(1));
  await twin.noProblem(problem(0));
  await backend.comeUp();
  assert.equal(await ask(twin, "pair"), 1, "its own breakers are closed");
});

test("a rule that is paused through one isolate decides nothing in the other within 15 s", async () => {
  assert.equal(await ask(twin, "links"), 2);
  await gateway.pause("links");
  const clock = ownTime(gateway.pid, process.pid);
  const pausedAt = clock();
  await until("the other isolate has heard", async () => (await ask(twin, "links")) !== 2);
  assert.ok(clock() - pausedAt < 15_000);
  assert.equal(await ask(gateway, "links"), 1, "the next rule decides");
});
