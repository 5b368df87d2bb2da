/** Lists of events by verdict and by delivery, and what they and the details say of both. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue } from "../../src/callback/catalogue.ts";
import { startGateway } from "../support/gateway.ts";
import { reply, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const failing = await startReceiver(reply(500));
const gateway = await startGateway({
  FORWARD_RULES: [
    {
      name: "no-links",
      on: "C2C.CallbackBeforeSendMsg",
      match: { body: { From_Account: ["spammer"] } },
      answer: { ErrorCode: 120_017, ErrorInfo: "no links" },
    },
    { name: "ordered", on: "Test.*", url: failing.url, order: "conversation", retry: ["1h"] },
  ],
});

test("events with a verdict are found by it, and lists show it in short", async () => {
  const command = "C2C.CallbackBeforeSendMsg";
  const { example } = catalogue.get(command)!;
  for (const From_Account of ["spammer", "minh"])
    assert.equal((await gateway.send(command, { ...example, From_Account })).status, 200);
  const events = await until("both are kept", async () => {
    const { events } = await gateway.events({ command });
    return events.length === 2 && events;
  });
  const [refused, allowed] = ["spammer", "minh"].map(
    (account) => events.find(({ from }) => from === account)!,
  );
  const { ms, ...verdict } = refused!.verdict!;
  assert.deepEqual(verdict, { rule: "no-links", code: 120_017, how: "rule" });
  assert.equal(typeof ms, "number");
  assert.deepEqual(
    [allowed!.verdict!.rule, allowed!.verdict!.code, allowed!.verdict!.how],
    [null, 0, "default"],
  );
  const found = async (query: object) => (await gateway.events({ ...query })).events.map(({ id }) => id);
  for (const query of [{ verdict: "refuse" }, { verdict: "rule" }, { code: 120_017 }])
    assert.deepEqual(await found(query), [refused!.id], JSON.stringify(query));
  for (const query of [{ verdict: "allow" }, { verdict: "default" }, { code: 0, verdict: "allow" }])
    assert.deepEqual(await found(query), [allowed!.id], JSON.stringify(query));
  assert.deepEqual(await found({ verdict: "timeout" }), []);
  assert.deepEqual(await found({ verdict: "allow", code: 120_017 }), []);
});

test("a delivery that waits behind another of its conversation names that one's event", async () => {
  for (const label of ["first", "second", "third"])
    await gateway.accept("Test.CallbackAfterOrder", { GroupId: "waiting", label });
  await gateway.accept("Test.CallbackAfterOrder", { GroupId: "another" });
  const events = await until("the first has failed", async () => {
    const { events } = await gateway.events({ conversation: "group:waiting" });
    return events[2]!.state === "retrying" && events.reverse();
  });
  const [first] = events;
  const deliveries = await Promise.all(
    events.map(async ({ id }) => (await gateway.event(id)).deliveries[0]!),
  );
  assert.deepEqual(
    deliveries.map(({ state, waitsFor }) => [state, waitsFor]),
    [
      ["retrying", undefined],
      ["pending", first!.id],
      ["pending", first!.id],
    ],
  );
  const [other] = (await gateway.events({ conversation: "group:another" })).events;
  assert.ok(!("waitsFor" in (await gateway.event(other!.id)).deliveries[0]!));
});
