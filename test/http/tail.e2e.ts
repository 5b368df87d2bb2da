/** The live tail, over four shards. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertRefused } from "../support/client.ts";
import { startGateway } from "../support/gateway.ts";
import { reply, startReceiver } from "../support/receiver.ts";
import { watch } from "../support/tail.ts";
import { until } from "../support/until.ts";

const [good, bad] = [await startReceiver(), await startReceiver(reply(500))];
const rule = (name: string, url: string, more: object = {}) => ({
  name,
  on: `Test.CallbackAfter.${name}`,
  url,
  ...more,
});
const gateway = await startGateway({
  SHARDS: 4,
  FORWARD_RULES: [
    rule("good", good.url),
    rule("letters", bad.url, { retry: ["10ms"] }),
    rule("waiting", bad.url, { retry: ["1h"] }),
    { name: "refuser", on: "Group.CallbackBeforeSendMsg", answer: { ErrorCode: 1 } },
  ],
});

const shardsOf = (ids: readonly string[]) => new Set(ids.map((id) => id.slice(14, 16)));
const unique = (ids: readonly string[]) => {
  assert.equal(new Set(ids).size, ids.length, "an event came twice");
  return new Set(ids);
};

/** Sends events to all shards, so many at a time. */
async function send(count: number, command = "Test.CallbackAfterMany", at = 25): Promise<void> {
  for (let sent = 0; sent < count; sent += at)
    await Promise.all(
      Array.from({ length: Math.min(at, count - sent) }, (_, index) =>
        gateway.accept(command, { GroupId: `room-${sent + index}`, From_Account: "lan" }),
      ),
    );
}

async function allIds(query: object = {}): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await gateway.events({ limit: 200, ...query, cursor });
    ids.push(...page.events.map(({ id }) => id));
    if (page.cursor === null) return ids;
    cursor = page.cursor;
  }
}

test("events of all shards come over one socket, as lists show them", async () => {
  const viewer = await watch(gateway);
  await send(40, "Test.CallbackAfterFirst");
  const lines = await viewer.seen("event", 40);
  assert.equal(shardsOf(viewer.ids()).size, 4);
  const { events } = await gateway.events({ command: "Test.CallbackAfterFirst" });
  const byId = new Map(lines.map(({ event }) => [event.id, event]));
  for (const event of events) assert.deepEqual(byId.get(event.id), event);
  viewer.socket.close();
});

test("since shows 1,000 events of four shards once each, while more arrive", async () => {
  await send(1_000);
  const before = await allIds({ command: "Test.CallbackAfterMany" });
  assert.equal(before.length, 1_000);
  const sending = send(400);
  const viewer = await watch(gateway, { query: { since: "1h", command: "Test.CallbackAfterMany" } });
  await sending;
  await viewer.seen("event", 1_400);
  assert.deepEqual(unique(viewer.ids()), new Set(await allIds({ command: "Test.CallbackAfterMany" })));
  // What is kept comes oldest first.
  const times = viewer.of("event").map(({ event }) => Date.parse(event.receivedAt));
  for (const [index, time] of times.slice(0, 900).entries()) assert.ok(time <= times[index + 1]! + 1_000);
  await send(40);
  await viewer.seen("event", 1_440);
  assert.deepEqual(unique(viewer.ids()), new Set(await allIds({ command: "Test.CallbackAfterMany" })));
  viewer.socket.close();
});

test("deliveries come with state and attempt, verdicts with their event", async () => {
  const viewer = await watch(gateway);
  for (const name of ["good", "letters", "waiting"])
    await gateway.accept(`Test.CallbackAfter.${name}`, { GroupId: name });
  const deliveries = await viewer.seen("delivery", 4);
  assert.deepEqual(
    deliveries.map(({ destination, state, attempt }) => `${destination} ${state} ${attempt}`).sort(),
    ["good delivered 1", "letters dead 2", "letters retrying 1", "waiting retrying 1"],
  );
  const ids = viewer.ids();
  for (const { event } of deliveries) assert.ok(ids.includes(event));

  const message = { GroupId: "g", From_Account: "lan", Type: "Public", MsgBody: [] };
  await gateway.send("Group.CallbackBeforeSendMsg", message);
  const [verdict] = await viewer.seen("verdict", 1);
  const judged = viewer.of("event").find(({ event }) => event.id === verdict!.event);
  assert.equal(judged?.event.command, "Group.CallbackBeforeSendMsg");
  const { ms, ...rest } = verdict!;
  assert.equal(typeof ms, "number");
  assert.deepEqual(rest, { type: "verdict", event: verdict!.event, rule: "refuser", code: 1, how: "rule" });
  viewer.socket.close();
});

test("a replay's attempts are numbered on", async () => {
  const viewer = await watch(gateway, { query: { destination: "good", command: "Test.CallbackAfter.good" } });
  await gateway.accept("Test.CallbackAfter.good", { GroupId: "again" });
  const [first] = await viewer.seen("delivery", 1);
  for (const attempt of [2, 3]) {
    await gateway.api(`/api/events/${first!.event}/replay`, {});
    const lines = await viewer.seen("delivery", attempt);
    assert.deepEqual(lines.at(-1), { ...first, attempt });
  }
  viewer.socket.close();
});

