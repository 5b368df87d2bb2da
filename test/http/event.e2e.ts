/** One event: its details, the states of its deliveries, its replay. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { DetailedDelivery, DetailedEvent, ListedEvent } from "../support/api.ts";
import { assertRefused, type Query } from "../support/client.ts";
import { startGateway } from "../support/gateway.ts";
import { reply, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const receiver = await startReceiver();
const failing = await startReceiver(reply(500, {}, "as told"));
const destination = (name: string, url: string, more: object = {}) => ({
  name,
  on: `Test.Callback.${name}`,
  url,
  ...more,
});
const settings = {
  SHARDS: 4,
  FORWARD_RULES: [
    destination("delivered", receiver.url),
    destination("retrying", failing.url, { retry: ["1h"] }),
    destination("dead", failing.url, { retry: [] }),
    destination("pending", receiver.url),
    destination("gone", failing.url),
    { name: "off", on: "Test.Callback.off", url: receiver.url, enabled: false },
  ],
};
const gateway = await startGateway(settings);

async function send(command: string, body: object | string, status = 200): Promise<void> {
  const answer = await gateway.send(command, body);
  assert.equal(answer.status, status, answer.text);
}

async function only(query: Query): Promise<ListedEvent> {
  const { events } = await gateway.events(query);
  assert.equal(events.length, 1, JSON.stringify(query));
  return events[0]!;
}

test("an event is listed with exactly these fields", async () => {
  await gateway.accept(
    "Group.CallbackAfterRecallMsg",
    { GroupId: "fields", MsgSeqList: [] },
    { query: { ClientIP: "203.0.113.7", OptPlatform: "iPad" } },
  );
  const { id, receivedAt, ...rest } = await only({ conversation: "fields" });
  assert.match(id, /^evt_[0-9a-z]{24}$/);
  assert.match(receivedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.ok(Math.abs(Date.parse(receivedAt) - Date.now()) < 60_000);
  assert.deepEqual(rest, {
    command: "Group.CallbackAfterRecallMsg",
    phase: "after",
    known: true,
    valid: true,
    state: "delivered",
    app: "1400000000",
    conversation: "group:fields",
    clientIp: "203.0.113.7",
    platform: "iPad",
    size: 36,
    from: null,
    verdict: null,
    destinations: {},
  });
});

test("an event's details show its body and query as received", async () => {
  const text =
    '{ "GroupId":"shown", "MsgSeqList":[],\n"Big":9007199254740993, "CallbackCommand":"Group.CallbackAfterRecallMsg"}';
  const query = { ClientIP: "203.0.113.7", Note: "a b", sIgN2: "kept" };
  await gateway.accept("Group.CallbackAfterRecallMsg", text, { query });
  const listed = await only({ conversation: "shown" });
  const response = await gateway.request(`/api/events/${listed.id}`);
  const answer = await response.text();
  assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
  assert.ok(answer.includes(`"body":${text}`));
  const { body, query: shown, issues, verdict, deliveries, ...rest } = JSON.parse(answer);
  const { from, verdict: _, destinations, ...summary } = listed;
  assert.deepEqual(rest, summary);
  assert.deepEqual(body, JSON.parse(text));
  assert.deepEqual(shown, {
    SdkAppid: "1400000000",
    contenttype: "json",
    CallbackCommand: "Group.CallbackAfterRecallMsg",
    ClientIP: "203.0.113.7",
    Note: "a b",
    sIgN2: "kept",
  });
  assert.deepEqual([issues, verdict, deliveries], [[], null, []]);
});

test("an unknown event is 404, whatever its id looks like", async () => {
  const { id } = await only({ conversation: "shown" });
  for (const other of [
    `${id.slice(0, -1)}${id.endsWith("0") ? "1" : "0"}`,
    `${id.slice(0, 14)}zz${id.slice(16)}`,
    `evt_0000000000${id.slice(14)}`,
    `evt_zzzzzzzzzz${id.slice(14)}`,
    `${id}0`,
    "nonsense",
    "%22%20OR%201",
    "你好",
  ]) {
    assertRefused(await gateway.api(`/api/events/${other}`), 404);
    assertRefused(await gateway.api(`/api/events/${other}/replay`, {}), 404);
  }
  assertRefused(await gateway.api("/api/events/%ZZ"), 400);
});

test("an event's details show the state and the attempts of its deliveries", async () => {
  await gateway.pause("pending");
  for (const name of ["delivered", "retrying", "dead", "pending", "off"])
    await send(`Test.Callback.${name}`, { GroupId: `state-${name}` });
  await send("Group.CallbackAfterRecallMsg", { GroupId: "state-quarantined", MsgSeqList: 1 }, 400);

  const deliveriesOf = async (name: string) =>
    [...(await details(name, name)).deliveries] as [DetailedDelivery];

  const [delivered] = await deliveriesOf("delivered");
  assert.deepEqual(
    [delivered.destination, delivered.state, delivered.nextAt],
    ["delivered", "delivered", null],
  );
  const [attempt, ...others] = delivered.attempts;
  assert.deepEqual(others, []);
  assert.deepEqual(Object.keys(attempt!), ["at", "status", "ms", "error", "response"]);
  assert.deepEqual([attempt!.status, attempt!.error], [200, null]);

  const [retrying] = await deliveriesOf("retrying");
  assert.deepEqual([retrying.destination, retrying.state], ["retrying", "retrying"]);
  const wait = Date.parse(retrying.nextAt!) - Date.now();
  assert.ok(wait > 0.7 * 3_600_000 && wait <= 1.2 * 3_600_000, `${wait}`);
  const [failed] = retrying.attempts;
  assert.deepEqual([failed!.status, failed!.response], [500, "as told"]);
  assert.ok(failed!.error!.length > 0);
  assert.equal(typeof failed!.ms, "number");

  const [dead] = await deliveriesOf("dead");
  assert.deepEqual([dead.destination, dead.state, dead.nextAt], ["dead", "dead", null]);
  assert.equal(dead.attempts.length, 1);

  assert.deepEqual(await deliveriesOf("pending"), [
    { destination: "pending", state: "pending", attempts: [], nextAt: null },
  ]);
  assert.deepEqual((await details("off", "delivered")).deliveries, []);
  const quarantined = await details("quarantined", "quarantined");
  assert.deepEqual(quarantined.deliveries, []);
  assert.equal(quarantined.issues[0]!.path, "MsgSeqList");
});

/** The event of that name as soon as it is in that state. */
async function details(name: string, state: string): Promise<DetailedEvent> {
  const conversation = `state-${name}`;
  await until(`the event is ${state}`, async () => (await only({ conversation })).state === state);
  const { id } = await only({ conversation, state });
  const event = await until("its delivery is listed", async () => {
    const event = await gateway.event(id);
    // The note of a first delivery is stored with the next segment, within a second.
    return (name !== "delivered" || event.deliveries.length > 0) && event;
  });
  assert.equal(event.state, state);
  return event;
}

