/** Replays by range: `POST /api/replay`, `/api/replays`. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { labelsOf, numbered } from "../support/callbacks.ts";
import { assertRefused } from "../support/client.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { type Receiver, reply, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

/** An hour: everything that a test has sent. */
const recent = { destination: "audit", since: "1h", until: "0s" };

const replayed = ({ received }: Receiver, id: string) =>
  received.filter(({ headers }) => headers["tim-relay-replay"] === id);

function ended(gateway: Gateway, id: string) {
  return until(`${id} has ended`, async () => {
    const replay = await gateway.get(`/api/replays/${id}`);
    return replay.state !== "running" && replay;
  });
}

describe("replays by range", { concurrency: 4 }, () => {
  test("the events of a period are sent again from all shards, with progress to ask for", async () => {
    const receiver = await startReceiver();
    const gateway = await startGateway({ SHARDS: 3, FORWARD_RULES: [{ name: "audit", url: receiver.url }] });
    await gateway.sendAll(numbered("before", 3));
    const since = new Date().toISOString();
    await gateway.sendAll(numbered("a", 20));
    const period = { destination: "audit", since, until: "2100-01-01T00:00:00Z" };
    await gateway.destinationIs("audit", { waiting: 0, delivered: 23 });
    assert.deepEqual(await gateway.post("/api/replay", { ...period, dryRun: true }, 200), { matched: 20 });
    const asked = Date.now();
    const { id, matched } = await gateway.post("/api/replay", period);
    assert.equal(matched, 20);
    const done = await ended(gateway, id);
    assert.deepEqual(Object.keys(done), [
      ...[
        "id",
        "kind",
        "destination",
        "since",
        "until",
        "state",
        "matched",
        "sent",
        "failed",
        "startedAt",
        "endedAt",
      ],
    ]);
    assert.deepEqual(
      { ...done, startedAt: null, endedAt: null, until: null },
      {
        ...{ id, kind: "replay", destination: "audit", since, until: null, state: "done" },
        ...{ matched: 20, sent: 20, failed: 0, startedAt: null, endedAt: null },
      },
    );
    assert.ok(Date.parse(done.until) >= asked && Date.parse(done.until) <= Date.now(), "it ends now");
    assert.ok(done.startedAt <= done.endedAt);
    const again = replayed(receiver, id);
    assert.deepEqual(again.flatMap(({ labels }) => labels).sort(), labelsOf(numbered("a", 20)).sort());
    for (const { id, labels } of again)
      assert.equal(receiver.received.find((one) => one.labels[0] === labels[0])!.id, id);
    assert.deepEqual((await gateway.get("/api/replays")).replays, [done]);
  });

  test("dead letters are replayed by their state, and quarantined events by theirs", async () => {
    const receiver = await startReceiver(reply(400));
    const gateway = await startGateway({
      FORWARD_RULES: [{ name: "audit", url: receiver.url, retry: [] }],
    });
    await gateway.sendAll(numbered("a", 5));
    await gateway.destinationIs("audit", { dead: 5 });
    assert.equal((await gateway.send("Group.CallbackAfterRecallMsg", { GroupId: 1.5 })).status, 400);
    receiver.answer = reply(200);
    const count = async (state: string) =>
      (await gateway.post("/api/replay", { ...recent, state, dryRun: true }, 200)).matched;
    assert.deepEqual([await count("dead"), await count("quarantined"), await count("all")], [5, 1, 5]);
    const dead = await gateway.post("/api/replay", { ...recent, state: "dead" });
    assert.deepEqual([dead.matched, (await ended(gateway, dead.id)).sent], [5, 5]);
    await gateway.destinationIs("audit", { dead: 0, retrying: 0 });
    const { attempts } = await gateway.delivery("a1", "audit", "delivered");
    assert.deepEqual(
      attempts.map(({ status }) => status),
      [400, 200],
    );
    const quarantined = await gateway.post("/api/replay", { ...recent, state: "quarantined" });
    assert.equal((await ended(gateway, quarantined.id)).sent, 1);
    assert.match(replayed(receiver, quarantined.id)[0]!.body, /1\.5/);
  });

  test("a replay to a paused destination waits until it is resumed, and a cancelled one sends nothing", async () => {
    const receiver = await startReceiver();
    const gateway = await startGateway({ SHARDS: 2, FORWARD_RULES: [{ name: "audit", url: receiver.url }] });
    await gateway.sendAll(numbered("a", 6));
    await gateway.destinationIs("audit", { delivered: 6 });
    await gateway.pause("audit");
    const [kept, cancelled] = [
      await gateway.post("/api/replay", recent),
      await gateway.post("/api/replay", recent),
    ];
    await gateway.problem(new RegExp(`^audit: the replay ${kept.id} waits until it is resumed$`));
    const response = await gateway.request(`/api/replays/${cancelled.id}`, { method: "DELETE" });
    assert.equal(response.status, 200);
    const { id, state, sent, endedAt } = (await response.json()) as Record<string, unknown>;
    assert.deepEqual([id, state, sent, typeof endedAt], [cancelled.id, "cancelled", 0, "string"]);
    await gateway.resume("audit");
    assert.equal((await ended(gateway, kept.id)).sent, 6);
    await gateway.noProblem(/replay/);
    assert.equal(replayed(receiver, cancelled.id).length, 0);
    assert.deepEqual(
      (await gateway.get("/api/replays")).replays.map(({ state }: { state: string }) => state).sort(),
      ["cancelled", "done"],
    );
    const again = await gateway.request(`/api/replays/${kept.id}`, { method: "DELETE" });
    assert.equal(((await again.json()) as { state: string }).state, "done");
  });

  test("SIGKILL in the middle of a replay skips no event, and new events are not delayed", async () => {
    const receiver = await startReceiver();
    const gateway = await startGateway({ SHARDS: 2, FORWARD_RULES: [{ name: "audit", url: receiver.url }] });
    const past = numbered("past", 600);
    await Promise.all([0, 1, 2].map((third) => gateway.sendAll(past.filter((_, n) => n % 3 === third))));
    await gateway.destinationIs("audit", { waiting: 0, delivered: 600 });
    const { id, matched } = await gateway.post("/api/replay", { ...recent, perSecond: 100 });
    assert.equal(matched, 600);
    await until("a third is sent", () => replayed(receiver, id).length > 200);
    await gateway.restart();
    const live = numbered("live", 60);
    await gateway.sendAll(live);
    const done = await ended(gateway, id);
    assert.deepEqual([done.state, done.matched, done.sent, done.failed], ["done", 600, 600, 0]);
    const labels = replayed(receiver, id).flatMap((one) => one.labels);
    assert.deepEqual([...new Set(labels)].sort(), labelsOf(past).sort());
    // The posts of the second before the kill are repeated.
    assert.ok(labels.length < 600 + 250, `${labels.length} posts`);
    assert.ok(labelsOf(live).every((label) => receiver.has(label, 200)));
    // The replay takes some seconds more, and the first of them come between its posts.
    const last = receiver.received.findLastIndex(({ headers }) => headers["tim-relay-replay"] === id);
    const tenth = receiver.received.findIndex(({ labels }) => labels.includes("live10"));
    assert.ok(tenth < last, `the tenth came as number ${tenth}, and the replay ended with number ${last}`);
  });

  test("requests that cannot be meant are refused", async () => {
    const { url } = await startReceiver();
    const gateway = await startGateway({
      FORWARD_RULES: [
        { name: "audit", url },
        { name: "off", url, enabled: false },
        { name: "wrong", url, timeoutMs: "soon" },
        { name: "answers", on: "Group.CallbackBeforeSendMsg", answer: { ErrorCode: 1 } },
      ],
    });
    for (const [changed, message] of [
      [{ destination: undefined }, /^destination: /],
      [{ destination: "adit" }, /there is no destination "adit"/],
      [{ destination: "answers" }, /there is no destination/],
      [{ destination: "off" }, /switched off/],
      [{ destination: "wrong" }, /wrong rule/],
      [{ since: undefined }, /^since: expected a time/],
      [{ until: "" }, /^until: expected a time/],
      [{ until: "soon" }, /^until: expected a time/],
      [{ since: "1h", until: "2h" }, /^until: is before since/],
      [{ state: "lost" }, /^state: expected one of quarantined, dead, all/],
      [{ perSecond: 0 }, /^perSecond: expected a whole number from 1 to 1000/],
      [{ perSecond: 1_001 }, /^perSecond: /],
      [{ dryRun: "yes" }, /^dryRun: expected true or false/],
      [{ on: [] }, /^on: is an empty list/],
      [{ on: "Group.CallbackAfterRecal" }, /^on: .* did you mean Group\.CallbackAfterRecallMsg\?$/],
      [{ on: ["Group.*", "Group.Nope"] }, /^on: Group\.Nope is not known, and no event of it is kept/],
      [{ match: { bdy: {} } }, /^match\.bdy: is not a field that match sees/],
      [{ match: { body: { n: [{ prefixx: "a" }] } } }, /^match\.body\.n\[0\]/],
      [{ rate: 5 }, /rate: is not a key here/],
    ] as const)
      assertRefused(await gateway.api("/api/replay", { ...recent, ...changed }), 400, message);
    assertRefused(await gateway.api("/api/replays/rpl_0"), 404, /there is no replay "rpl_0"/);
    assert.deepEqual(await gateway.get("/api/replays"), { replays: [] });
  });
});

test("at most twenty replays run at a time, and one that ends makes room", async () => {
  const { url } = await startReceiver();
  const gateway = await startGateway({ FORWARD_RULES: [{ name: "audit", url }] });
  await gateway.sendAll(numbered("once", 1));
  await gateway.destinationIs("audit", { delivered: 1 });
  await gateway.pause("audit");
  const order = recent;
  const ids: string[] = [];
  for (let n = 0; n < 20; n++) ids.push((await gateway.post("/api/replay", order)).id);
  const refused = await gateway.api("/api/replay", order);
  assertRefused(refused, 400, /^20 replays run, and 20 may: /);
  assert.equal(refused.body.error.code, "too_many_replays");
  assert.deepEqual(await gateway.post("/api/replay", { ...order, dryRun: true }, 200), { matched: 1 });
  const cancelled = await gateway.request(`/api/replays/${ids[0]}`, { method: "DELETE" });
  assert.equal(cancelled.status, 200);
  await gateway.post("/api/replay", order);
});
