/** The state that survives the end of the runtime, by SIGKILL, and of a single object. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { newEventId } from "../../src/callback/event-id.ts";
import { eventWith } from "../delivery/sample.ts";
import type { ListedEvent } from "../support/api.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { hang, reply, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const recall = "Group.CallbackAfterRecallMsg";

const manyGroups = (count: number) => Array.from({ length: count }, (_, index) => `group-${index}`);

/** Sends a recall to each group; different numbers make different events. */
async function sendEach(gateway: Gateway, groups: readonly string[], seq: number): Promise<void> {
  for (const GroupId of groups) await gateway.accept(recall, { GroupId, MsgSeqList: [{ MsgSeq: seq }] });
}

/** Pauses a destination that has all its events: the segment of the next event also stores these deliveries. */
async function pauseWhenDone(gateway: Gateway, name: string): Promise<void> {
  await gateway.destinationIs(name, { waiting: 0 });
  await gateway.pause(name);
}

describe("after a restart", { concurrency: 4 }, () => {
  test("a paused destination is still paused, its events wait, and no delivery is repeated", async () => {
    const receiver = await startReceiver();
    const gateway = await startGateway({ FORWARD_RULES: [{ name: "audit", url: receiver.url }], SHARDS: 2 });
    const groups = manyGroups(10);
    await sendEach(gateway, groups, 1);
    await receiver.requests(10);
    await pauseWhenDone(gateway, "audit");
    await sendEach(gateway, groups, 2);

    await gateway.restart();
    const { state, waiting } = await gateway.destination("audit");
    assert.deepEqual([state, waiting], ["paused", 10]);
    await sendEach(gateway, groups, 3);
    assert.equal(receiver.received.length, 10);

    await gateway.restart();
    assert.equal((await gateway.destination("audit")).waiting, 20);
    await gateway.resume("audit");
    await receiver.requests(30);
    await gateway.destinationIs("audit", { waiting: 0 });
    assert.equal(receiver.received.length, 30, "each once");
    const got = receiver.received.map(({ body }) => JSON.parse(body).data);
    for (const group of groups)
      assert.deepEqual(
        new Set(got.filter(({ GroupId }) => GroupId === group).map(({ MsgSeqList }) => MsgSeqList[0].MsgSeq)),
        new Set([1, 2, 3]),
      );
    assert.equal((await gateway.allEvents()).length, 30);
  });

  test("retries, dead letters and a disabled destination are unchanged", async () => {
    const [failing, gone] = [await startReceiver(reply(500)), await startReceiver(reply(410))];
    const gateway = await startGateway({
      SHARDS: 2,
      FORWARD_RULES: [
        { name: "later", on: "Test.CallbackAfterLater", url: failing.url, retry: ["2h"] },
        { name: "letters", on: "Test.CallbackAfterDead", url: failing.url, retry: [] },
        { name: "gone", on: "Test.CallbackAfterGone", url: gone.url },
      ],
    });
    for (const GroupId of ["a", "b", "c"]) {
      await gateway.accept("Test.CallbackAfterLater", { GroupId });
      await gateway.accept("Test.CallbackAfterDead", { GroupId });
    }
    await gateway.accept("Test.CallbackAfterGone", { GroupId: "a" });
    const report = async () =>
      (await gateway.destinations()).map(({ name, state, waiting, retrying, dead }) => [
        name,
        state,
        waiting,
        retrying,
        dead,
      ]);
    const expected = [
      ["later", "up", 0, 3, 0],
      ["letters", "up", 0, 0, 3],
      ["gone", "disabled", 0, 1, 0],
    ];
    await until(
      "every attempt has failed",
      async () => JSON.stringify(await report()) === JSON.stringify(expected),
    );
    const details = async () =>
      Promise.all((await gateway.allEvents()).map(async ({ id }) => (await gateway.event(id)).deliveries));
    const before = { details: await details(), letters: await gateway.deadLetters() };

    await gateway.restart();
    assert.deepEqual(await report(), expected);
    assert.deepEqual(await details(), before.details);
    assert.deepEqual(await gateway.deadLetters(), before.letters);
    assert.equal(failing.received.length, 6, "no retry is due");

    failing.answer = gone.answer = reply(200);
    assert.deepEqual(await gateway.post("/api/dead-letters/replay"), { queued: 3 });
    await gateway.resume("gone");
    await failing.requests(9);
    await gone.requests(2);
    await gateway.destinationIs("letters", { dead: 0 });
  });

  test("a retry is sent at its time without any request, and its conversation follows in order", async () => {
    const receiver = await startReceiver(reply(503));
    const gateway = await startGateway({
      FORWARD_RULES: [{ name: "ordered", url: receiver.url, order: "conversation", retry: ["8s", "8s"] }],
    });
    for (const seq of [1, 2, 3]) await sendEach(gateway, ["in-order"], seq);
    await gateway.destinationIs("ordered", { retrying: 1 });
    assert.equal(receiver.received.length, 1, "the events behind it wait");
    await gateway.kill();

    receiver.answer = reply(200);
    await gateway.start();
    await receiver.requests(4);
    assert.deepEqual(
      receiver.received.map(({ body }) => JSON.parse(body).data.MsgSeqList[0].MsgSeq),
      [1, 1, 2, 3],
    );
  });

  test("an event that was in flight is sent again under the same id", async () => {
    const receiver = await startReceiver(hang);
    const gateway = await startGateway({ FORWARD_RULES: [{ name: "hangs", url: receiver.url }] });
    await sendEach(gateway, ["cut-off"], 1);
    const attempt = await receiver.request(({ body }) => body.includes("cut-off"));
    await gateway.kill();
    receiver.answer = reply(200);
    await gateway.start();
    await sendEach(gateway, ["next"], 1);
    await receiver.requests(3);
    const again = receiver.received.filter(({ body }) => body.includes("cut-off"));
    assert.equal(again.length, 2);
    assert.equal(again[1]!.id, attempt.id);
    assert.deepEqual(again[1]!.bytes, attempt.bytes);
  });

  test("an open breaker is still open", async () => {
    // A probe has no answer: on a busy machine it comes before the test has looked.
    const fails = reply(500);
    const receiver = await startReceiver((response, request) => {
      if (receiver.received.length <= 10) fails(response, request);
    });
    const rule = { name: "down", url: receiver.url, retry: ["2h"], concurrency: 1, timeoutMs: 60_000 };
    const gateway = await startGateway({ FORWARD_RULES: [rule] });
    await sendEach(gateway, manyGroups(12), 1);
    await receiver.requests(10);
    await gateway.destinationIs("down", { state: "open" });
    // The segment of an event stores the state of all destinations, and is durable when the event is answered.
    await sendEach(gateway, ["one-more"], 1);
    await gateway.restart();
    const { state, waiting, retrying } = await gateway.destination("down");
    assert.deepEqual([state, waiting, retrying], ["open", 3, 10]);
    assert.ok(receiver.received.length <= 12, `${receiver.received.length} requests`);
  });

  test("duplicates are recognised, as they are after an eviction", async () => {
    const gateway = await startGateway({ SHARDS: 2 });
    const sent: [command: string, body: object, RequestID?: string][] = [
      [recall, { GroupId: "g", MsgSeqList: [] }, "request-1"],
      [recall, { GroupId: "g", MsgSeqList: [{ MsgSeq: 1 }], EventTime: 1718000000000 }],
      ["Group.CallbackAfterSendMsg", { GroupId: "g", From_Account: "lan", MsgSeq: 7, Random: 9 }],
    ];
    const sendAll = async () => {
      for (const [command, body, RequestID] of sent)
        await gateway.accept(command, body, { query: { RequestID } });
    };
    const keptIds = async () => (await gateway.allEvents()).map(({ id }) => id);
    await sendAll();
    const ids = await keptIds();
    assert.equal(ids.length, sent.length);

    await gateway.restart();
    await sendAll();
    await keptIds();
    for (const shard of [0, 1]) await gateway.evict(shard);
    await sendAll();
    assert.deepEqual(await keptIds(), ids);
  });

  test("every acknowledged event of a flood is kept once, after each of three kills", async () => {
    const gateway = await startGateway({ SHARDS: 2 });
    const acknowledged: string[] = [];
    for (let round = 0; round < 3; round++) {
      if (round > 0) await gateway.start();
      const enough = (round + 1) * 60;
      const reached = Promise.withResolvers<void>();
      const senders = Array.from({ length: 16 }, async (_, sender) => {
        for (let seq = 0; ; seq++) {
          const GroupId = `round-${round}-sender-${sender}-${seq}`;
          const answer = await gateway.send(recall, { GroupId, MsgSeqList: [] }).catch(() => null);
          if (answer?.status !== 200) return;
          acknowledged.push(`group:${GroupId}`);
          if (acknowledged.length >= enough) reached.resolve();
        }
      });
      await reached.promise;
      await gateway.kill();
      await Promise.all(senders);
    }
    await gateway.start();
    const kept = (await gateway.allEvents()).map(({ conversation }) => conversation);
    assert.equal(new Set(kept).size, kept.length, "none twice");
    const lost = acknowledged.filter((conversation) => !kept.includes(conversation));
    assert.deepEqual(lost, []);
    assert.ok(acknowledged.length >= 180);
  });

  test("shards grow from one to four with everything in place, and a lower number is ignored", async () => {
    const receiver = await startReceiver();
    const FORWARD_RULES = [{ name: "audit", url: receiver.url }];
    const groups = manyGroups(24);
    const shardsOf = (events: ListedEvent[]) => new Set(events.map(({ id }) => id.slice(14, 16)));

    const gateway = await startGateway({ FORWARD_RULES, SHARDS: 1 });
    await sendEach(gateway, groups, 1);
    await receiver.requests(24);
    await pauseWhenDone(gateway, "audit");
    await sendEach(gateway, ["paused"], 1);
    const early = await gateway.allEvents();
    assert.deepEqual(shardsOf(early), new Set(["00"]));

    await gateway.restart({ FORWARD_RULES, SHARDS: 4 });
    await sendEach(gateway, groups, 2);
    const late = (await gateway.allEvents()).filter(({ id }) => !early.some((event) => event.id === id));
    assert.equal(late.length, 24);
    assert.deepEqual(shardsOf(late), new Set(["00", "01", "02", "03"]));
    const paused = await gateway.destination("audit");
    assert.deepEqual([paused.state, paused.waiting], ["paused", 25]);
    assert.equal(receiver.received.length, 24, "a new shard knows that the destination is paused");
    for (const { id } of early) await gateway.event(id);

    await gateway.restart({ FORWARD_RULES, SHARDS: 2 });
    await gateway.problem(/^SHARDS .*4 shards/);
    assert.equal((await gateway.allEvents()).length, 49);
    await sendEach(gateway, groups, 3);
    assert.equal((await gateway.allEvents()).length, 73);
    for (const conversation of groups) {
      const events = await gateway.allEvents({ conversation });
      assert.equal(shardsOf(events.slice(0, 2)).size, 1, "a conversation stays on its shard");
    }
    await gateway.resume("audit");
    await receiver.requests(73);
    await gateway.destinationIs("audit", { waiting: 0 });
    assert.equal(receiver.received.length, 73, "each once");
  });
});

test("a retry is sent at its time though its object was evicted", async () => {
  const receiver = await startReceiver(reply(500));
  const gateway = await startGateway({
    FORWARD_RULES: [{ name: "audit", url: receiver.url, retry: ["8s"] }],
  });
  await sendEach(gateway, ["evicted"], 1);
  await gateway.destinationIs("audit", { retrying: 1 });
  receiver.answer = reply(200);
  await gateway.evict(0);
  assert.equal(receiver.received.length, 1);
  await receiver.requests(2);
  await gateway.destinationIs("audit", { retrying: 0 });
});

test("an event that a Worker of the previous version hands over is kept like any other", async () => {
  const gateway = await startGateway();
  const event = eventWith({ id: newEventId(0, Date.now(), new Uint8Array(12)), receivedAt: Date.now() });
  await gateway.append(0, { event, marks: [1], host: "localhost" });
  const { command, body } = await gateway.event(event.id);
  assert.deepEqual([command, body], [event.command, JSON.parse(event.body)]);
});
