import assert from "node:assert/strict";
import { test } from "node:test";
import { startReceiver } from "./receiver.ts";
import { adminToken, eventually, type Settings, startWorker, usual } from "./worker.ts";

const [receiver, failing] = [await startReceiver(), await startReceiver()];
failing.answers = 400;
const settings = (...rules: object[]): Settings => ({
  ...usual,
  SHARDS: 2,
  CALLBACK_TOKEN: "",
  ALLOW_PRIVATE_DESTINATIONS: true,
  FORWARD_RULES: rules as Settings[string],
});
const old = { name: "old", on: "Test.CallbackAfterIt", url: receiver.url };
const letters = { name: "letters", on: "Test.CallbackAfterIt", url: failing.url, retry: [] };
const worker = await startWorker(settings(old, letters));

async function destination(name: string) {
  const { body } = await worker.api("/api/destinations");
  return body.find((one: { name: string }) => one.name === name);
}

async function forget(name: string) {
  const response = await fetch(`${worker.url}/api/destinations/${name}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${adminToken}` },
  });
  return { status: response.status, body: await response.json() };
}

await worker.api("/api/destinations/old/pause", {});
for (let id = 0; id < 6; id++) await worker.send("Test.CallbackAfterIt", { GroupId: `old-${id}` });
await eventually(async () => (await destination("letters")).dead === 6);
await worker.configure(settings());

test("what waits for a removed rule is told with its end", async () => {
  const { body } = await worker.api("/health");
  const told = (body.problems as string[]).find((problem) => problem.startsWith("old: "))!;
  const [, until] =
    /^old: no rule has this name any more, and 6 events for it wait until (\S+Z); /.exec(told) ?? [];
  const left = Date.parse(until!) - Date.now();
  assert.ok(left > 6 * 86_400_000 && left <= 8 * 86_400_000 + 60_000, told);
});

test("dead letters of a removed rule stay in the list when all are replayed, and are not counted", async () => {
  const { status, body } = await worker.api("/api/dead-letters/replay", {});
  assert.deepEqual([status, body], [202, { queued: 0 }]);
  assert.equal((await worker.api("/api/dead-letters?destination=letters")).body.deadLetters.length, 6);
  assert.equal((await destination("letters")).dead, 6);
});

test("a removed name is forgotten with all that waits for it, on every shard, for good", async () => {
  assert.deepEqual(await forget("old"), { status: 200, body: { forgotten: 6 } });
  assert.equal(await destination("old"), undefined);
  assert.equal((await forget("old")).status, 404);
  await eventually(async () => {
    const { body } = await worker.api("/health");
    return !(body.problems as string[]).some((problem) => problem.startsWith("old: "));
  });
  for (const shard of [0, 1]) await worker.evict(shard);
  assert.equal(await destination("old"), undefined);
});

test("a rule that takes a forgotten name begins anew, and is not paused", async () => {
  await worker.configure(settings(old));
  assert.equal((await destination("old")).state, "up");
  for (let id = 0; id < 6; id++) await worker.send("Test.CallbackAfterIt", { GroupId: `new-${id}` });
  await receiver.requests(6);
  await eventually(async () => (await destination("old")).delivered === 6);
  assert.ok(receiver.received.every(({ body }) => body.includes('"new-')));
});