test("lists show the state of each delivery in short", async () => {
  for (const name of ["delivered", "retrying", "dead", "pending"])
    assert.deepEqual((await only({ conversation: `state-${name}` })).destinations, { [name]: name });
  for (const name of ["off", "quarantined"])
    assert.deepEqual((await only({ conversation: `state-${name}` })).destinations, {});
});

test("a replay sends the event again under the same id", async () => {
  const { id } = await only({ conversation: "state-delivered" });
  const first = await receiver.request((one) => one.id === id);
  assert.deepEqual(await gateway.post(`/api/events/${id}/replay`), { queued: 1 });
  await until("it has come again", () => receiver.received.filter((one) => one.id === id).length === 2);
  const again = receiver.received.findLast((one) => one.id === id)!;
  assert.equal(again.body, first.body);
  await until("both attempts are listed", async () => {
    const [delivery, ...others] = (await gateway.event(id)).deliveries;
    return others.length === 0 && delivery?.attempts.length === 2 && delivery.state === "delivered";
  });
});

test("a replay to a named destination is sent although its rule does not match", async () => {
  await send("Unwanted.CallbackAfterOne", { GroupId: "unwanted" });
  const { id } = await only({ command: "Unwanted.CallbackAfterOne" });
  assert.deepEqual(await gateway.post(`/api/events/${id}/replay`), { queued: 0 });
  const destinations = ["delivered"];
  assert.deepEqual(await gateway.post(`/api/events/${id}/replay`, { destinations }), { queued: 1 });
  const received = await receiver.request((one) => one.body.includes("Unwanted.CallbackAfterOne"));
  assert.equal(received.id, id);
});

