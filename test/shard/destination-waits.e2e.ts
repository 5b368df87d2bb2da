/** Events that wait are found again: after quiet weeks, expired days, other rules, a clock that was set back. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { labelsOf, numbered } from "../support/callbacks.ts";
import { startGateway } from "../support/gateway.ts";
import { hang, reply, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";
import { age, keptDays } from "./ageing.ts";
import { alarms } from "./alarms.ts";

describe("events that wait", { concurrency: 4 }, () => {
  test("a gateway that was stopped for longer than RETENTION_HOURS drops the expired day and goes on", async () => {
    const receiver = await startReceiver();
    const gateway = await startGateway({ FORWARD_RULES: [{ name: "audit", url: receiver.url }] });
    await gateway.sendAll(numbered("old", 1));
    await gateway.destinationIs("audit", { waiting: 0 });
    await gateway.stop();
    age(gateway.dataDir, 9);
    const [day] = keptDays(gateway.dataDir);
    await gateway.start();
    await gateway.seen(new RegExp(`day dropped.*${day}`));
    await gateway.sendAll(numbered("new", 1));
    await receiver.delivered(2);
    assert.deepEqual(labelsOf(numbered("new", 1)), await gateway.keptLabels());
    assert.deepEqual((await gateway.get("/health")).problems, []);
  });

  test("a blocked conversation goes on once its failed event expires, although its rule was invalid meanwhile", async () => {
    const receiver = await startReceiver(reply(400));
    const rule = { name: "audit", url: receiver.url, order: "conversation", retry: ["150h"] };
    const gateway = await startGateway({ FORWARD_RULES: [rule] });
    await gateway.sendAll(numbered("old", 3));
    await gateway.destinationIs("audit", { waiting: 2, retrying: 1 });
    await gateway.kill();
    age(gateway.dataDir, 9);
    await gateway.start({ FORWARD_RULES: [{ ...rule, retry: ["soon"] }] });
    await gateway.seen(/day dropped/);
    await gateway.sendAll(numbered("new", 3));
    await gateway.kill();
    receiver.answer = reply(200);
    await gateway.start({ FORWARD_RULES: [rule] });
    await gateway.destinationIs("audit", { waiting: 0, retrying: 0 });
    assert.deepEqual(receiver.labels(200), labelsOf(numbered("new", 3)));
  });

  test("the alarm stays set while events wait for a rule that is invalid or removed", async () => {
    const receiver = await startReceiver();
    const rule = { name: "audit", url: receiver.url };
    const other = { name: "other", url: receiver.url, on: "Nothing.Comes" };
    const gateway = await startGateway({ FORWARD_RULES: [rule, other] });
    await gateway.sendAll(numbered("a", 1));
    await gateway.destinationIs("audit", { waiting: 0 });
    for (const rules of [[{ ...rule, retry: ["soon"] }, other], [other]]) {
      await gateway.restart({ FORWARD_RULES: rules });
      await gateway.sendAll(numbered("b", 1, { group: `@TGS#${rules.length}` }));
      await gateway.problem(/audit/);
      await gateway.kill();
      const [alarm] = alarms(gateway.dataDir);
      assert.ok(alarm! <= Date.now() + 30_000, `the alarm is at ${alarm}`);
    }
  });

  test("a failed batch is delivered event by event after its rule has stopped batching", async () => {
    const receiver = await startReceiver(reply(400));
    const rule = { name: "audit", url: receiver.url, retry: ["200ms", "1h"] };
    const gateway = await startGateway({ FORWARD_RULES: [{ ...rule, batch: { size: 3, ms: 300 } }] });
    await gateway.sendAll(numbered("a", 3));
    await until("the batch has failed", () => receiver.received.some(({ status }) => status === 400));
    await gateway.kill();
    receiver.answer = reply(200);
    await gateway.start({ FORWARD_RULES: [rule] });
    await gateway.destinationIs("audit", { waiting: 0, retrying: 0, dead: 0 });
    assert.deepEqual(receiver.labels(200).sort(), labelsOf(numbered("a", 3)));
  });

  test("a clock that is set back makes no wait longer", async () => {
    const [failing, busy] = [
      await startReceiver(reply(400)),
      await startReceiver(reply(503, { "retry-after": "8" })),
    ];
    const gateway = await startGateway({
      FORWARD_RULES: [
        { name: "failing", url: failing.url, retry: ["8s"] },
        { name: "busy", url: busy.url, retry: ["100ms"] },
      ],
    });
    await gateway.sendAll(numbered("a", 1));
    await gateway.destinationIs("failing", { retrying: 1 });
    await gateway.destinationIs("busy", { retrying: 1 });
    await gateway.kill();
    failing.answer = busy.answer = reply(200);
    // Every stored time is now a day in the future.
    age(gateway.dataDir, -1);
    await gateway.start();
    await gateway.sendAll(numbered("b", 1));
    await until("both retries are answered 200", () => failing.has("a1", 200) && busy.has("a1", 200));
  });

  test("the events of a batch that failed twice are sent one after the other within their conversation", async () => {
    const receiver = await startReceiver(hang);
    receiver.answer = (response, { labels }) => {
      if (labels.length > 1) response.writeHead(500).end();
      // If they were in flight together, the later events would be answered first.
      else setTimeout(() => response.writeHead(200).end(), labels[0] === "a1" ? 200 : 0);
    };
    const batch = { size: 4, ms: 60_000 };
    const gateway = await startGateway({
      FORWARD_RULES: [
        {
          name: "audit",
          url: receiver.url,
          order: "conversation",
          batch,
          retry: ["50ms", "50ms", "50ms"],
          concurrency: 8,
        },
      ],
    });
    await gateway.sendAll(numbered("a", 4));
    await receiver.delivered(4);
    assert.deepEqual(receiver.labels(200), labelsOf(numbered("a", 4)));
    assert.equal(receiver.mostHeld(), 1);
  });

  test("a new url ends a Retry-After and the open breaker of the old url", async () => {
    const busy = await startReceiver(reply(503, { "retry-after": "3600" }));
    const other = await startReceiver();
    const rule = { name: "audit", url: busy.url, retry: ["100ms"] };
    const gateway = await startGateway({ FORWARD_RULES: [rule] });
    await gateway.sendAll(numbered("a", 3));
    await gateway.destinationIs("audit", { state: "open" });
    assert.match((await gateway.get("/health")).problems.join(), /audit: is held until/);
    await gateway.stop();
    await gateway.start({ FORWARD_RULES: [{ ...rule, url: other.url }] });
    await gateway.destinationIs("audit", { waiting: 0, retrying: 0 });
    assert.deepEqual(other.labels(200).sort(), labelsOf(numbered("a", 3)));
  });

  test("events that wait for an invalid rule are counted, also blocked and expired ones", async () => {
    const receiver = await startReceiver(reply(400));
    const rule = { name: "audit", url: receiver.url, order: "conversation", retry: ["150h"] };
    const gateway = await startGateway({ FORWARD_RULES: [rule] });
    await gateway.sendAll(numbered("a", 4));
    await gateway.destinationIs("audit", { waiting: 3, retrying: 1 });
    await gateway.stop();
    await gateway.start({ FORWARD_RULES: [{ ...rule, retry: ["soon"] }] });
    await gateway.destinationIs("audit", { waiting: 3, retrying: 1 });
    await gateway.stop();
    age(gateway.dataDir, 9);
    await gateway.start();
    await gateway.seen(/day dropped/);
    await gateway.destinationIs("audit", { waiting: 0, retrying: 0, expired: 4 });
  });

  test("the alarm stays set while retries wait for a disabled rule", async () => {
    const receiver = await startReceiver(reply(400));
    const rule = { name: "audit", url: receiver.url, retry: ["100ms"] };
    const gateway = await startGateway({ FORWARD_RULES: [{ ...rule, retry: ["1h"] }] });
    await gateway.sendAll(numbered("a", 1));
    await gateway.destinationIs("audit", { retrying: 1 });
    await gateway.stop();
    await gateway.start({ FORWARD_RULES: [{ ...rule, enabled: false }] });
    await gateway.get("/api/destinations");
    await gateway.stop();
    const [alarm] = alarms(gateway.dataDir);
    assert.ok(alarm! <= Date.now() + 30_000, `the alarm is at ${alarm}`);
  });

  test("a 410 that arrives while the destination is paused disables it", async () => {
    const paused = Promise.withResolvers<void>();
    const receiver = await startReceiver((response) =>
      paused.promise.then(() => response.writeHead(410).end()),
    );
    const gateway = await startGateway({ FORWARD_RULES: [{ name: "audit", url: receiver.url }] });
    await gateway.sendAll(numbered("a", 1));
    await until("the post is in flight", () => receiver.held().length === 1);
    await gateway.pause("audit");
    paused.resolve();
    await gateway.destinationIs("audit", { state: "disabled" });
  });
});
