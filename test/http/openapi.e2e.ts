/** Each operation of /openapi.json is called, and each answer must fit its schema there. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { openApiProblems } from "../../src/generate/openapi-problems.ts";
import { adminToken } from "../support/client.ts";
import { type ApiDocument, answerCheck, operationsOf } from "../support/described.ts";
import { startGateway } from "../support/gateway.ts";
import { listen } from "../support/listener.ts";
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
const settings = {
  CALLBACK_TOKEN: "",
  SHARDS: 2,
  FORWARD_RULES: [
    rule("good", good.url),
    rule("slowly", bad.url, { retry: ["1h"] }),
    rule("letters", bad.url, { retry: [] }),
    rule("paused", good.url),
    rule("laptop", "listener:"),
    rule("wrong", good.url, { secret: "$NOT_SET" }),
    { name: "trial", ask: `${bad.url}/trial`, shadow: true, deadlineMs: 300 },
    rule("fetched", "poll:"),
    { name: "refuser", on: "Group.CallbackBeforeSendMsg", answer: { ErrorCode: 1 } },
  ],
};
const gateway = await startGateway({
  ...settings,
  FORWARD_RULES: [...settings.FORWARD_RULES, rule("gone", bad.url, { retry: ["1h"] })],
});
const document = (await gateway.get("/openapi.json")) as ApiDocument;

const operations = operationsOf(document);
const problemOf = answerCheck(document);

const called = new Set<string>();

interface Call {
  params?: Record<string, string>;
  query?: string;
  body?: object;
  token?: string;
}

/** Calls an operation. Fails unless its answer is one that the document describes for this status. */
async function call(
  name: string,
  status: number,
  { params = {}, query = "", body, token = adminToken }: Call = {},
) {
  const operation = operations.get(name);
  assert.ok(operation, name);
  const path = operation.path.replace(/\{(\w+)\}/g, (_, part) =>
    encodeURIComponent(params[part] ?? "nothing"),
  );
  const response = await gateway.request(path + query, {
    method: operation.method,
    token: token || null,
    ...(body && { body }),
  });
  const text = await response.text();
  assert.equal(response.status, status, `${name}: ${text}`);
  if (status < 300) called.add(name);
  check(name, response, text);
  return response.headers.get("content-type") === "application/json" ? JSON.parse(text) : text;
}

function check(name: string, { status, headers }: Response, text: string): void {
  // The page holds no text of a user.
  assert.equal(headers.get("cache-control"), name === "getPage" ? "no-cache" : "no-store");
  assert.equal(problemOf(name, status, headers.get("content-type"), text), null);
}

before(async () => {
  await gateway.pause("paused");
  for (const { name } of [...settings.FORWARD_RULES.slice(0, 5), { name: "gone" }])
    for (let id = 0; id < 3; id++)
      await gateway.accept(`Test.CallbackAfter.${name}`, { GroupId: `${name}-${id}` });
  const message = {
    GroupId: "g",
    From_Account: "lan",
    Type: "Public",
    MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: "hello" } }],
  };
  const query = { ClientIP: "203.0.113.7", OptPlatform: "iPad" };
  await gateway.accept("Group.CallbackBeforeSendMsg", message, { query });
  // A misfit is quarantined; an unknown field is drift.
  assert.equal((await gateway.send("Group.CallbackAfterRecallMsg", { GroupId: 1.5 })).status, 400);
  await gateway.accept("Group.CallbackAfterGroupFull", { GroupId: "g", Unheard: 1 });
  await gateway.destinationIs("letters", { dead: 3 });
  await gateway.destinationIs("slowly", { retrying: 3 });
  await gateway.destinationIs("gone", { retrying: 3 });
  await gateway.destinationIs("good", { delivered: 3 });
  // A before-callback is answered before its event is kept, and the restart kills the gateway.
  await until("all events are kept", async () => (await gateway.allEvents()).length === 21);
  await gateway.restart(settings);
});

test("the document breaks no rule of the linter, and is the one of docs/", async () => {
  const text = JSON.stringify(document);
  assert.deepEqual(await openApiProblems(text), []);
  const kept = readFileSync(join(import.meta.dirname, "../../docs/openapi.json"), "utf8");
  assert.deepEqual(document, JSON.parse(kept));
});

test("each route that a file defines is in the document, but for the one of the page alone", () => {
  const folder = join(import.meta.dirname, "../../src/http/routes");
  const source = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  const defined = [...source.join("\n").matchAll(/^ +operation: "(\w+)",$/gm)].map(([, name]) => name!);
  const documented = defined.filter((name) => name !== "getPageFile");
  assert.deepEqual([...documented, "receiveCallback"].sort(), [...operations.keys()].sort());
});

test("the linter finds an unresolved reference", async () => {
  const wrong = structuredClone(document);
  delete (wrong.components.schemas as Record<string, object>).Event;
  assert.match((await openApiProblems(JSON.stringify(wrong))).join("\n"), /no-unresolved-refs/);
});

