/** `GET /api/rules`, and the pause of rules that decide. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startGateway } from "../support/gateway.ts";
import { startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const backend = await startReceiver();
await backend.goDown();
const receiver = await startReceiver();
const message = "Group.CallbackBeforeSendMsg";
const settings = {
  SHARDS: 2,
  FORWARD_RULES: [
    { name: "audit", on: "Test.*", url: receiver.url },
    { name: "links", on: message, match: { body: { GroupId: ["a"] } }, answer: { ErrorCode: 1 } },
    { name: "wrong", on: message, answer: { ErrorCode: "one" } },
    { name: "moderation", on: message, ask: backend.url, otherwise: "allow" },
    { name: "off", enabled: false, on: message, answer: { ErrorCode: 1 } },
  ],
};
const gateway = await startGateway({ ...settings, READ_TOKEN: "test-read-token" });
const ask = async (GroupId: string) =>
  JSON.parse((await gateway.accept(message, { GroupId, From_Account: "lan" })).text).ErrorCode as number;
const rules = () => gateway.get("/api/rules");
const rule = async (name: string) => (await rules()).find((one: { name: string }) => one.name === name);

test("every rule is listed in its order, with its counts", async () => {
  for (let index = 0; index < 4; index++)
    await gateway.accept("Test.CallbackAfterIt", { GroupId: `g${index}` });
  assert.equal(await ask("a"), 1);
  assert.equal(await ask("a"), 1);
  assert.equal(await ask("b"), 0);
  await receiver.requests(4);
  // The counts of a verdict travel with its event, which is kept after the answer.
  const listed = await until("all verdicts are counted", async () => {
    const all = await rules();
    return all[1].fitted === 2 && all[3].fitted === 1 && all;
  });
  assert.deepEqual(
    listed.map(({ name, kind, state }: Record<string, string>) => [name, kind, state]),
    [
      ["audit", "forward", "on"],
      ["links", "answer", "on"],
      ["wrong", "answer", "wrong"],
      ["moderation", "ask", "on"],
      ["off", "answer", "off"],
    ],
  );
  assert.equal(listed[0].fitted, 4);
  assert.match(listed[0].says, /^forwards Test\.\* to 127\.0\.0\.1/);
  assert.deepEqual([listed[1].fitted, listed[1].verdicts], [2, { rule: 2 }]);
  assert.ok(listed[1].latency.p99 >= 1);
  assert.deepEqual(listed[0].problems, ["audit: Test.* fits no command that is known"]);
  assert.deepEqual(listed[1].problems, []);
  assert.equal(listed[2].says, null);
  assert.match(listed[2].problems.join(), /FORWARD_RULES\[2\]\.answer\.ErrorCode/);
  assert.deepEqual(listed[3].verdicts, { unreachable: 1 });
  await until("the latency of deliveries is told", async () => (await rule("audit")).latency.p50 !== null);
  const metrics = await gateway.metrics();
  assert.match(metrics, /tim_relay_rule_verdicts_total\{rule="links",how="rule"\} 2/);
  assert.match(metrics, /tim_relay_fitted_events_total\{destination="audit"\} 4/);
});

test("a paused rule decides nothing until it is resumed, also after a restart", async () => {
  assert.deepEqual(await gateway.pause("links"), { name: "links", state: "paused" });
  assert.equal(await ask("a"), 0);
  await gateway.problem(/^links: is paused, and decides nothing until it is resumed$/);
  await gateway.restart(settings);
  assert.equal(await ask("a"), 0, "at once in a new isolate");
  assert.equal((await rule("links")).state, "paused");
  assert.deepEqual(await gateway.resume("links"), { name: "links", state: "on" });
  assert.equal(await ask("a"), 1);
  await gateway.noProblem(/^links: is paused/);
});

test("an open breaker of an ask rule is among its problems", async () => {
  for (let count = 0; count < 10; count++) await ask("b");
  const open = /its backend does not answer and is not waited for$/;
  await until("the rule tells it", async () => open.test((await rule("moderation")).problems.join()));
  await gateway.problem(open);
});

test("a rule is shown as it is written, without secrets, and can be tried as it is shown", async () => {
  const signing = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
  const audit = {
    name: "audit",
    url: `${receiver.url}?key=plain`,
    secret: signing,
    headers: { "x-key": "plain" },
  };
  const links = { name: "links", on: message, answer: { ErrorCode: 1 } };
  await gateway.restart({
    READ_TOKEN: "test-read-token",
    FORWARD_RULES: [audit, links, { name: "wrong", url: 7, sercet: signing }],
  });
  const shown = { ...audit, secret: "***", headers: { "x-key": "***" } };
  const wrong = { name: "wrong", url: 7, sercet: "***" };
  const listed = (await rules()) as { rule: object }[];
  assert.deepEqual(
    listed.map(({ rule }) => rule),
    [shown, links, wrong],
  );
  const seen = await gateway.request("/api/rules", { token: "test-read-token" });
  const [first] = (await seen.json()) as { rule: object }[];
  assert.deepEqual(first!.rule, { ...shown, url: `${receiver.url}?key=***` });

  const right = listed.slice(0, 2).map(({ rule }) => rule);
  const { status, body } = await gateway.api("/api/rules/test", { rules: right, last: 5 });
  assert.deepEqual([status, body.changed?.events], [200, 0], JSON.stringify(body));
});

test("the JSON Schema of rules is the one of docs/", async () => {
  const kept = readFileSync(join(import.meta.dirname, "../../docs/rules.schema.json"), "utf8");
  assert.deepEqual(await gateway.get("/api/rules/schema"), JSON.parse(kept));
});
