import assert from "node:assert/strict";
import { test } from "node:test";
import { startReceiver } from "./receiver.ts";
import { eventually, type Reply, startWorker, usual } from "./worker.ts";

const [good, bad] = [await startReceiver(), await startReceiver()];
bad.answers = 500;
const worker = await startWorker({
  ...usual,
  SHARDS: 2,
  ALLOW_PRIVATE_DESTINATIONS: true,
  FORWARD_RULES: [
    { name: "good", on: "Test.CallbackAfterGood", url: good.url },
    { name: "slowly", on: "Test.CallbackAfterSlow", url: bad.url, retry: ["1h"], concurrency: 2 },
    { name: "letters", on: "Test.CallbackAfterDead", url: bad.url, retry: [] },
    { name: "gone", on: "Test.CallbackAfterGone", url: bad.url },
    { name: "wrong", on: "Test.CallbackAfterWrong", url: good.url, secret: "$NOT_SET" },
    { name: "refuser", on: "Test.CallbackBeforeIt", answer: { ErrorCode: 1 } },
  ],
});

let groups = 0;

async function send(command: string, GroupId = `group-${++groups}`): Promise<string> {
  const { status, text } = await worker.send(command, { GroupId });
  assert.equal(status, 200, text);
  return GroupId;
}

interface Destination {
  name: string;
  url: string;
  state: string;
  waiting: number;
  retrying: number;
  dead: number;
  lastSuccessAt: string | null;
  lastError: string | null;
}

async function destinations(): Promise<Map<string, Destination>> {
  const { status, body } = await worker.api("/api/destinations");
  assert.equal(status, 200);
  return new Map(body.map((one: Destination) => [one.name, one]));
}

async function steer(name: string, action: "pause" | "resume"): Promise<Reply> {
  return worker.api(`/api/destinations/${name}/${action}`, {});
}

test("the destinations of the right forward rules are listed, in their order", async () => {
  const listed = await destinations();
  assert.deepEqual([...listed.keys()], ["good", "slowly", "letters", "gone"]);
  const { name, url, state, waiting, retrying, dead, lastSuccessAt, lastError } = listed.get("good")!;
  assert.deepEqual(
    { name, url, state, waiting, retrying, dead, lastSuccessAt, lastError },
    {
      name: "good",
      url: good.url,
      state: "up",
      waiting: 0,
      retrying: 0,
      dead: 0,
      lastSuccessAt: null,
      lastError: null,
    },
  );
});