test("events, in each state, are answered as described", async () => {
  const { events } = await call("listEvents", 200, { query: "?limit=200" });
  assert.equal(events.length, 21);
  const states = new Set<string>();
  for (const { id } of events) {
    const { state, deliveries } = await call("getEvent", 200, { params: { id } });
    states.add(state);
    if (state === "dead") assert.equal(deliveries[0].attempts.length, 1);
  }
  assert.deepEqual([...states].sort(), ["dead", "delivered", "pending", "quarantined", "retrying"]);
  const lines: string[] = (await call("exportEvents", 200)).split("\n").slice(0, -1);
  const exported = lines.map((line) => JSON.parse(line).id);
  assert.deepEqual(exported.toSorted(), events.map(({ id }: { id: string }) => id).toSorted());
  const { cursor } = await call("listEvents", 200, { query: "?limit=2" });
  await call("listEvents", 200, { query: `?limit=2&cursor=${cursor}` });
  await until("the shadow's verdict is kept", async () => {
    const { events } = await call("listEvents", 200, { query: "?command=Group.CallbackBeforeSendMsg" });
    return (await call("getEvent", 200, { params: { id: events[0].id } })).verdict?.shadows.length === 1;
  });
  await call("replayEvent", 202, { params: { id: events.at(-1).id }, body: { destinations: ["good"] } });
  await call("skipEvent", 200, { params: { id: events.at(-1).id }, body: { destinations: ["good"] } });
});

test("an event with numbers beyond 2^53 and odd names is answered as described", async () => {
  const body = '{"GroupId":"g","Id":144115200000000001,"__proto__":{"a":[]},"Text":"\\ud83d\\udc33"}';
  await gateway.send("Test.CallbackAfterOdd", body);
  const { events } = await call("listEvents", 200, { query: "?command=Test.CallbackAfterOdd" });
  await call("getEvent", 200, { params: { id: events[0].id } });
});

test("frames of the tail, and its refusals, are as described", async () => {
  const viewer = await watch(gateway, { query: { since: "1h" } });
  for (const type of ["event", "verdict"] as const) await viewer.seen(type, 1);
  const message = { GroupId: "g", From_Account: "lan", Type: "Public", MsgBody: [] };
  await gateway.accept("Test.CallbackAfter.good", message);
  await viewer.seen("delivery", 1);
  for (const frame of viewer.frames) assert.equal(problemOf("tail", 101, "application/json", frame), null);
  viewer.socket.close();
  await call("tail", 426);
  called.add("tail");
});

test("frames to a listener, and refusals of it, are as described", async () => {
  const params = { name: "laptop" };
  const older = await listen(gateway, "laptop");
  const problem = (frame: unknown) => problemOf("listen", 101, "application/json", JSON.stringify(frame));
  older.socket.send("hello");
  await gateway.accept("Test.CallbackAfter.laptop", { GroupId: "g" });
  await older.received(1);
  const newer = await listen(gateway, "laptop");
  await until("it is told of both", () => older.others.length === 2);
  for (const frame of [...older.requests, ...older.others]) assert.equal(problem(frame), null);
  await newer.close();
  await call("listen", 426, { params });
  await call("listen", 404, { params: { name: "nobody" } });
  called.add("listen");
});

test("destinations and dead letters are answered as described", async () => {
  const listed = await call("listDestinations", 200);
  assert.deepEqual(new Set(listed.map(({ state }: { state: string }) => state)), new Set(["up", "paused"]));
  assert.ok(listed.some(({ name }: { name: string }) => name === "gone"));
  for (const name of ["pauseDestination", "resumeDestination"])
    await call(name, 200, { params: { name: "good" } });
  assert.equal((await call("testDestination", 200, { params: { name: "good" } })).error, null);
  assert.equal((await call("retryDestination", 202, { params: { name: "paused" } })).queued, 0);
  assert.ok((await call("forgetDestination", 200, { params: { name: "gone" } })).forgotten >= 3);

  const { deadLetters, cursor } = await call("listDeadLetters", 200, { query: "?limit=1" });
  assert.equal(deadLetters.length, 1);
  await call("listDeadLetters", 200, { query: `?destination=letters&cursor=${cursor}` });
  assert.equal((await call("replayDeadLetters", 202, { body: { ids: [], destinations: null } })).queued, 0);
});

test("a poll is answered as described", async () => {
  await gateway.accept("Test.CallbackAfter.fetched", { GroupId: "g" });
  const polled = await call("pollEvents", 200, { params: { name: "fetched" }, query: "?wait=0&limit=1" });
  assert.deepEqual([polled.events.length, polled.events[0].data.GroupId], [1, "g"]);
});

