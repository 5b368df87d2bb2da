/** What outlives the runtime: killed, and started again on the same storage. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { newEventId } from "../../src/callback/event-id.ts";
import { eventWith } from "../delivery/sample.ts";
import { startReceiver } from "../http/receiver.ts";
import { eventually, type Settings, usual } from "../http/worker.ts";
import { type Instance, newDataDir, startInstance } from "./instance.ts";

const settingsWith = (rules: Settings[], more: Settings = {}): Settings => ({
  ...usual,
  ALLOW_PRIVATE_DESTINATIONS: true,
  FORWARD_RULES: rules,
  ...more,
});

const recall = "Group.CallbackAfterRecallMsg";

async function send(instance: Instance, command: string, body: object, id?: string): Promise<void> {
  const { status, text } = await instance.send(command, body, { query: { RequestID: id } });
  assert.equal(status, 200, text);
}

async function destination(instance: Instance, name: string) {
  const { body } = await instance.api("/api/destinations");
  return body.find((one: { name: string }) => one.name === name);
}

interface Listed {
  id: string;
  state: string;
  conversation: string;
}

/** All events that fit, over all pages. */
async function list(instance: Instance, query = ""): Promise<Listed[]> {
  const events: Listed[] = [];
  for (let cursor = ""; ; ) {
    const { status, body } = await instance.api(
      `/api/events?limit=200&${query}${cursor && `&cursor=${cursor}`}`,
    );
    assert.equal(status, 200);
    events.push(...body.events);
    if (body.cursor === null) return events;
    cursor = body.cursor;
  }
}

/** All is delivered that was sent; what follows while the destination is paused writes down that it was. */
async function pauseWhenDone(instance: Instance, name: string): Promise<void> {
  await eventually(async () => (await destination(instance, name)).waiting === 0);
  assert.equal((await instance.api(`/api/destinations/${name}/pause`, {})).status, 200);
}

/** A watchdog needs up to 30 s: meanwhile the other tests run. */
const watched = (async () => {
  const receiver = await startReceiver();
  const dataDir = newDataDir();
  const settings = settingsWith([{ name: "hangs", url: receiver.url }]);
  receiver.answers = "hangs";
  const first = await startInstance(settings, dataDir);
  await send(first, recall, { GroupId: "watched", MsgSeqList: [] });
  const attempt = await receiver.request(({ body }) => body.includes("watched"));
  await first.kill();
  receiver.answers = 200;
  await startInstance(settings, dataDir);
  const began = Date.now();
  return async () => {
    while (receiver.received.length < 2 && Date.now() - began < 40_000)
      await new Promise((resolve) => setTimeout(resolve, 50));
    return { attempt, again: receiver.received[1], ms: Date.now() - began };
  };
})();
watched.catch(() => {});

test("a paused destination stays paused, its log waits, and what was delivered is not sent again", async () => {
  const receiver = await startReceiver();
  const dataDir = newDataDir();
  const settings = settingsWith([{ name: "audit", url: receiver.url }], { SHARDS: 2 });
  const groups = Array.from({ length: 10 }, (_, index) => `group-${index}`);

  const first = await startInstance(settings, dataDir);
  for (const GroupId of groups) await send(first, recall, { GroupId, MsgSeqList: [{ MsgSeq: 1 }] });
  await receiver.requests(10);
  await pauseWhenDone(first, "audit");
  for (const GroupId of groups) await send(first, recall, { GroupId, MsgSeqList: [{ MsgSeq: 2 }] });
  await first.kill();

  const second = await startInstance(settings, dataDir);
  const { state, waiting } = await destination(second, "audit");
  assert.deepEqual([state, waiting], ["paused", 10]);
  for (const GroupId of groups) await send(second, recall, { GroupId, MsgSeqList: [{ MsgSeq: 3 }] });
  assert.equal(receiver.received.length, 10);
  await second.kill();

  const third = await startInstance(settings, dataDir);
  assert.equal((await destination(third, "audit")).waiting, 20);
  await third.api("/api/destinations/audit/resume", {});
  await receiver.requests(30);
  await eventually(async () => (await destination(third, "audit")).waiting === 0);
  assert.equal(receiver.received.length, 30, "each once");
  const got = receiver.received.map(({ body }) => JSON.parse(body.toString()).data);
  for (const group of groups)
    assert.deepEqual(
      new Set(got.filter(({ GroupId }) => GroupId === group).map(({ MsgSeqList }) => MsgSeqList[0].MsgSeq)),
      new Set([1, 2, 3]),
    );
  assert.equal((await list(third)).length, 30);
});