test("filters narrow the lines; destination narrows deliveries alone", async () => {
  const only = {
    command: await watch(gateway, { query: { command: "Filter.*" } }),
    conversation: await watch(gateway, { query: { conversation: "filters" } }),
    account: await watch(gateway, { query: { account: "an" } }),
    destination: await watch(gateway, { query: { destination: "letters" } }),
  };
  await gateway.accept("Filter.CallbackAfterOne", { GroupId: "other", From_Account: "minh" });
  await gateway.accept("Test.CallbackAfter.good", { GroupId: "filters", From_Account: "minh" });
  await gateway.accept("Test.CallbackAfter.letters", { GroupId: "else", From_Account: "an" });
  await only.destination.seen("event", 3);
  await only.destination.seen("delivery", 2);
  await only.account.seen("delivery", 2);
  await only.conversation.seen("delivery", 1);
  const commands = (name: keyof typeof only) => only[name].of("event").map(({ event }) => event.command);
  const destinations = (name: keyof typeof only) =>
    only[name].of("delivery").map(({ destination }) => destination);
  assert.deepEqual([commands("command"), destinations("command")], [["Filter.CallbackAfterOne"], []]);
  assert.deepEqual(
    [commands("conversation"), destinations("conversation")],
    [["Test.CallbackAfter.good"], ["good"]],
  );
  assert.deepEqual(
    [commands("account"), destinations("account")],
    [["Test.CallbackAfter.letters"], ["letters", "letters"]],
  );
  assert.deepEqual(destinations("destination"), ["letters", "letters"]);
  for (const viewer of Object.values(only)) viewer.socket.close();
});

test("a plain GET is 426; a wrong query is 400, also with an upgrade", async () => {
  assertRefused(await gateway.api("/api/tail"), 426, /WebSocket/);
  assert.equal((await gateway.request("/api/tail", { token: null })).status, 401);
  for (const [query, names] of [
    ["sinse=1h", /since/],
    ["since=yesterday", /since/],
    ["command=a%20b", /command/],
    ["destination=good&destination=bad", /destination/],
  ] as const)
    assertRefused(await gateway.api(`/api/tail?${query}`), 400, names);
  for (const query of [
    { destination: "no-such" },
    { command: "Group.CallbackAfterSendMessage" },
    { account: "a".repeat(3_000) },
    { since: "yesterday" },
  ])
    await assert.rejects(watch(gateway, { query }), /not connected/);
});

test("a browser's token comes as subprotocol, which is accepted", async () => {
  const viewer = await watch(gateway, { protocols: ["other", "bearer.test-admin-token"] });
  assert.equal(viewer.socket.protocol, "bearer.test-admin-token");
  await assert.rejects(watch(gateway, { protocols: ["bearer.wrong"] }), /not connected/);
  viewer.socket.close();
});

test("ping is answered; a wrong message closes the connection with a reason", async () => {
  const pinging = await watch(gateway);
  pinging.socket.send("ping");
  await until("pong", () => pinging.frames.includes("pong"));
  pinging.socket.close(1000, "done");
  assert.deepEqual(await pinging.closed, { code: 1000, reason: "done" });
  for (const [message, code, reason] of [
    ["hello", 1008, /expected \{"ack": frames\}/],
    ['{"ack": -1}', 1008, /expected/],
    ['{"ack": 1.5}', 1008, /expected/],
    ['{"ack": 1, "more": 1}', 1008, /expected/],
    ["[]", 1008, /expected/],
    ["null", 1008, /expected/],
    [`{"ack": 0${" ".repeat(200)}}`, 1008, /expected/],
    ['{"ack": 5}', 1008, /5.* is more frames than were sent/],
    [new Uint8Array([1]), 1003, /as text/],
  ] as const) {
    const viewer = await watch(gateway);
    viewer.socket.send(message);
    const closed = await viewer.closed;
    assert.equal(closed.code, code, String(message));
    assert.match(closed.reason, reason);
  }
});

test("a viewer that stops acknowledging gets 65 frames, and later a gap", async () => {
  const query = { command: "Slow.*" };
  const [viewer, other] = [
    await watch(gateway, { acknowledges: false, query }),
    await watch(gateway, { query }),
  ];
  viewer.socket.send('{"ack": 0}');
  const sent = 70;
  for (let number = 1; number <= sent; number++) {
    await gateway.accept("Slow.CallbackAfter", { GroupId: `slow-${number}` });
    await other.seen("event", number);
  }
  assert.equal(viewer.frames.length, 65);
  assert.equal(viewer.ids().length, 65);
  viewer.socket.send('{"ack": 65}');
  assert.deepEqual(await viewer.seen("gap", 1), [{ type: "gap", missed: 5 }]);
  await gateway.accept("Slow.CallbackAfter", { GroupId: "slow-again" });
  assert.equal((await viewer.seen("event", 66)).at(-1)?.event.conversation, "group:slow-again");
  for (const { socket } of [viewer, other]) socket.close();
});
