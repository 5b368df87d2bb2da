/** Destinations whose conduct changes: they flap, limit the rate, start slowly, or come back after days. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { age } from "../shard/ageing.ts";
import { labelsOf, numbered, ofManyGroups } from "../support/callbacks.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { breakOff, type Receiver, reply, replyAfter, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

/** Waits that outlast the trouble. */
const patient = Array.from({ length: 50 }, () => "200ms");

function gatewayFor(receiver: Receiver, rule: object): Promise<Gateway> {
  return startGateway({ FORWARD_RULES: [{ name: "a", url: receiver.url, retry: patient, ...rule }] });
}

/** The labels that were answered 200, each once, as their answers were sent. */
const delivered = (receiver: Receiver) => receiver.labels(200);

describe("a destination with moods", { concurrency: 3 }, () => {
  test("that is up for three requests and down for three gets every event, in order", async () => {
    const receiver = await startReceiver();
    let requests = 0;
    receiver.answer = (response, request) => (requests++ % 6 < 3 ? reply(200) : breakOff)(response, request);
    const gateway = await gatewayFor(receiver, { order: "conversation" });
    const callbacks = [...numbered("a", 20), ...numbered("b", 20, { group: "@TGS#2" })];
    await gateway.sendAll(callbacks);
    await receiver.delivered(callbacks.length);
    for (const prefix of ["a", "b"])
      assert.deepEqual(
        delivered(receiver).filter((label) => label.startsWith(prefix)),
        labelsOf(callbacks).filter((label) => label.startsWith(prefix)),
      );
    await gateway.destinationIs("a", { state: "up", delivered: 40, dead: 0, retrying: 0, waiting: 0 });
  });

  test("that takes ten events a second, and asks for a second otherwise, is left alone for it", async () => {
    const receiver = await startReceiver();
    const taken = new Map<number, number>();
    let refused = 0;
    receiver.answer = (response, request) => {
      const second = Math.floor(Date.now() / 1_000);
      const before = taken.get(second) ?? 0;
      if (before >= 10) refused++;
      else taken.set(second, before + 1);
      (before >= 10 ? reply(429, { "retry-after": "1" }) : reply(200))(response, request);
    };
    const gateway = await gatewayFor(receiver, {});
    const callbacks = ofManyGroups(40);
    await Promise.all(callbacks.map((callback) => gateway.sendLabelled(callback)));
    await receiver.delivered(callbacks.length);
    // After a hold five posts are under way, and one more for each good answer: no more meet a refusal before the next.
    assert.ok(refused <= (5 + 10) * taken.size, `${refused} refusals in ${taken.size} seconds`);
    await gateway.destinationIs("a", { state: "up", delivered: 40, dead: 0, retrying: 0, waiting: 0 });
  });

  test("that answers 429 to every other request gets every event, and no breaker opens", async () => {
    const receiver = await startReceiver();
    let requests = 0;
    receiver.answer = (response, request) => reply(requests++ % 2 === 0 ? 429 : 200)(response, request);
    const gateway = await gatewayFor(receiver, { concurrency: 1 });
    await gateway.sendAll(numbered("n", 30));
    await receiver.delivered(30);
    const { delivered, failed, dead } = await gateway.destinationIs("a", { retrying: 0, waiting: 0 });
    assert.deepEqual({ delivered, failed, dead }, { delivered: 30, failed: 30, dead: 0 });
  });

  test("that answers 429 for ever gets ten posts and a probe, and loses nothing", async () => {
    const receiver = await startReceiver(reply(429));
    const gateway = await gatewayFor(receiver, { retry: ["1h"], concurrency: 1, order: "conversation" });
    const callbacks = ofManyGroups(30);
    await gateway.sendAll(callbacks);
    await receiver.requests(11);
    assert.deepEqual(
      await gateway
        .destinationIs("a", { state: "open" })
        .then(({ waiting, retrying, dead }) => [waiting + retrying, dead]),
      [30, 0],
    );
    assert.ok(receiver.received.length <= 12, `${receiver.received.length} posts`);
    receiver.answer = reply(200);
    await gateway.resume("a");
    // The refused events wait for their hour.
    await receiver.delivered(30 - receiver.labels(429).length);
    assert.equal((await gateway.destinationIs("a", { waiting: 0 })).dead, 0);
  });

  test("that answers ever faster gets each event once", async () => {
    const receiver = await startReceiver();
    let requests = 0;
    receiver.answer = (response, request) =>
      replyAfter(Math.max(0, 2_000 - 200 * requests++))(response, request);
    const gateway = await gatewayFor(receiver, {});
    const callbacks = ofManyGroups(40);
    await gateway.sendAll(callbacks);
    await receiver.delivered(40);
    assert.equal(receiver.received.length, 40);
    await gateway.destinationIs("a", { delivered: 40, failed: 0 });
  });

  test("that is back after days gets every event, in order, and none has expired", {
    timeout: 300_000,
  }, async () => {
    const receiver = await startReceiver();
    const healthy = await startReceiver();
    await receiver.goDown();
    const gateway = await startGateway({
      FORWARD_RULES: [
        // The usual waits.
        { name: "a", url: receiver.url, order: "conversation" },
        { name: "healthy", url: healthy.url },
      ],
    });
    const days = 5;
    const callbacks = Array.from({ length: days }, (_, day) => numbered(`day-${day}-`, 5));
    for (const today of callbacks) {
      await gateway.sendAll(today);
      await healthy.delivered(labelsOf(today).at(-1)!);
      await until("a has been tried", async () => (await gateway.destination("a")).failed > 0);
      const { dead, expired } = await gateway.destination("a");
      assert.deepEqual({ dead, expired }, { dead: 0, expired: 0 });
      await gateway.stop();
      age(gateway.dataDir, 1);
      if (today === callbacks.at(-1)) await receiver.comeUp();
      await gateway.start();
    }
    // The breaker that was open for days lets one probe through.
    await receiver.delivered(5 * days);
    assert.deepEqual(delivered(receiver), labelsOf(callbacks.flat()));
    await gateway.destinationIs("a", { state: "up", delivered: 5 * days, dead: 0, expired: 0, retrying: 0 });
    assert.equal(new Set(healthy.labels(200)).size, 5 * days);
  });
});
