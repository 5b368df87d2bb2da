/** Destinations of a removed rule: how they are named, and how they are forgotten. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Settings, startGateway } from "../support/gateway.ts";
import { reply, startReceiver } from "../support/receiver.ts";

const [receiver, failing] = [await startReceiver(), await startReceiver(reply(400))];
const settings = (...rules: object[]): Settings => ({ SHARDS: 2, FORWARD_RULES: rules });
const old = { name: "old", on: "Test.CallbackAfterIt", url: receiver.url };
const letters = { name: "letters", on: "Test.CallbackAfterIt", url: failing.url, retry: [] };
const gateway = await startGateway(settings(old, letters));

const known = async (name: string) => (await gateway.destinations()).some((one) => one.name === name);

await gateway.pause("old");
for (let id = 0; id < 6; id++) await gateway.accept("Test.CallbackAfterIt", { GroupId: `old-${id}` });
await gateway.destinationIs("letters", { dead: 6 });
await gateway.restart(settings());

test("/health says until when the events of a removed rule wait", async () => {
  const problem = await gateway.problem(/^old: /);
  const [, until] =
    /^old: no rule has this name any more, and 6 events for it wait until (\S+Z); /.exec(problem) ?? [];
  const left = Date.parse(until!) - Date.now();
  assert.ok(left > 6 * 86_400_000 && left <= 8 * 86_400_000 + 60_000, problem);
});

test("a replay of all dead letters leaves those of a removed rule", async () => {
  assert.deepEqual(await gateway.post("/api/dead-letters/replay"), { queued: 0 });
  assert.equal((await gateway.deadLetters({ destination: "letters" })).length, 6);
  assert.equal((await gateway.destination("letters")).dead, 6);
});

test("DELETE forgets a removed destination with all its events, on every shard and for good", async () => {
  const { status, body } = await gateway.forget("old");
  assert.deepEqual([status, body], [200, { forgotten: 6 }]);
  assert.ok(!(await known("old")));
  assert.equal((await gateway.forget("old")).status, 404);
  await gateway.noProblem(/^old: /);
  for (const shard of [0, 1]) await gateway.evict(shard);
  assert.ok(!(await known("old")));
});

test("a rule that takes a forgotten name starts afresh, and is not paused", async () => {
  await gateway.restart(settings(old));
  assert.equal((await gateway.destination("old")).state, "up");
  for (let id = 0; id < 6; id++) await gateway.accept("Test.CallbackAfterIt", { GroupId: `new-${id}` });
  await receiver.requests(6);
  await gateway.destinationIs("old", { delivered: 6 });
  assert.ok(receiver.received.every(({ body }) => body.includes('"new-')));
});
