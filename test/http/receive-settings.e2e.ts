/** The settings that decide which callbacks are received, and how. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { queryOf, signed } from "../support/callbacks.ts";
import { assertAnswer } from "../support/client.ts";
import { type Settings, startGateway } from "../support/gateway.ts";
import { startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";
import { answerOf, before, kept, recall, recalled, unsigned } from "./receiving.ts";

const copy = await startReceiver();
const open: Settings = {
  CALLBACK_TOKEN: "",
  FORWARD_RULES: [{ name: "copy", url: `${copy.url}tencent`, format: "raw" }],
};
const gateway = await startGateway({ ...open, CALLBACK_TOKEN: "old-token, new-token" });

test("CALLBACK_TOKEN: only requests that are signed with one of the tokens are accepted", async () => {
  const body = recalled();
  const trial = (query: Record<string, string>) =>
    gateway.send(recall, body, { query: { ...unsigned, ...query } });
  for (const token of ["old-token", "new-token"]) assertAnswer(await trial(signed(token)), 200);
  assertAnswer(await trial(signed("new-token", -40)), 200);
  assertAnswer(await trial(signed("new-token", 57)), 200);
  const { Sign, RequestTime } = signed("new-token");
  assertAnswer(await trial({ Sign: Sign.toUpperCase(), RequestTime }), 200);
  assert.equal(await kept(gateway, body.GroupId), 5);

  assertAnswer(await trial({}), 403, /Sign is missing/);
  assertAnswer(await trial({ Sign }), 403, /RequestTime is missing/);
  assertAnswer(await trial({ RequestTime }), 403, /Sign is missing/);
  assertAnswer(await trial(signed("other-token")), 403, /Sign/);
  assertAnswer(await trial({ Sign, RequestTime: String(Number(RequestTime) + 1) }), 403, /Sign/);
  assertAnswer(await trial(signed("new-token", -61)), 403, /RequestTime/);
  assertAnswer(await trial(signed("new-token", 90)), 403, /RequestTime/);
  assertAnswer(await trial({ Sign: "short", RequestTime: "soon" }), 403, /RequestTime/);
  assert.equal(await kept(gateway, body.GroupId), 5);

  assertAnswer(await answerOf(fetch(gateway.url, { method: "POST" })), 200);
  const quota = "Group.CallbackOnDailyGroupQuotaAlarm";
  for (const query of [signed("new-token"), { ...signed("new-token"), SdkAppid: undefined }])
    assertAnswer(await gateway.send(quota, "{}", { query }), 200);
  const without = { ...unsigned, SdkAppid: undefined };
  assertAnswer(await gateway.send(quota, "{}", { query: unsigned }), 403, /Sign is missing/);
  assertAnswer(await gateway.send(quota, "{}", { query: without }), 403, /SdkAppid is missing/);
  assertAnswer(await gateway.send(undefined, "", { query: { ...signed("other-token") } }), 403, /Sign/);
  assert.equal((await gateway.allEvents({ command: quota })).length, 0);

  const [event] = await gateway.allEvents({ conversation: body.GroupId });
  const detail = await gateway.event(event!.id);
  assert.deepEqual(Object.keys(detail.query), ["SdkAppid", "contenttype", "CallbackCommand"]);
  for (const { url } of copy.received) assert.doesNotMatch(url, /sign|requesttime/i);
});

test("ALLOW_FROM: only addresses that Cloudflare's edge vouches for are accepted", async () => {
  const settings = { ...open, ALLOW_FROM: "203.0.113.0/24, 2001:db8:7::/48" };
  const gateway = await startGateway(settings, { behindEdge: true });
  const edge = { cf: JSON.stringify({ colo: "HKG", country: "HK", asn: 132203 }) };
  const from = (address: string | null, more: { headers?: object; query?: Record<string, string> } = {}) =>
    gateway.send(recall, recalled(), {
      ...more,
      headers: { ...edge, ...(address !== null && { "cf-connecting-ip": address }), ...more.headers },
    });
  for (const address of ["203.0.113.1", "203.0.113.255", "2001:db8:7::1", "2001:DB8:7:FF::"])
    assertAnswer(await from(address), 200);
  for (const address of [null, "203.0.114.1", "2001:db8:8::1", "203.0.113.1, 203.0.113.2", "nonsense"])
    assertAnswer(await from(address), 403, /address/);
  assertAnswer(await from(null, { headers: { "x-forwarded-for": "203.0.113.1" } }), 403, /address/);
  assertAnswer(await from("203.0.114.1", { query: { SdkAppid: "1499999999" } }), 403, /address/);
  assertAnswer(await from("203.0.113.1", { query: { SdkAppid: "1499999999" } }), 403, /SdkAppid/);
  assertAnswer(await answerOf(fetch(gateway.url, { method: "POST" })), 200);
});

test("CALLBACK_PATH: GET and HEAD are answered OK there, and / is for people only", async () => {
  await gateway.restart({ ...open, CALLBACK_PATH: "/tim/callbacks" });
  const count = await kept(gateway);
  for (const path of [
    "/tim/callbacks",
    "/tim/callbacks/",
    `/tim/callbacks${queryOf({ CallbackCommand: recall })}`,
  ]) {
    assertAnswer(await answerOf(fetch(gateway.url + path)), 200);
    assert.equal((await fetch(gateway.url + path, { method: "HEAD" })).status, 200);
  }
  assert.equal(await kept(gateway), count);
  for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS"]) {
    assertAnswer(await answerOf(fetch(`${gateway.url}/tim/callbacks`, { method })), 405);
  }
  const body = recalled();
  assertAnswer(await gateway.send(recall, body, { path: "/tim/callbacks" }), 200);
  assert.equal(await kept(gateway, body.GroupId), 1);

  const elsewhere = recalled();
  assert.equal((await gateway.send(recall, elsewhere)).status, 405, "the page for people is there");
  assert.equal((await gateway.send(recall, elsewhere, { path: "/tim" })).status, 404);
  assert.equal(await kept(gateway, elsewhere.GroupId), 0);
  assert.equal((await fetch(gateway.url)).status, 200);
  await gateway.events();
});

test("INVALID_PAYLOADS=forward: an invalid payload is answered OK, kept as invalid, and forwarded", async () => {
  await gateway.restart({ ...open, INVALID_PAYLOADS: "forward", UNKNOWN_COMMANDS: "reject" });
  const { GroupId } = recalled();
  assertAnswer(await gateway.send(recall, { GroupId, MsgSeqList: 7 }), 200);
  await copy.request((one) => one.body.includes(`"${GroupId}"`));
  const [event] = await gateway.allEvents({ conversation: GroupId });
  assert.equal(event!.valid, false);
  await until(
    "the event is delivered",
    async () => (await gateway.allEvents({ conversation: GroupId }))[0]?.state === "delivered",
  );
  assertAnswer(await gateway.send(before, { GroupId, From_Account: {} }), 200);
  await copy.request((one) => one.body.includes(`"${GroupId}"`) && one.url.includes(before));
});

test("UNKNOWN_COMMANDS=reject: an unknown command is answered 400 and not kept, before-callbacks too", async () => {
  const body = { GroupId: "closed-tea-house" };
  for (const command of ["Tea.CallbackAfterPour", "Tea.CallbackBeforePour"])
    assertAnswer(await gateway.send(command, body), 400, /CallbackCommand/);
  assertAnswer(await gateway.send("Tea.CallbackAfterPour", "not json"), 400, /CallbackCommand/);
  assert.equal(await kept(gateway, "closed-tea-house"), 0);
});

test("INVALID_PAYLOADS=reject: an invalid payload is answered 400 and not kept; a before-callback 200", async () => {
  await gateway.restart({ ...open, INVALID_PAYLOADS: "reject" });
  const count = await kept(gateway);
  assertAnswer(
    await gateway.send(recall, { GroupId: [], MsgSeqList: [{}] }),
    400,
    /GroupId.*MsgSeqList\[0\]\.MsgSeq/,
  );
  assertAnswer(await gateway.send(before, { GroupId: [], MsgSeqList: [{}] }), 200);
  assert.equal(await kept(gateway), count);
});

test("a gateway without SDK_APP_ID answers 503 to every callback, and /health says why", async () => {
  await gateway.restart({ SDK_APP_ID: "" });
  for (const command of [recall, before]) assertAnswer(await gateway.send(command, recalled()), 503);
  assertAnswer(await answerOf(fetch(gateway.url, { method: "POST" })), 503);
  assertAnswer(await gateway.send(recall, recalled(), { query: { SDKAPPID: "1" } }), 503);
  assertAnswer(await answerOf(fetch(gateway.url, { method: "PUT" })), 405);
  const { status, problems } = await gateway.health();
  assert.equal(status, "degraded");
  assert.ok(problems.some((problem) => problem.includes("SDK_APP_ID")));
});
