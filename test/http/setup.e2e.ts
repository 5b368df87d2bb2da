/** The first run: what the gateway is, and its commands tried without Tencent. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertRefused } from "../support/client.ts";
import { startGateway } from "../support/gateway.ts";
import { startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const receiver = await startReceiver();
const readToken = "test-read-token";
const settings = {
  SHARDS: 2,
  READ_TOKEN: readToken,
  CALLBACK_PATH: "/unguessable",
  RETENTION_HOURS: 48,
  SDK_APP_ID: "1400000000,1400000001",
  FORWARD_RULES: [
    { name: "everything", url: receiver.url },
    { name: "links", on: "Group.CallbackBeforeSendMsg", answer: { ErrorCode: 1, ErrorInfo: "no" } },
    { name: "actions", on: "Relay.Action", url: receiver.url },
  ],
};
const gateway = await startGateway(settings);

const attempt = (command: string, body: object = {}) =>
  gateway.post(`/api/commands/${encodeURIComponent(command)}/try`, body, 200);

test("the setup shows what an operator enters in the console, without secrets", async () => {
  const setup = await gateway.get("/api/setup");
  assert.match(setup.version, /^\d+\.\d+\.\d+/);
  assert.deepEqual(
    { ...setup, version: "" },
    {
      version: "",
      configured: true,
      local: true,
      callbackPath: "/unguessable",
      apps: ["1400000000", "1400000001"],
      signed: true,
      addressesLimited: false,
      redacted: false,
      unknownCommands: "accept",
      invalidPayloads: "quarantine",
      retentionHours: 48,
      shards: 2,
    },
  );
});

test("an unguessable path is no secret of a READ_TOKEN", async () => {
  const response = await gateway.request("/api/setup", { token: readToken });
  const setup = (await response.json()) as { callbackPath: null; apps: string[] };
  assert.deepEqual([setup.callbackPath, setup.apps.length], [null, 2]);
});

test("an example is received, kept and forwarded like a callback of Tencent", async () => {
  const { id, status, answer } = await attempt("Group.CallbackAfterRecallMsg");
  assert.deepEqual([status, answer.ActionStatus], [200, "OK"]);
  const event = await gateway.event(id);
  assert.deepEqual(
    [event.command, event.known, event.valid, event.app],
    ["Group.CallbackAfterRecallMsg", true, true, "1400000000"],
  );
  assert.ok(!("Sign" in event.query) && event.query.ClientIP);
  const [request] = await receiver.requests(1);
  assert.equal(JSON.parse(request!.body).id, id);
});

test("an example that is sent twice makes two events", async () => {
  for (const command of ["Group.CallbackAfterSendMsg", "C2C.CallbackAfterSendMsg", "State.StateChange"]) {
    const [one, two] = [await attempt(command), await attempt(command)];
    assert.ok(one.id && two.id && one.id !== two.id, command);
  }
});

test("a before-callback gets the verdict of the rules, and its event can be read at once", async () => {
  const { id, status, answer } = await attempt("Group.CallbackBeforeSendMsg");
  assert.deepEqual([status, answer.ErrorCode, answer.ErrorInfo], [200, 1, "no"]);
  assert.equal((await gateway.event(id)).verdict?.rule, "links");
});

test("values are set by their paths, in the example or in a body of the request", async () => {
  const path = "MsgBody[0].MsgContent.Text";
  const { id } = await attempt("Group.CallbackAfterSendMsg", { set: { [path]: "hello", GroupId: "g7" } });
  const { body } = await gateway.event(id);
  assert.deepEqual([body.GroupId, body.MsgBody[0].MsgContent.Text], ["g7", "hello"]);
  const again = await attempt("Group.CallbackAfterSendMsg", { body, set: { GroupId: "g8" } });
  const copy = await gateway.event(again.id);
  assert.deepEqual([copy.body.GroupId, copy.body.MsgBody], ["g8", body.MsgBody]);
  assert.notEqual(copy.body.MsgSeq, body.MsgSeq);
});

test("numbers beyond 2^53 of a body stay as they are", async () => {
  const response = await gateway.request("/api/commands/Test.CallbackAfterIt/try", {
    method: "POST",
    body: '{"body":{"GroupId":"g","Id":144115200000000001},"set":{"Other":144115200000000003}}',
  });
  const { id } = (await response.json()) as { id: string };
  const event = await (await gateway.request(`/api/events/${id}`)).text();
  assert.match(event, /"body":\{"GroupId":"g","Id":144115200000000001,"Other":144115200000000003\}/);
});

test("a body that does not fit is answered as Tencent's would be, and quarantined", async () => {
  const { id, status, answer } = await attempt("Group.CallbackAfterRecallMsg", { body: { GroupId: 1.5 } });
  assert.deepEqual([status, answer.ActionStatus], [400, "FAIL"]);
  assert.equal((await gateway.event(id)).state, "quarantined");
  const refused = await attempt("Relay.Test", { body: { destination: "everything" } });
  assert.deepEqual([refused.id, refused.status], [null, 400]);
});

test("an unknown command, a path that leads nowhere and a body that is none are refused", async () => {
  const refusal = (command: string, body: object) => gateway.api(`/api/commands/${command}/try`, body);
  assertRefused(
    await refusal("Group.CallbackAfterRecalMsg", {}),
    404,
    /did you mean Group.CallbackAfterRecallMsg\?$/,
  );
  const lost = await refusal("State.StateChange", { set: { "Info.Nothing.x": 1 } });
  assert.deepEqual(
    [lost.status, lost.body.error.code, lost.body.error.path],
    [400, "bad_set", "set.Info.Nothing.x"],
  );
  assert.equal(lost.body.error.message, "there is no Info.Nothing");
  assertRefused(await refusal("State.StateChange", { set: ["a"] }), 400, /^set: expected an object$/);
  assertRefused(await refusal("State.StateChange", { body: "a" }), 400, /^body: expected an object$/);
  const deep = await gateway.request("/api/commands/State.StateChange/try", {
    method: "POST",
    body: `{"body":{"a":${"[".repeat(20_000)}${"]".repeat(20_000)}}}`,
  });
  assert.equal(deep.status, 400);
});

test("a trial is told as an action of the token", async () => {
  await until("it is told", async () => {
    const actions = await gateway.allEvents({ command: "Relay.Action" });
    const bodies = await Promise.all(actions.map(async ({ id }) => (await gateway.event(id)).body));
    return bodies.some(({ action, target }) => action === "tried" && target === "State.StateChange");
  });
});

test("examples are refused where the run is not local, and with a READ_TOKEN", async () => {
  const asReader = await gateway.request("/api/commands/State.StateChange/try", {
    method: "POST",
    token: readToken,
  });
  assert.equal(asReader.status, 403);
  await gateway.restart({ ...settings, ALLOW_PRIVATE_DESTINATIONS: false, FORWARD_RULES: [] });
  assert.equal((await gateway.get("/api/setup")).local, false);
  assertRefused(
    await gateway.api("/api/commands/State.StateChange/try", {}),
    403,
    /^examples are sent in local runs alone/,
  );
});

test("the rules for addresses hold for examples, and an unsigned gateway takes them unsigned", async () => {
  await gateway.restart({ ...settings, CALLBACK_TOKEN: "" });
  assert.equal((await gateway.get("/api/setup")).signed, false);
  assert.equal((await attempt("State.StateChange")).status, 200);
  await gateway.restart({ ...settings, ALLOW_FROM: "203.0.113.0/24" });
  assert.equal((await gateway.get("/api/setup")).addressesLimited, true);
  const { id, status, answer } = await attempt("State.StateChange");
  assert.deepEqual([id, status, answer.ActionStatus], [null, 403, "FAIL"]);
});