test("a quarantined event can be replayed to a named destination", async () => {
  const { id } = await only({ conversation: "state-quarantined" });
  const destinations = ["delivered"];
  assert.deepEqual(await gateway.post(`/api/events/${id}/replay`, { destinations }), { queued: 1 });
  await receiver.request((one) => one.id === id);
});

test("a replay to a paused destination waits until it is resumed", async () => {
  await send("Unwanted.CallbackAfterTwo", { GroupId: "unwanted" });
  const { id } = await only({ command: "Unwanted.CallbackAfterTwo" });
  await gateway.post(`/api/events/${id}/replay`, { destinations: ["pending"] });
  const { deliveries, state } = await gateway.event(id);
  assert.deepEqual(
    [state, deliveries[0]!.destination, deliveries[0]!.state],
    ["pending", "pending", "pending"],
  );
  assert.ok(!receiver.received.some((one) => one.id === id));

  await gateway.resume("pending");
  await receiver.request((one) => one.id === id);
  await receiver.request((one) => one.body.includes("state-pending"));
});

test("a replay to a destination that is disabled, unknown or not a text is 400", async () => {
  failing.answer = reply(410);
  await send("Test.Callback.gone", { GroupId: "gone" });
  await gateway.destinationIs("gone", { state: "disabled" });
  const { id } = await only({ conversation: "fields" });
  assertRefused(await gateway.api(`/api/events/${id}/replay`, { destinations: ["gone"] }), 400, /gone/);
  assertRefused(
    await gateway.api(`/api/events/${id}/replay`, { destinations: ["delivered", "nowhere"] }),
    400,
    /nowhere/,
  );
  for (const destinations of ["delivered", [1], {}, [null]])
    assertRefused(await gateway.api(`/api/events/${id}/replay`, { destinations }), 400, /destinations/);
  for (const body of ["[]", "{", "null", "7"]) {
    const response = await gateway.request(`/api/events/${id}/replay`, { method: "POST", body });
    assert.equal(response.status, 400);
  }
  const response = await gateway.request(`/api/events/${id}/replay`, { method: "POST" });
  assert.equal(response.status, 202, "a replay without a body goes to every destination");
});

test("a replay that names a destination twice is queued once", async () => {
  await send("Unwanted.CallbackAfterThree", { GroupId: "unwanted" });
  const { id } = await only({ command: "Unwanted.CallbackAfterThree" });
  const destinations = ["delivered", "delivered"];
  assert.deepEqual(await gateway.post(`/api/events/${id}/replay`, { destinations }), { queued: 1 });
});

test("an event is hidden as soon as it is older than RETENTION_HOURS", async () => {
  const { id, receivedAt } = await only({ conversation: "fields" });
  await gateway.restart({ ...settings, RETENTION_HOURS: 0.001 });
  await until(
    "the event is hidden",
    async () => (await gateway.events({ conversation: "fields" })).events.length === 0,
  );
  assert.ok(Date.now() - Date.parse(receivedAt) >= 3_600);
  assertRefused(await gateway.api(`/api/events/${id}`), 404);
  assertRefused(await gateway.api(`/api/events/${id}/replay`, {}), 404);
  await send("Group.CallbackAfterGroupFull", { GroupId: "younger" });
  await only({ conversation: "younger" });
});
