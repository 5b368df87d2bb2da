/** Every relay event on the real runtime, over four shards and across a restart. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { DetailedEvent } from "../support/api.ts";
import { callbackToken, ofManyGroups, signed } from "../support/callbacks.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { reply, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";
import { age } from "./ageing.ts";

/** The relay events of a command, oldest first, with their bodies. */
async function told(gateway: Gateway, command: string): Promise<DetailedEvent[]> {
  const { events } = await gateway.get(`/api/events?command=${command}&limit=200`);
  const details = events.map(({ id }: { id: string }) => gateway.get(`/api/events/${id}`));
  return (await Promise.all(details)).reverse();
}

async function untilTold(gateway: Gateway, command: string, count = 1, withinMs = 150_000) {
  return until(
    `${count} ${command}`,
    async () => {
      const events = await told(gateway, command);
      return events.length >= count && events;
    },
    withinMs,
  );
}

// They mostly wait for the end of a minute.
describe("relay events", { concurrency: 3 }, () => {
  test("an action is told of, with its target and who it was", async () => {
    const receiver = await startReceiver();
    const pager = await startReceiver();
    const gateway = await startGateway({
      FORWARD_RULES: [
        { name: "audit", url: receiver.url },
        { name: "pager", on: "Relay.*", url: pager.url },
      ],
    });
    await gateway.pause("audit");
    await gateway.resume("audit");
    const [paused, resumed] = await untilTold(gateway, "Relay.Action", 2);
    assert.deepEqual([paused!.body.action, paused!.body.target], ["paused", "audit"]);
    assert.deepEqual([resumed!.body.action, resumed!.body.target], ["resumed", "audit"]);
    assert.match(paused!.body.by, /^[0-9a-f]{8}$/);
    const { app, conversation, known, valid, phase } = paused!;
    assert.deepEqual([app, conversation, known, valid, phase], ["relay", "relay:", true, true, "after"]);
    const posts = await pager.requests(2);
    assert.deepEqual(
      posts.map(({ body }) => JSON.parse(body).type),
      ["Relay.Action", "Relay.Action"],
    );
    assert.equal(receiver.received.length, 0, "a rule without `on` gets none");
    assert.deepEqual(await gateway.allEvents(), []);
  });

  test("each change and each minute is told of once, over four shards and across a restart", async () => {
    const recall = "Group.CallbackAfterRecallMsg";
    const [flaky, gone, strict] = await Promise.all(
      [500, 410, 400].map((status) => startReceiver(reply(status))),
    );
    const [backend, babbler] = [await startReceiver(), await startReceiver(reply(200, {}, "no verdict"))];
    await backend.goDown();
    const pager = await startReceiver();
    const settings = {
      SHARDS: 4,
      CALLBACK_TOKEN: `${callbackToken},second-token`,
      FORWARD_RULES: [
        { name: "flaky", on: recall, url: flaky!.url, retry: Array(9).fill("1s") },
        { name: "gone", on: recall, url: gone!.url },
        { name: "strict", on: recall, url: strict!.url, retry: [] },
        { name: "moderation", on: "Group.CallbackBeforeSendMsg", ask: backend.url },
        { name: "babbler", on: "C2C.CallbackBeforeSendMsg", ask: babbler.url },
        { name: "pager", on: "Relay.*", url: pager.url },
        { name: "broken-pager", on: "Relay.*", url: flaky!.url, retry: [] },
      ],
    };
    const gateway = await startGateway(settings);
    const changes = [
      "Relay.DestinationDown",
      "Relay.DestinationDisabled",
      "Relay.DeadLetter",
      "Relay.Quarantined",
      "Relay.VerdictsInvalid",
      "Relay.BackendDown",
      "Relay.SignatureRefused",
      "Relay.OldToken",
    ];

    await gateway.sendAll(ofManyGroups(80));
    for (let n = 0; n < 12; n++) {
      await gateway.accept("Group.CallbackBeforeSendMsg", { GroupId: `g${n}`, From_Account: "lan" });
      await gateway.accept("C2C.CallbackBeforeSendMsg", { From_Account: "lan", To_Account: `minh${n}` });
      const forged = { Sign: "0".repeat(64), RequestTime: signed("none").RequestTime };
      assert.equal((await gateway.send(recall, {}, { query: forged })).status, 403);
    }
    for (const GroupId of ["a", "b", "c", "d"])
      assert.equal((await gateway.send(recall, { GroupId: { [GroupId]: 1 } })).status, 400);
    await gateway.accept(
      "Group.CallbackAfterGroupDestroyed",
      { GroupId: "old" },
      { query: signed("second-token") },
    );
    await gateway.accept("Group.CallbackAfterGroupDestroyed", { GroupId: "odd", Unheard: true });
    await gateway.accept("Group.CallbackAfterUnheard", { GroupId: "odd" });

    for (const command of changes) await untilTold(gateway, command);
    const bodies = async (command: string) => (await told(gateway, command)).map(({ body }) => body);
    const [down] = await bodies("Relay.DestinationDown");
    assert.equal(down!.destination, "flaky");
    assert.match(down!.lastError, /500/);
    assert.ok(down!.failures >= 10 && Date.parse(down!.since) > 0);
    assert.deepEqual(await bodies("Relay.DestinationDisabled"), [{ destination: "gone" }]);
    const letters = await bodies("Relay.DeadLetter");
    assert.equal(letters.filter(({ destination }) => destination === "strict").length, 1);
    assert.equal(letters.find(({ destination }) => destination === "strict")!.count, 80);
    const [quarantined] = await bodies("Relay.Quarantined");
    assert.deepEqual([quarantined!.command, quarantined!.count], [recall, 4]);
    assert.equal(quarantined!.issues[0].path, "GroupId");
    const [refused] = await bodies("Relay.SignatureRefused");
    assert.deepEqual(refused, { reason: "signature", count: 12 });
    assert.deepEqual(await bodies("Relay.OldToken"), [{ position: 2, count: 1 }]);
    const drift = await bodies("Relay.Drift");
    const kinds = (kind: string) => drift.filter((one) => one.kind === kind);
    assert.deepEqual(kinds("unknown field").filter(({ path }) => path === "Unheard").length, 1);
    assert.deepEqual(kinds("unknown command"), [
      {
        command: "Group.CallbackAfterUnheard",
        path: "",
        kind: "unknown command",
        found: "Group.CallbackAfterUnheard",
      },
    ]);

    await gateway.restart(settings);
    flaky!.answer = reply(200);
    await backend.comeUp();
    backend.answer = reply(200, {}, '{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}');
    await untilTold(gateway, "Relay.DestinationRecovered");
    await until("the backend's recovery is told of", async () => {
      await gateway.accept("Group.CallbackBeforeSendMsg", { GroupId: "g", From_Account: "lan" });
      return (await told(gateway, "Relay.BackendRecovered")).length > 0;
    });
    assert.equal((await bodies("Relay.DestinationRecovered"))[0]!.destination, "flaky");
    await gateway.pause("strict");
    await untilTold(gateway, "Relay.Action");
    for (const command of [...changes, "Relay.DestinationRecovered", "Relay.BackendRecovered"]) {
      const about = (await bodies(command)).map((body) => body.destination ?? body.rule ?? "");
      assert.equal(new Set(about).size, about.length, `${command} is told once: ${about}`);
    }
    for (const { body } of await told(gateway, "Relay.DeadLetter"))
      assert.notEqual(body.destination, "broken-pager", "relay events cause none");
  });

  test("a backlog is told of at half of its time, and when it is lost, though no callback comes", async () => {
    const pager = await startReceiver();
    const settings = {
      RETENTION_HOURS: 48,
      FORWARD_RULES: [
        { name: "audit", on: "Group.*", url: "http://127.0.0.1:9/" },
        { name: "pager", on: "Relay.*", url: pager.url },
      ],
    };
    const gateway = await startGateway(settings);
    await gateway.pause("audit");
    await gateway.sendAll(ofManyGroups(3));
    await gateway.stop();
    age(gateway.dataDir, 1);
    await gateway.start(settings);
    const [expiring] = await untilTold(gateway, "Relay.Expiring");
    assert.deepEqual([expiring!.body.destination, expiring!.body.waiting], ["audit", 3]);
    assert.ok(Date.parse(expiring!.body.expiresAt) - Date.parse(expiring!.body.oldest) === 48 * 3_600_000);
    await gateway.stop();
    age(gateway.dataDir, 3);
    await gateway.start(settings);
    const [expired] = await untilTold(gateway, "Relay.Expired");
    assert.deepEqual(expired!.body, { destination: "audit", count: 3 });
    assert.equal((await told(gateway, "Relay.Expiring")).length, 0, "it went with its day");
  });
});