test("replays by range are answered as described", async () => {
  const body = { destination: "paused", since: "1h", until: "0s" };
  assert.equal((await call("startReplay", 200, { body: { ...body, dryRun: true } })).matched, 3);
  const { id, matched } = await call("startReplay", 202, { body: { ...body, on: ["Test.*"], perSecond: 1 } });
  assert.equal(matched, 3);
  assert.equal((await call("getReplay", 200, { params: { id } })).state, "running");
  assert.equal((await call("listReplays", 200)).replays[0].id, id);
  assert.equal((await call("cancelReplay", 200, { params: { id } })).state, "cancelled");
});

test("an erasure is answered as described, and listed with replays", async () => {
  const { id, matched } = await call("eraseAccount", 202, { body: { account: "an-account-of-no-event" } });
  assert.equal(matched, 0);
  assert.equal((await call("getReplay", 200, { params: { id } })).kind, "erase");
  assert.equal((await call("listReplays", 200)).replays[0].id, id);
});

test("rules are listed as described", async () => {
  assert.equal((await call("getRulesSchema", 200)).type, "array");
  assert.equal((await call("listRules", 200)).length, settings.FORWARD_RULES.length);
});

test("rules on trial are answered as described", async () => {
  const event = { command: "Group.CallbackAfterGroupFull", body: { GroupId: "g" } };
  const { results } = await call("testRules", 200, { body: { event } });
  assert.ok(results.some(({ failed }: { failed?: object }) => failed));
  const rules = [{ name: "good", url: "https://a.example.com/", on: "Group.*" }];
  assert.ok((await call("testRules", 200, { body: { rules, last: 100 } })).events > 0);
  await until("the verdict is kept", async () => {
    const { changes } = await call("replayVerdicts", 200, {
      body: { rule: { answer: { ErrorCode: 2 } }, since: null },
    });
    return changes.length === 1;
  });
  const unreachable = { ask: "http://127.0.0.1:9/", otherwise: "allow" };
  assert.equal((await call("replayVerdicts", 200, { body: { rule: unreachable } })).changed, 1);
  const { unanswered, differed } = await call("diffVerdicts", 200, { query: "?rule=trial" });
  assert.equal(unanswered + differed, 1);
});

test("health, metrics, stats, commands and documents are answered as described", async () => {
  for (const name of ["getPage", "getOpenApi"]) await call(name, 200, { token: "" });
  assert.deepEqual(await call("getMe", 200), { token: "admin", sees: "bodies" });
  assert.deepEqual((await call("getSetup", 200)).apps, ["1400000000"]);
  assert.equal((await call("getCost", 200)).estimated, true);
  assert.ok((await call("listDestinationMinutes", 200, { params: { name: "good" } })).length >= 60);
  const tried = { params: { command: "State.StateChange" }, body: { set: { "Info.Reason": "Register" } } };
  assert.equal((await call("tryCommand", 200, tried)).status, 200);
  assert.equal((await call("getHealth", 200, { token: "" })).status, "degraded");
  assert.ok((await call("listCommands", 200)).commands.length > 80);
  assert.ok((await call("listDrift", 200)).drift.length > 0);
  assert.equal((await call("getStats", 200, { query: "?minutes=2" })).minutes.length >= 2, true);
  assert.match(await call("getMetrics", 200), /^tim_relay_build_info/m);
});

test("callbacks are answered as described", async () => {
  const query = "?SdkAppid=1400000000&CallbackCommand=Group.CallbackAfterGroupFull&contenttype=json";
  assert.equal((await call("receiveCallback", 200, { query, body: { GroupId: "g" } })).ActionStatus, "OK");
  await call("receiveCallback", 400, { query, body: { GroupId: {} } });
  await call("receiveCallback", 403, { query: query.replace("1400000000", "7"), body: { GroupId: "g" } });
});

test("errors are answered as described", async () => {
  for (const [name, { path, method, responses }] of operations) {
    if (name === "receiveCallback") continue;
    if (responses[400]) await call(name, 400, { query: "?stranger=1" });
    if (responses[401]) await call(name, 401, { token: "" });
    if (responses[404]) await call(name, 404);
    const other = await gateway.request(path, { method: "PATCH", token: null });
    assert.equal(other.status, 405);
    // On the path of callbacks, the answer is Tencent's.
    if (path !== "/") check(name, other, await other.text());
    assert.ok(other.headers.get("allow")!.split(", ").includes(method));
  }
  await call("testRules", 400, { body: { rules: [{ name: "a" }] } });
  for (let n = 0; n < 20; n++) await call("listEvents", 401, { token: "wrong" });
  for (const [name, { responses }] of operations)
    if (responses[429]) await call(name, 429, { token: "wrong" });
  await gateway.restart({ ...settings, ADMIN_TOKEN: "" });
  for (const [name, { responses }] of operations)
    if (name !== "receiveCallback" && responses[403]) await call(name, 403);
});

test("each operation of the document was called", () => {
  assert.deepEqual([...called].sort(), [...operations.keys()].sort());
});