test("the retry list, dead letters and a 410 are what they were", async () => {
  const [failing, gone] = [await startReceiver(), await startReceiver()];
  const dataDir = newDataDir();
  failing.answers = 500;
  gone.answers = 410;
  const settings = settingsWith(
    [
      { name: "later", on: "Test.CallbackAfterLater", url: failing.url, retry: ["2h"] },
      { name: "letters", on: "Test.CallbackAfterDead", url: failing.url, retry: [] },
      { name: "gone", on: "Test.CallbackAfterGone", url: gone.url },
    ],
    { SHARDS: 2 },
  );
  const first = await startInstance(settings, dataDir);
  for (const GroupId of ["a", "b", "c"]) {
    await send(first, "Test.CallbackAfterLater", { GroupId });
    await send(first, "Test.CallbackAfterDead", { GroupId });
  }
  await send(first, "Test.CallbackAfterGone", { GroupId: "a" });
  const standing = async (instance: Instance) => {
    const { body } = await instance.api("/api/destinations");
    return body.map(({ name, state, waiting, retrying, dead }: Record<string, unknown>) => [
      name,
      state,
      waiting,
      retrying,
      dead,
    ]);
  };
  const expected = [
    ["later", "up", 0, 3, 0],
    ["letters", "up", 0, 0, 3],
    ["gone", "disabled", 0, 1, 0],
  ];
  await eventually(async () => JSON.stringify(await standing(first)) === JSON.stringify(expected));
  const details = async (instance: Instance) =>
    Promise.all(
      (await list(instance)).map(async ({ id }) => (await instance.api(`/api/events/${id}`)).body.deliveries),
    );
  const before = { details: await details(first), letters: (await first.api("/api/dead-letters")).body };
  await first.kill();

  const second = await startInstance(settings, dataDir);
  assert.deepEqual(await standing(second), expected);
  assert.deepEqual(await details(second), before.details);
  assert.deepEqual((await second.api("/api/dead-letters")).body, before.letters);
  assert.equal(failing.received.length, 6, "nothing is due");

  failing.answers = gone.answers = 200;
  assert.deepEqual((await second.api("/api/dead-letters/replay", {})).body, { queued: 3 });
  await second.api("/api/destinations/gone/resume", {});
  await failing.requests(9);
  await gone.requests(2);
  await eventually(async () => (await destination(second, "letters")).dead === 0);
});

test("a retry comes at its time though nobody calls, and its conversation follows in order", async () => {
  const receiver = await startReceiver();
  const dataDir = newDataDir();
  receiver.answers = 503;
  const settings = settingsWith([
    { name: "ordered", url: receiver.url, order: "conversation", retry: ["3s", "3s"] },
  ]);
  const first = await startInstance(settings, dataDir);
  for (const seq of [1, 2, 3])
    await send(first, recall, { GroupId: "in-order", MsgSeqList: [{ MsgSeq: seq }] });
  await eventually(async () => (await destination(first, "ordered")).retrying === 1);
  assert.equal(receiver.received.length, 1, "those behind it wait");
  await first.kill();

  receiver.answers = 200;
  await startInstance(settings, dataDir);
  await receiver.requests(4);
  assert.deepEqual(
    receiver.received.map(({ body }) => JSON.parse(body.toString()).data.MsgSeqList[0].MsgSeq),
    [1, 1, 2, 3],
  );
});

