/** Destinations and backends that are Workers of the same account, by real service bindings. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Webhook } from "standardwebhooks";
import { startGateway } from "../../support/gateway.ts";
import { proxyWorker, startMiniflare, stuck, throwing } from "../../support/miniflare.ts";
import { hang, inTurn, type Received, reply, startReceiver } from "../../support/receiver.ts";

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const before = "C2C.CallbackBeforeSendMsg";
const message = { From_Account: "lan", To_Account: "tommy", MsgBody: [] };

/** A gateway with the service BACKEND, a Worker that hands everything on to a receiver. */
async function startWithService(rules: readonly object[]) {
  const receiver = await startReceiver();
  const gateway = await startMiniflare(rules, {
    settings: { SERVICE_KEY: "hunter2-key" },
    bindings: { BACKEND: { type: "worker", worker: "backend" } },
    workers: [proxyWorker("backend", receiver.url)],
  });
  return { receiver, gateway };
}

test("a service gets the request of an HTTPS destination, under the name of its binding", async () => {
  const { receiver, gateway } = await startWithService([
    { name: "a", url: "service:BACKEND/tim?key=$SERVICE_KEY", secret, headers: { "x-team": "chat" } },
  ]);
  await gateway.sendAll([{ label: "one" }]);
  const [{ method, headers, body, id }] = (await receiver.requests(1)) as [Received];
  assert.equal(method, "POST");
  assert.equal(headers["x-service-url"], "https://backend/tim?key=hunter2-key");
  assert.equal(headers["x-team"], "chat");
  assert.match(headers["user-agent"]!, /^tim-relay\//);
  const told = new Webhook(secret).verify(body, headers as Record<string, string>) as { id: string };
  assert.equal(told.id, id);
  const { deliveries } = await gateway.event(id);
  assert.deepEqual(
    deliveries.map(({ destination }) => destination),
    ["a"],
  );
  await gateway.delivery("one", "a", "delivered");
  assert.equal((await gateway.destination("a")).url, "service:BACKEND/tim?key=$SERVICE_KEY");
});

test("the failures of a service are those of a destination", async () => {
  const { receiver, gateway } = await startWithService([
    { name: "a", url: "service:BACKEND/tim", retry: ["50ms", "50ms", "50ms", "50ms"], timeoutMs: 3_000 },
  ]);
  receiver.answer = inTurn(reply(throwing), reply(stuck), hang, reply(500, {}, "busy"), reply(200));
  await gateway.sendAll([{ label: "one" }]);
  const { attempts } = await gateway.delivery("one", "a", "delivered");
  const threw = "the service threw an exception, which its own log shows";
  assert.deepEqual(
    attempts.map(({ status, error }) => [status, error?.replace(/\d{4} ms/, "N ms") ?? null]),
    [
      [null, threw],
      [null, attempts[1]!.error],
      [null, "no answer after N ms"],
      [500, "answered 500"],
      [200, null],
    ],
  );
  // The runtime may find that the Worker can never answer.
  assert.ok([threw, attempts[2]!.error].includes(attempts[1]!.error), attempts[1]!.error!);
  assert.equal(attempts[3]!.response, "busy");
  assert.equal(new Set(receiver.received.map(({ id }) => id)).size, 1);
});

test("a service that answers 410 is disabled, and one that asks to wait is held", async () => {
  const { receiver, gateway } = await startWithService([
    { name: "gone", url: "service:BACKEND/gone" },
    { name: "busy", url: "service:BACKEND/busy" },
  ]);
  const gone = reply(410);
  const busy = reply(503, { "retry-after": "3600" });
  receiver.answer = (response, request) => (request.url === "/gone" ? gone : busy)(response, request);
  await gateway.sendAll([{ label: "one" }]);
  await gateway.destinationIs("gone", { state: "disabled" });
  assert.match(
    (await gateway.destinationIs("busy", { state: "open" })).lastError ?? "",
    /asked to wait 3600 s/,
  );
});

test("a service gives verdicts, and otherwise decides when it throws or hangs", async () => {
  const { receiver, gateway } = await startWithService([
    {
      name: "moderation",
      on: before,
      ask: "service:BACKEND/verdict",
      deadlineMs: 1_600,
      otherwise: "refuse",
    },
  ]);
  const code = async () => JSON.parse((await gateway.send(before, message)).text).ErrorCode;
  receiver.answer = reply(200, {}, '{"ActionStatus":"OK","ErrorCode":120001,"ErrorInfo":"no"}');
  assert.equal(await code(), 120001);
  const [{ headers }] = (await receiver.requests(1)) as [Received];
  assert.equal(headers["x-service-url"], "https://backend/verdict");
  for (const answer of [reply(throwing), hang, reply(500)]) {
    receiver.answer = answer;
    assert.equal(await code(), 1);
  }
});

test("on plain workerd each rule without its binding is wrong, says so by its path, and its events wait", async () => {
  const gateway = await startGateway({
    FORWARD_RULES: [
      { name: "a", url: "service:BACKEND" },
      { name: "b", ask: ["https://mod.example.com", "service:SHARD/verdict"] },
      { name: "c", url: "queue:TASKS" },
      { name: "d", url: "r2:ARCHIVE/tim" },
      { name: "e", url: "https://audit.example.com", words: "kv:WORDS/banned" },
    ],
  });
  assert.deepEqual(
    (await gateway.problems()).filter((problem) => problem.startsWith("FORWARD_RULES")),
    [
      "FORWARD_RULES[0].url: there is no such binding: a service is bound by [[services]] in wrangler.toml, and npm run serve has none",
      "FORWARD_RULES[1].ask[1]: expected the binding of a service, and that name is another's",
      "FORWARD_RULES[2].url: there is no such binding: a queue is bound by [[queues.producers]] in wrangler.toml, and npm run serve has none",
      "FORWARD_RULES[3].url: there is no such binding: an R2 bucket is bound by [[r2_buckets]] in wrangler.toml, and npm run serve has none",
      "FORWARD_RULES[4].words: there is no such binding: a KV namespace is bound by [[kv_namespaces]] in wrangler.toml, and npm run serve takes a folder of that name in .data/kv",
    ],
  );
  await gateway.sendAll([{ label: "kept" }]);
  for (const name of ["a", "c", "d"]) assert.equal((await gateway.destination(name)).waiting, 1, name);
});