test("what becomes of events is counted over all shards", async () => {
  const began = Date.now();
  for (let count = 0; count < 6; count++) await send("Test.CallbackAfterGood");
  for (let count = 0; count < 3; count++) await send("Test.CallbackAfterSlow");
  for (let count = 0; count < 4; count++) await send("Test.CallbackAfterDead");
  await good.requests(6);
  const listed = await eventually(async () => {
    const found = await destinations();
    return found.get("slowly")!.retrying === 3 && found.get("letters")!.dead === 4 && found;
  });
  const { waiting, retrying, dead, lastSuccessAt, lastError, state } = listed.get("good")!;
  assert.deepEqual([state, waiting, retrying, dead, lastError], ["up", 0, 0, 0, null]);
  assert.match(lastSuccessAt!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.ok(Date.parse(lastSuccessAt!) >= began - 1 && Date.parse(lastSuccessAt!) <= Date.now());
  const slowly = listed.get("slowly")!;
  assert.deepEqual([slowly.state, slowly.waiting, slowly.dead, slowly.lastSuccessAt], ["up", 0, 0, null]);
  assert.match(slowly.lastError!, /500/);
});

test("a paused destination gets nothing, and everything when it goes on", async () => {
  const paused = await steer("good", "pause");
  assert.deepEqual([paused.status, paused.body.state], [200, "paused"]);
  const before = good.received.length;
  const waiting = [];
  for (let count = 0; count < 8; count++) waiting.push(await send("Test.CallbackAfterGood"));
  await send("Test.CallbackAfterDead");
  await eventually(async () => (await destinations()).get("letters")!.dead === 5);
  const { state, waiting: count } = (await destinations()).get("good")!;
  assert.deepEqual([state, count], ["paused", 8]);
  assert.equal(good.received.length, before);

  assert.equal((await steer("good", "pause")).status, 200, "again is no mistake");
  const resumed = await steer("good", "resume");
  assert.deepEqual([resumed.status, resumed.body.state], [200, "up"]);
  for (const group of waiting) await good.request((one) => one.body.includes(`"${group}"`));
  await eventually(async () => (await destinations()).get("good")!.waiting === 0);
  assert.equal(good.received.length, before + 8, "each once");
});

test("a pause holds on every shard, and outlives the objects", async () => {
  await steer("good", "pause");
  const before = good.received.length;
  const waiting = [];
  for (let count = 0; count < 8; count++) waiting.push(await send("Test.CallbackAfterGood"));
  for (const shard of [0, 1]) await worker.evict(shard);
  const { state, waiting: count } = (await destinations()).get("good")!;
  assert.deepEqual([state, count], ["paused", 8]);
  waiting.push(await send("Test.CallbackAfterGood"));
  assert.equal(good.received.length, before);
  for (const shard of [0, 1]) await worker.evict(shard);
  await steer("good", "resume");
  for (const group of waiting) await good.request((one) => one.body.includes(`"${group}"`));
});

test("410 disables a destination on every shard; resumed, it takes what it had refused", async () => {
  bad.answers = 410;
  const first = await send("Test.CallbackAfterGone");
  await eventually(async () => (await destinations()).get("gone")!.state === "disabled");
  const after = bad.received.length;
  const waiting = [first];
  for (let count = 0; count < 8; count++) waiting.push(await send("Test.CallbackAfterGone"));
  const { state, waiting: waits, retrying, dead } = (await destinations()).get("gone")!;
  assert.deepEqual([state, waits + retrying, dead], ["disabled", 9, 0]);
  assert.equal(bad.received.length, after);

  bad.answers = 200;
  assert.deepEqual((await steer("gone", "resume")).body.state, "up");
  for (const group of waiting)
    await eventually(
      () =>
        bad.received.filter((one) => one.body.includes(`"${group}"`)).length === (group === first ? 2 : 1),
    );
  await eventually(async () => {
    const { waiting, retrying } = (await destinations()).get("gone")!;
    return waiting + retrying === 0;
  });
  bad.answers = 500;
});

test("pause and 410 are two things: resuming ends both", async () => {
  bad.answers = 410;
  await send("Test.CallbackAfterGone");
  await eventually(async () => (await destinations()).get("gone")!.state === "disabled");
  assert.equal((await steer("gone", "pause")).body.state, "disabled");
  bad.answers = 200;
  assert.equal((await steer("gone", "resume")).body.state, "up");
  await eventually(async () => (await destinations()).get("gone")!.retrying === 0);
  bad.answers = 500;
});

test("after ten failures in a row a destination is open, and its log waits", async () => {
  // All of one conversation, hence of one shard, whose breaker it is.
  for (let count = 0; count < 14; count++) await send("Test.CallbackAfterSlow", "one-shard");
  const open = await eventually(async () => {
    const { state, waiting, retrying } = (await destinations()).get("slowly")!;
    return state === "open" && { waiting, retrying };
  });
  assert.ok(open.waiting > 0, JSON.stringify(open));
  assert.equal(open.waiting + open.retrying, 17);
  const { body } = await worker.api("/health");
  assert.ok(body.problems.some((problem: string) => problem.startsWith("slowly: ") && /500/.test(problem)));
});

test("a rule that is wrong can be paused and resumed by its name", async () => {
  assert.equal((await steer("wrong", "pause")).status, 200);
  assert.equal((await steer("wrong", "resume")).status, 200);
});

test("what is no destination is 404", async () => {
  for (const name of ["nowhere", "refuser", "Good", "%20", "..%2F..", "x".repeat(500)])
    for (const action of ["pause", "resume"] as const) {
      const { status, body } = await steer(name, action);
      assert.equal(status, 404, name);
      assert.deepEqual(Object.keys(body.error), ["code", "message"]);
    }
});

test("an address is sent to with its secrets, and shown as the settings write it", async () => {
  await worker.configure({
    ...usual,
    SHARDS: 2,
    ALLOW_PRIVATE_DESTINATIONS: true,
    BOT: `${good.url}/hook/secret-of-the-bot\n`,
    KEY: " secret-key ",
    FORWARD_RULES: [
      { name: "bot", url: "$BOT?key=$KEY" },
      { name: "hidden", url: "ftp://secret-host.example.com/$KEY" },
    ],
  });
  const group = await send("Test.CallbackAfterSecret");
  const { url } = await good.request((one) => one.body.includes(`"${group}"`));
  assert.match(url, /\/hook\/secret-of-the-bot\?key=secret-key$/);
  const { body } = await worker.api("/api/destinations");
  assert.equal(body.find(({ name }: Destination) => name === "bot").url, "$BOT?key=$KEY");
  const health = await (await fetch(`${worker.url}/health`)).text();
  assert.match(health, /FORWARD_RULES\[1\]\.url: expected a URL that begins with https/);
  for (const shown of [JSON.stringify(body), health]) assert.doesNotMatch(shown, /secret-/);
});