test("an event that was being sent is sent again, under the same id", async () => {
  const receiver = await startReceiver();
  const dataDir = newDataDir();
  receiver.answers = "hangs";
  const settings = settingsWith([{ name: "hangs", url: receiver.url }]);
  const first = await startInstance(settings, dataDir);
  await send(first, recall, { GroupId: "cut-off", MsgSeqList: [] });
  const attempt = await receiver.request(({ body }) => body.includes("cut-off"));
  await first.kill();
  receiver.answers = 200;
  const second = await startInstance(settings, dataDir);
  await send(second, recall, { GroupId: "next", MsgSeqList: [] });
  await receiver.requests(3);
  const again = receiver.received.filter(({ body }) => body.includes("cut-off"));
  assert.equal(again.length, 2);
  assert.equal(again[1]!.headers["webhook-id"], attempt.headers["webhook-id"]);
  assert.deepEqual(again[1]!.body, attempt.body);
});

test("an open breaker stays open", async () => {
  const receiver = await startReceiver();
  const dataDir = newDataDir();
  receiver.answers = 500;
  const settings = settingsWith([{ name: "down", url: receiver.url, retry: ["2h"], concurrency: 1 }]);
  const first = await startInstance(settings, dataDir);
  for (let seq = 0; seq < 12; seq++) await send(first, recall, { GroupId: `group-${seq}`, MsgSeqList: [] });
  await receiver.requests(10);
  await eventually(async () => (await destination(first, "down")).state === "open");
  // What is told with the next segment is on disk when an answer to one is here.
  await send(first, recall, { GroupId: "one-more", MsgSeqList: [] });
  await first.kill();
  const second = await startInstance(settings, dataDir);
  const { state, waiting, retrying } = await destination(second, "down");
  assert.deepEqual([state, waiting, retrying], ["open", 3, 10]);
  assert.equal(receiver.received.length, 10);
});

test("duplicates are known after a restart and after an eviction, by every rule of theirs", async () => {
  const dataDir = newDataDir();
  const settings = settingsWith([], { SHARDS: 2 });
  const told: [string, object, string?][] = [
    [recall, { GroupId: "g", MsgSeqList: [] }, "request-1"],
    [recall, { GroupId: "g", MsgSeqList: [{ MsgSeq: 1 }], EventTime: 1718000000000 }],
    ["Group.CallbackAfterSendMsg", { GroupId: "g", From_Account: "lan", MsgSeq: 7, Random: 9 }],
  ];
  const first = await startInstance(settings, dataDir);
  for (const one of told) await send(first, ...one);
  const ids = (await list(first)).map(({ id }) => id);
  assert.equal(ids.length, told.length);
  await first.kill();

  const second = await startInstance(settings, dataDir);
  for (const one of told) await send(second, ...one);
  await list(second);
  for (const shard of [0, 1]) await second.evict(shard);
  for (const one of told) await send(second, ...one);
  assert.deepEqual(
    (await list(second)).map(({ id }) => id),
    ids,
  );
});

test("whatever was answered OK is kept when the runtime is killed under load, once", async () => {
  const dataDir = newDataDir();
  const settings = settingsWith([], { SHARDS: 2 });
  const acknowledged: string[] = [];
  for (let round = 0; round < 3; round++) {
    const instance = await startInstance(settings, dataDir);
    let enough = () => {};
    const reached = new Promise<void>((resolve) => {
      enough = resolve;
    });
    const until = (round + 1) * 60;
    const senders = Array.from({ length: 16 }, async (_, sender) => {
      for (let seq = 0; ; seq++) {
        const GroupId = `round-${round}-sender-${sender}-${seq}`;
        const answer = await instance.send(recall, { GroupId, MsgSeqList: [] }).catch(() => null);
        if (answer?.status !== 200) return;
        acknowledged.push(`group:${GroupId}`);
        if (acknowledged.length >= until) enough();
      }
    });
    await reached;
    await instance.kill();
    await Promise.all(senders);
  }
  const last = await startInstance(settings, dataDir);
  const kept = (await list(last)).map(({ conversation }) => conversation);
  assert.equal(new Set(kept).size, kept.length, "none twice");
  const lost = acknowledged.filter((conversation) => !kept.includes(conversation));
  assert.deepEqual(lost, []);
  assert.ok(acknowledged.length >= 180);
});

