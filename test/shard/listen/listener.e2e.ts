/** Destinations and backends that are listeners: programs without an address, which connect by themselves. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, test } from "node:test";
import { numbered } from "../../support/callbacks.ts";
import { assertRefused } from "../../support/client.ts";
import { startGateway } from "../../support/gateway.ts";
import { listen, type Request } from "../../support/listener.ts";
import { until } from "../../support/until.ts";

const secret = `whsec_${Buffer.from("a secret of a laptop, of 32 bytes").toString("base64")}`;
const laptop = { name: "laptop", url: "listener:" };

const rules = [
  laptop,
  {
    name: "ordered",
    url: "listener:",
    on: "*.CallbackAfterRecallMsg",
    order: "conversation",
    retry: ["20ms"],
  },
  { name: "signed", url: "listener:", on: "Test.Signed", secret },
  { name: "raw", url: "listener:", on: "Test.Raw", format: "raw" },
  { name: "batched", url: "listener:", on: "Test.Batched", batch: { size: 3, ms: 60_000 } },
  { name: "slow", url: "listener:", on: "Test.Slow", timeoutMs: 2_000, retry: ["50ms"] },
  { name: "elsewhere", url: "http://127.0.0.1:1/", on: "Test.Elsewhere", secret },
  {
    name: "verdicts",
    ask: "listener:",
    on: "C2C.CallbackBeforeSendMsg",
    otherwise: { ErrorCode: 120009 },
  },
];
const gateway = await startGateway({ FORWARD_RULES: rules, READ_TOKEN: "test-read-token" });

test("a listener gets the very request of an HTTPS destination, signed", async () => {
  const listener = await listen(gateway, "signed", { token: secret });
  await gateway.accept("Test.Signed", '{"CallbackCommand":"Test.Signed","MsgSeq":12345678901234567890}', {
    query: { OptPlatform: "Web" },
  });
  const [{ id, kind, headers, body, deadlineMs, ...rest }] = (await listener.received(1)) as [Request];
  assert.deepEqual([kind, deadlineMs, rest], ["event", 10_000, {}]);
  assert.equal(id, headers["webhook-id"]);
  assert.match(body, /"data":\{"CallbackCommand":"Test.Signed","MsgSeq":12345678901234567890\}\}$/);
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const signed = `${id}.${headers["webhook-timestamp"]}.${body}`;
  assert.equal(
    headers["webhook-signature"],
    `v1,${createHmac("sha256", key).update(signed).digest("base64")}`,
  );
  assert.equal(headers["content-type"], "application/json");
  assert.match(headers["user-agent"]!, /^tim-relay\//);
  await listener.close();
});

test("its answer is the outcome, by the rules of HTTPS", async () => {
  const listener = await listen(gateway, "slow", {
    reply: ({ headers }) =>
      headers["tim-relay-replay"] ? { status: 204 } : { status: 500, body: "a fault on the laptop" },
  });
  await gateway.accept("Test.Slow", '{"n":1}', { query: { OptPlatform: "failing" } });
  const dead = await gateway.delivery("failing", "slow", "dead");
  assert.deepEqual(
    dead.attempts.map(({ status, error, response }) => [status, error, response]),
    Array.from({ length: 2 }, () => [500, "answered 500", "a fault on the laptop"]),
  );
  await gateway.post("/api/dead-letters/replay", { destinations: ["slow"] });
  await gateway.delivery("failing", "slow", "delivered");

  listener.reply = () => ({ status: 503, headers: { "Retry-After": "3600" } });
  await gateway.accept("Test.Slow", '{"n":1}', { query: { OptPlatform: "held" } });
  await gateway.problem(/^slow: is held until/);
  listener.reply = () => ({ status: 410 });
  await gateway.resume("slow");
  await gateway.destinationIs("slow", { state: "disabled" });
  listener.reply = () => ({ status: 200 });
  await gateway.resume("slow");
  await gateway.delivery("held", "slow", "delivered");
  await listener.close();
});

test("one that never answers is too late each time, and a late answer is told so", async () => {
  const listener = await listen(gateway, "slow", { reply: () => null });
  await gateway.accept("Test.Slow", '{"n":1}', { query: { OptPlatform: "late" } });
  const dead = await gateway.delivery("late", "slow", "dead");
  assert.equal(dead.attempts.length, 2);
  for (const { status, error } of dead.attempts) {
    assert.equal(status, null);
    assert.match(error!, /^no answer after \d+ ms$/);
  }
  listener.answer(listener.requests[0]!.id, { status: 200 });
  await until("it is told", () => listener.others.length > 0);
  assert.match(listener.others[0]!.error!.message, /^id: nothing waits for this answer/);
  await listener.close();
});

test("a raw request brings Tencent's own query, a batch is an array, a test passes pause", async () => {
  const raw = await listen(gateway, "raw");
  await gateway.accept("Test.Raw", '{"n":1}', { query: { OptPlatform: "iOS" } });
  const [{ query, body }] = (await raw.received(1)) as [Request];
  assert.equal(body, '{"n":1}');
  assert.equal(new URLSearchParams(query).get("OptPlatform"), "iOS");

  const batched = await listen(gateway, "batched");
  for (const n of [1, 2, 3]) await gateway.accept("Test.Batched", JSON.stringify({ n }));
  const [batch] = (await batched.received(1)) as [Request];
  assert.deepEqual(
    JSON.parse(batch.body).map(({ data }: { data: { n: number } }) => data.n),
    [1, 2, 3],
  );

  await gateway.pause("raw");
  const tested = await gateway.post("/api/destinations/raw/test", {}, 200);
  assert.equal(tested.status, 204);
  await gateway.resume("raw");
  await raw.close();
  await gateway.destinationIs("raw", { awaits: "listener" });
  const missed = await gateway.post("/api/destinations/raw/test", {}, 200);
  assert.deepEqual([missed.status, missed.error, missed.response], [null, "no listener is connected", null]);
});

test("while none is connected the destination waits, and says so", async () => {
  await gateway.destinationIs("laptop", { state: "paused", awaits: "listener" });
  const problem = await gateway.problem(/^laptop: /);
  assert.match(problem, /^laptop: \d+ events wait until a listener comes$/);
  const listener = await listen(gateway, "laptop");
  await gateway.destinationIs("laptop", { state: "up", waiting: 0, retrying: 0 });
  assert.equal((await gateway.destination("laptop")).awaits, undefined);
  await gateway.noProblem(/^laptop: /);
  await listener.close();
});

test("a newer listener takes over, and the older one is told", async () => {
  const older = await listen(gateway, "laptop");
  await gateway.sendAll(numbered("first", 1));
  await gateway.delivery("first1", "laptop", "delivered");
  older.reply = () => null;
  await gateway.sendAll(numbered("over", 1));
  await older.received(2);
  const newer = await listen(gateway, "laptop");
  assert.deepEqual(await older.closed, { code: 4000, reason: "another listener has taken over" });
  assert.deepEqual(older.others, [{ kind: "replaced" }]);
  await gateway.sendAll(numbered("after", 1));
  await newer.received(1);
  const { attempts } = await gateway.delivery("over1", "laptop", "retrying");
  assert.equal(attempts[0]!.error, "the listener went before it answered");
  await gateway.post("/api/destinations/laptop/retry", {});
  await gateway.delivery("over1", "laptop", "delivered");
  assert.equal((await gateway.destination("laptop")).state, "up");
  await newer.close();
});

test("a wrong frame gets a clear error, and is survived", async () => {
  const listener = await listen(gateway, "laptop", { reply: () => null });
  await gateway.sendAll(numbered("framed", 1));
  const [{ id }] = (await listener.received(1)) as [Request];
  const wrong = [
    ["hello", /^the frame is not JSON: .*: expected \{"id", "status", "headers"\?, "body"\?\}$/],
    ["[]", /^the frame is no JSON object/],
    ['{"status":200}', /^id: expected the id of the request/],
    [`{"id":"${id}"}`, /^status: expected a whole number from 200 to 599$/],
    [`{"id":"${id}","status":"200"}`, /^status: expected/],
    [`{"id":"${id}","status":200,"bdy":""}`, /^"bdy": is no key of an answer: did you mean body\?$/],
    [`{"id":"${id}","status":200,"headers":{"a b":"c"}}`, /^headers: a name or a value/],
    [`{"id":"${id}","status":200,"headers":{"a":1}}`, /^headers: expected an object of texts$/],
    [`{"id":"${id}","status":200,"body":{}}`, /^body: expected a text, got an object$/],
    ['{"id":"another","status":200}', /^id: nothing waits for this answer/],
  ] as const;
  for (const [frame] of wrong) listener.socket.send(frame);
  listener.socket.send(new Uint8Array([1]));
  await until("it is told of each", () => listener.others.length > wrong.length);
  for (const [index, [frame, message]] of wrong.entries())
    assert.match(listener.others[index]!.error!.message, message, frame);
  assert.match(listener.others.at(-1)!.error!.message, /not binary/);
  listener.answer(id, { status: 200 });
  await gateway.delivery("framed1", "laptop", "delivered");
  for (let times = 0; times < 20; times++) listener.socket.send("{}");
  assert.equal((await listener.closed).code, 1008);
});

test("a token opens one rule, a wrong one none, and only rules with a listener listen", async () => {
  const asked = async (rule: string, token: string | null, headers = {}) => {
    const answer = await gateway.request(`/api/listen/${rule}`, { token, headers });
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  };
  for (const token of [secret, undefined] as string[])
    assertRefused(await asked("signed", token), 426, /this is a WebSocket/);
  assertRefused(
    await asked("laptop", secret),
    401,
    /this takes the rule's secret or an ADMIN_TOKEN, and the bearer token is none/,
  );
  assertRefused(await asked("signed", secret.slice(0, -1)), 401);
  assertRefused(
    await asked("signed", null),
    401,
    /this takes the rule's secret or an ADMIN_TOKEN, as Authorization: Bearer <token>/,
  );
  assertRefused(
    await asked("signed", "test-read-token"),
    403,
    /this takes the rule's secret or an ADMIN_TOKEN, and a READ_TOKEN may only read/,
  );
  assertRefused(await asked("nobody", secret), 401);
  assertRefused(await asked("nobody", undefined as never), 404, /there is no destination "nobody"/);
  assertRefused(await asked("elsewhere", secret), 400, /elsewhere is no rule with the address listener:/);
  await assert.rejects(listen(gateway, "signed", { token: "wrong" }));
});

describe("a verdict", () => {
  const before = () =>
    gateway.send("C2C.CallbackBeforeSendMsg", {
      CallbackCommand: "C2C.CallbackBeforeSendMsg",
      From_Account: "jared",
      To_Account: "Jonh",
      MsgSeq: 48374,
      MsgRandom: 2837546,
      MsgTime: 1557481126,
      MsgKey: "48374_2837546_1557481126",
      MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: "red packet" } }],
    });
  const lastVerdict = async () => {
    const [last] = (await gateway.events({ command: "C2C.CallbackBeforeSendMsg", limit: 1 })).events;
    const verdict = last && (await gateway.event(last.id)).verdict;
    return verdict as unknown as { how: string; reason?: string } | undefined;
  };
  const code = async () => JSON.parse((await before()).text).ErrorCode;
  const refusing = { status: 200, body: '{"ActionStatus":"OK","ErrorInfo":"no","ErrorCode":120001}' };

  test("comes from the listener of the rule, in time", async () => {
    const listener = await listen(gateway, "verdicts", { reply: () => refusing });
    assert.equal(await code(), 120001);
    const [{ kind, deadlineMs, body }] = (await listener.received(1)) as [Request];
    assert.equal(kind, "ask");
    assert.ok(deadlineMs > 0 && deadlineMs <= 1_200, String(deadlineMs));
    assert.equal(JSON.parse(body).data.From_Account, "jared");
    await listener.close();
  });

  test("is otherwise at once when no listener is connected, however often", async () => {
    const start = performance.now();
    for (let times = 0; times < 12; times++) assert.equal(await code(), 120009);
    // Twelve deadlines take longer.
    assert.ok(performance.now() - start < 12 * 1_200);
    const verdict = await until("the verdict is kept", async () => lastVerdict());
    assert.deepEqual([verdict.how, verdict.reason], ["unreachable", "no listener is connected"]);
    // Nothing is wrong with a backend that is not there: the next one is asked at once.
    const listener = await listen(gateway, "verdicts", { reply: () => refusing });
    assert.equal(await code(), 120001);
    await listener.close();
  });

  test("is otherwise when the listener goes before it answers, or is late", async () => {
    const listener = await listen(gateway, "verdicts", { reply: () => null });
    const start = performance.now();
    assert.equal(await code(), 120009);
    assert.ok(performance.now() - start > 1_100);
    const asked = code();
    await listener.received(2);
    await listener.close();
    assert.equal(await asked, 120009);
    const reasons = await until("both are kept", async () => {
      const { events } = await gateway.events({ command: "C2C.CallbackBeforeSendMsg", limit: 2 });
      const verdicts = await Promise.all(events.map(async ({ id }) => (await gateway.event(id)).verdict));
      const found = verdicts.map((verdict) => (verdict as unknown as { reason?: string }).reason);
      return found[0] === "the listener went before it answered" && found;
    });
    assert.match(reasons[1]!, /^no (verdict within 1200|answer after \d{4,}) ms$/);
  });
});
