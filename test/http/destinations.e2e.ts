import assert from "node:assert/strict";
import { test } from "node:test";
import { startGateway } from "../support/gateway.ts";
import { reply, replyAfter, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const [good, bad] = [await startReceiver(), await startReceiver(reply(500))];
const gateway = await startGateway({
  SHARDS: 2,
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
  await gateway.accept(command, { GroupId });
  return GroupId;
}

test("the destinations of all valid forward rules are listed in their order", async () => {
  const listed = await gateway.destinations();
  assert.deepEqual(
    listed.map(({ name }) => name),
    ["good", "slowly", "letters", "gone"],
  );
  const { name, url, state, waiting, retrying, dead, lastSuccessAt, lastError } = listed[0]!;
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

test("waiting, retrying and dead events are counted over all shards", async () => {
  const began = Date.now();
  for (let count = 0; count < 6; count++) await send("Test.CallbackAfterGood");
  for (let count = 0; count < 3; count++) await send("Test.CallbackAfterSlow");
  for (let count = 0; count < 4; count++) await send("Test.CallbackAfterDead");
  await good.requests(6);
  await gateway.destinationIs("letters", { dead: 4 });
  const slowly = await gateway.destinationIs("slowly", { retrying: 3 });
  const { waiting, retrying, dead, lastSuccessAt, lastError, state } = await gateway.destination("good");
  assert.deepEqual([state, waiting, retrying, dead, lastError], ["up", 0, 0, 0, null]);
  assert.match(lastSuccessAt!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.ok(Date.parse(lastSuccessAt!) >= began - 1 && Date.parse(lastSuccessAt!) <= Date.now());
  assert.deepEqual([slowly.state, slowly.waiting, slowly.dead, slowly.lastSuccessAt], ["up", 0, 0, null]);
  assert.match(slowly.lastError!, /500/);
});

test("latencies are those of each destination, over all shards", async () => {
  const late = replyAfter(1_000);
  good.answer = (response, request) =>
    (request.body.includes('"late-') ? late : reply(200))(response, request);
  for (const name of ["late-1", "late-2"]) await send("Test.CallbackAfterGood", name);
  for (let count = 0; count < 8; count++) await send("Test.CallbackAfterGood");
  const { latency } = await gateway.destinationIs("good", { delivered: 16 });
  good.answer = reply(200);
  assert.ok(latency.p50! < latency.p99!, JSON.stringify(latency));
  assert.ok(latency.p99! >= 800 && latency.p99! < 20_000, JSON.stringify(latency));
  assert.deepEqual((await gateway.destination("letters")).latency, { p50: null, p99: null });
});

test("a paused destination gets no event, and every one once it is resumed", async () => {
  const paused = await gateway.pause("good");
  assert.equal(paused.state, "paused");
  const before = good.received.length;
  const waiting = [];
  for (let count = 0; count < 8; count++) waiting.push(await send("Test.CallbackAfterGood"));
  await send("Test.CallbackAfterDead");
  await gateway.destinationIs("letters", { dead: 5 });
  const { state, waiting: count } = await gateway.destination("good");
  assert.deepEqual([state, count], ["paused", 8]);
  assert.equal(good.received.length, before);

  await gateway.pause("good");
  const resumed = await gateway.resume("good");
  assert.equal(resumed.state, "up");
  for (const group of waiting) await good.request((one) => one.body.includes(`"${group}"`));
  await gateway.destinationIs("good", { waiting: 0 });
  assert.equal(good.received.length, before + 8, "each once");
});

test("a pause holds on every shard and survives eviction", async () => {
  await gateway.pause("good");
  const before = good.received.length;
  const waiting = [];
  for (let count = 0; count < 8; count++) waiting.push(await send("Test.CallbackAfterGood"));
  for (const shard of [0, 1]) await gateway.evict(shard);
  const { state, waiting: count } = await gateway.destination("good");
  assert.deepEqual([state, count], ["paused", 8]);
  waiting.push(await send("Test.CallbackAfterGood"));
  assert.equal(good.received.length, before);
  for (const shard of [0, 1]) await gateway.evict(shard);
  await gateway.resume("good");
  for (const group of waiting) await good.request((one) => one.body.includes(`"${group}"`));
});

test("410 disables a destination on every shard; resumed, it gets the refused event and the others", async () => {
  bad.answer = reply(410);
  const first = await send("Test.CallbackAfterGone");
  await gateway.destinationIs("gone", { state: "disabled" });
  const after = bad.received.length;
  const waiting = [first];
  for (let count = 0; count < 8; count++) waiting.push(await send("Test.CallbackAfterGone"));
  const { state, waiting: waits, retrying, dead } = await gateway.destination("gone");
  assert.deepEqual([state, waits + retrying, dead], ["disabled", 9, 0]);
  assert.equal(bad.received.length, after);

  bad.answer = reply(200);
  assert.deepEqual((await gateway.resume("gone")).state, "up");
  const cameOf = (group: string) => bad.received.filter(({ body }) => body.includes(`"${group}"`)).length;
  for (const group of waiting)
    await until(`${group} has come`, () => cameOf(group) === (group === first ? 2 : 1));
  await gateway.destinationIs("gone", { waiting: 0, retrying: 0 });
  bad.answer = reply(500);
});

test("resuming ends a pause and the effect of a 410", async () => {
  bad.answer = reply(410);
  await send("Test.CallbackAfterGone");
  await gateway.destinationIs("gone", { state: "disabled" });
  assert.equal((await gateway.pause("gone")).state, "disabled");
  bad.answer = reply(200);
  assert.equal((await gateway.resume("gone")).state, "up");
  await gateway.destinationIs("gone", { retrying: 0 });
  bad.answer = reply(500);
});

test("after ten failures in a row a destination is open, and its events wait", async () => {
  // All of one conversation, hence of one shard, whose breaker it is.
  for (let count = 0; count < 14; count++) await send("Test.CallbackAfterSlow", "one-shard");
  const { waiting, retrying } = await gateway.destinationIs("slowly", { state: "open" });
  assert.ok(waiting > 0);
  assert.equal(waiting + retrying, 17);
  await gateway.problem(/^slowly: .*500/);
});

test("the destination of an invalid rule can be paused and resumed", async () => {
  await gateway.pause("wrong");
  await gateway.resume("wrong");
});

test("steering an unknown destination is 404", async () => {
  for (const name of ["nowhere", "Good", "%20", "..%2F..", "x".repeat(500)])
    for (const action of ["pause", "resume"] as const) {
      const { status, body } = await gateway.api(`/api/destinations/${name}/${action}`, {});
      assert.equal(status, 404, name);
      assert.deepEqual(Object.keys(body.error), ["code", "message"]);
    }
});

test("a url with secrets is shown as the settings write it, and used with their values", async () => {
  await gateway.restart({
    SHARDS: 2,
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
  const bot = await gateway.destination("bot");
  assert.equal(bot.url, "$BOT?key=$KEY");
  const problems = (await gateway.problems()).join("\n");
  assert.match(problems, /FORWARD_RULES\[1\]\.url: expected an absolute URL such as https/);
  for (const shown of [JSON.stringify(bot), problems]) assert.doesNotMatch(shown, /secret-/);
});