test("a retry comes at its time though its object was ended", async () => {
  const receiver = await startReceiver();
  receiver.answers = 500;
  const instance = await startInstance(
    settingsWith([{ name: "audit", url: receiver.url, retry: ["3s"] }]),
    newDataDir(),
  );
  await send(instance, recall, { GroupId: "evicted", MsgSeqList: [] });
  await eventually(async () => (await destination(instance, "audit")).retrying === 1);
  receiver.answers = 200;
  await instance.evict(0);
  assert.equal(receiver.received.length, 1);
  await receiver.requests(2);
  await eventually(async () => (await destination(instance, "audit")).retrying === 0);
});

test("shards grow from one to four with everything in place, and a lower number is ignored", async () => {
  const receiver = await startReceiver();
  const dataDir = newDataDir();
  const rules = [{ name: "audit", url: receiver.url }];
  const groups = Array.from({ length: 24 }, (_, index) => `group-${index}`);
  const shardsOf = (events: Listed[]) => new Set(events.map(({ id }) => id.slice(14, 16)));

  const one = await startInstance(settingsWith(rules, { SHARDS: 1 }), dataDir);
  for (const GroupId of groups) await send(one, recall, { GroupId, MsgSeqList: [{ MsgSeq: 1 }] });
  await receiver.requests(24);
  await pauseWhenDone(one, "audit");
  await send(one, recall, { GroupId: "paused", MsgSeqList: [] });
  const early = await list(one);
  assert.deepEqual(shardsOf(early), new Set(["00"]));
  await one.kill();

  const four = await startInstance(settingsWith(rules, { SHARDS: 4 }), dataDir);
  for (const GroupId of groups) await send(four, recall, { GroupId, MsgSeqList: [{ MsgSeq: 2 }] });
  const late = (await list(four)).filter(({ id }) => !early.some((event) => event.id === id));
  assert.equal(late.length, 24);
  assert.deepEqual(shardsOf(late), new Set(["00", "01", "02", "03"]));
  const paused = await destination(four, "audit");
  assert.deepEqual([paused.state, paused.waiting], ["paused", 25]);
  assert.equal(receiver.received.length, 24, "a shard knows at its birth what is paused");
  for (const { id } of early) assert.equal((await four.api(`/api/events/${id}`)).status, 200);
  await four.kill();

  const two = await startInstance(settingsWith(rules, { SHARDS: 2 }), dataDir);
  const { body } = await two.api("/health");
  assert.ok(
    body.problems.some((problem: string) => /^SHARDS .*4 shards/.test(problem)),
    body.problems.join("\n"),
  );
  assert.equal((await list(two)).length, 49);
  for (const GroupId of groups) await send(two, recall, { GroupId, MsgSeqList: [{ MsgSeq: 3 }] });
  assert.equal((await list(two)).length, 73);
  for (const group of groups) {
    const events = await list(two, `conversation=${group}`);
    assert.equal(shardsOf(events.slice(0, 2)).size, 1, "a conversation stays where it is");
  }
  await two.api("/api/destinations/audit/resume", {});
  await receiver.requests(73);
  await eventually(async () => (await destination(two, "audit")).waiting === 0);
  assert.equal(receiver.received.length, 73, "each once");
});

test("without a call, an event that was being sent is sent again within 30 s", async () => {
  const { attempt, again, ms } = await (await watched)();
  assert.ok(again, `nothing came within ${ms} ms`);
  assert.equal(again.headers["webhook-id"], attempt.headers["webhook-id"]);
  assert.ok(ms < 32_000, `${ms}`);
});

test("an event that a Worker of the version before hands over is kept like any other", async () => {
  const instance = await startInstance(settingsWith([]), newDataDir());
  const event = eventWith({ id: newEventId(0, Date.now(), new Uint8Array(12)), receivedAt: Date.now() });
  await instance.append(0, { event, marks: [1], host: "localhost" });
  const { body } = await instance.api(`/api/events/${event.id}`);
  assert.deepEqual([body.command, body.body], [event.command, JSON.parse(event.body)]);
});
