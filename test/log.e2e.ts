/** The log of a gateway: a line a callback and a line an attempt, and none of their content. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { adminToken } from "./support/client.ts";
import { startGateway } from "./support/gateway.ts";
import { reply, startReceiver } from "./support/receiver.ts";

const secret = "whsec_dGhpcyBzZWNyZXQgbXVzdCBub3QgYmUgbG9nZ2VkISE=";
const [good, bad] = [await startReceiver(), await startReceiver(reply(400, {}, "no Xanadu"))];
const command = "Group.CallbackAfterRecallMsg";
const settings = {
  FORWARD_RULES: [
    { name: "good", on: command, url: `${good.url}/hook/key-in-the-path`, secret },
    {
      name: "bad",
      on: command,
      url: `${bad.url}/hook/key-in-the-path`,
      retry: ["1h"],
      order: "conversation",
    },
    { name: "no-links", on: "Group.CallbackBeforeSendMsg", answer: { ErrorCode: 1 } },
  ],
};
const gateway = await startGateway(settings);

const body = (n: number) => ({ GroupId: `Xanadu-${n}`, MsgSeqList: [{ MsgSeq: n }] });

const lines = (at: string) =>
  gateway
    .log()
    .split("\n")
    .filter((line) => line.startsWith("{") && line.includes(`"at":"${at}"`))
    .map((line) => JSON.parse(line));

test("a callback and each attempt have one line with command, id, result and time", async () => {
  await gateway.accept(command, body(1));
  await gateway.seen(/"at":"attempt".*"destination":"good"/);
  await gateway.seen(/"at":"attempt".*"destination":"bad"/);
  await gateway
    .accept("Group.CallbackBeforeSendMsg", {
      GroupId: "Xanadu-2",
      From_Account: "lan",
      MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: "Xanadu" } }],
    })
    .catch((error) => assert.match(error.message, /ErrorCode/));
  await gateway.seen(/"at":"callback".*"phase":"before"/);
  const events = new Map((await gateway.allEvents()).map(({ command, id }) => [command, id]));

  const [after, before, ...others] = lines("callback");
  assert.deepEqual(others, []);
  const { time, ms, ...kept } = after;
  assert.match(time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  assert.ok(Number.isInteger(ms) && ms >= 0 && ms < 10_000);
  assert.deepEqual(kept, {
    level: "info",
    at: "callback",
    command,
    id: events.get(command),
    phase: "after",
    result: "kept",
  });
  assert.deepEqual([before.code, before.how, before.rule], [1, "rule", "no-links"]);

  const attempts = lines("attempt");
  assert.equal(attempts.length, 2);
  const [ok, failed] = ["good", "bad"].map((name) => {
    const { time, ms, nextAt, ...rest } = attempts.find(({ destination }) => destination === name);
    assert.ok(Number.isInteger(ms) && ms >= 0);
    const waitMs = Date.parse(nextAt) - Date.parse(time);
    if (name === "bad") assert.ok(waitMs > 2_800_000 && waitMs < 4_400_000, nextAt);
    else assert.equal(nextAt, undefined);
    return rest;
  });
  const common = { at: "attempt", command, id: events.get(command), attempt: 1 };
  assert.deepEqual(ok, { ...common, level: "info", destination: "good", result: "delivered", status: 200 });
  assert.deepEqual(failed, {
    ...common,
    level: "warn",
    destination: "bad",
    result: "retry",
    status: 400,
    error: "answered 400",
  });
  for (const hidden of ["Xanadu", "key-in-the-path", secret.slice(6), adminToken, "127.0.0.1"])
    assert.ok(!gateway.log().includes(hidden), hidden);
});

test("a quarantined callback says so", async () => {
  await gateway.send(command, { GroupId: 1.5 });
  await gateway.seen(
    /"at":"callback".*"result":"quarantined".*"sentence":"the payload does not fit .*: GroupId: expected a text/,
  );
});

test("a refused callback has its status and reason", async () => {
  const { status } = await gateway.send(command, body(1), { query: { SdkAppid: "1" } });
  assert.equal(status, 403);
  await gateway.seen(
    /"at":"refused","reason":"app","status":403,"sentence":"SdkAppid is not an app of ours"/,
  );
});

test("a busy second has twenty lines of callbacks, and the next line counts the rest", async () => {
  await gateway.restart(settings);
  // A busy machine may keep some of so many too late, and answers 503; each has its line all the same.
  for (let from = 0; !lines("callback").some(({ omittedBefore }) => omittedBefore > 0); from += 50)
    await Promise.all(Array.from({ length: 50 }, (_, n) => gateway.send(command, body(from + n))));
  const bySecond = Map.groupBy(lines("callback"), ({ time }) => time.slice(0, 19));
  // A line that is counted at the end of a second may be written in the next one.
  for (const [second, inIt] of bySecond) assert.ok(inIt.length <= 22, `${second}: ${inIt.length} lines`);
});

test("LOG_LEVEL=warn has failed attempts alone, and debug has every callback and request", async () => {
  await gateway.restart({ ...settings, LOG_LEVEL: "warn" });
  await gateway.accept(command, body(1_000_001));
  await gateway.seen(/"at":"attempt"/);
  assert.ok(!gateway.log().includes('"level":"info"'));

  await gateway.restart({ ...settings, LOG_LEVEL: "debug" });
  for (let n = 0; n < 50; n++) await gateway.accept(command, body(2_000_000 + n));
  await gateway.get("/api/events", { account: "Xanadu" });
  await gateway.seen(/"at":"request".*"method":"GET","path":"\/api\/events","status":200/);
  assert.equal(lines("callback").length, 50);
  assert.ok(!gateway.log().includes("Xanadu"));
});

test("LOG_FORMAT=text is read by people", async () => {
  await gateway.restart({ ...settings, LOG_FORMAT: "text" });
  await gateway.accept(command, body(3_000_000));
  await gateway.seen(
    /^\d{4}-\d\d-\d\dT[\d:.]+Z info {2}callback command=Group\.CallbackAfterRecallMsg id=\S+ phase=after result=kept ms=\d+$/,
  );
});

test("a wrong level is named, and the default applies", async () => {
  await gateway.restart({ ...settings, LOG_LEVEL: "loud" });
  await gateway.problem(/^LOG_LEVEL: expected one of debug, info, warn, error$/);
  await gateway.accept(command, body(4_000_000));
  await gateway.seen(/"at":"callback"/);
});
