import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { firstPosts } from "../../src/delivery/concurrency.ts";
import { type Callback, numbered } from "../support/callbacks.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { hang, replyAfter, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

/** More attempts than fail. */
const patient = Array.from({ length: 20 }, () => "100ms");

/** The callbacks' events wait, then they are sent all together. */
async function sendTogether(gateway: Gateway, callbacks: readonly Callback[]): Promise<void> {
  await gateway.pause("a");
  await Promise.all(callbacks.map((callback) => gateway.sendLabelled(callback)));
  await gateway.resume("a");
}

describe("the posts under way to a destination", { concurrency: 2 }, () => {
  test("become more while events wait and answers are good, fewer on failures, and more again", async () => {
    const receiver = await startReceiver(replyAfter(150));
    const gateway = await startGateway({
      FORWARD_RULES: [{ name: "a", url: receiver.url, retry: patient }],
    });
    const allowed = async () => (await gateway.destination("a")).concurrency!;
    assert.equal((await gateway.destination("a")).concurrency, firstPosts);
    await sendTogether(gateway, numbered("first", 200));
    await receiver.delivered(200);
    assert.ok(receiver.mostHeld() > 2 * firstPosts, `${receiver.mostHeld()} at a time`);
    assert.ok(receiver.mostHeld() <= 50, `${receiver.mostHeld()} at a time`);
    const before = await allowed();
    assert.ok(before > 2 * firstPosts, `${before} are allowed`);

    // Every second post fails: the breaker, which counts failures in a row, stays closed.
    let posts = 0;
    const good = replyAfter(150);
    const bad = replyAfter(150, 500);
    receiver.answer = (response, request) => (posts++ % 2 ? good : bad)(response, request);
    await sendTogether(gateway, numbered("second", 60));
    await until("fewer posts are allowed", async () => (await allowed()) <= firstPosts);

    receiver.answer = good;
    await sendTogether(gateway, numbered("third", 200));
    await receiver.delivered(460);
    const after = await allowed();
    assert.ok(after > firstPosts, `${after} are allowed`);
  });

  test("have their outcomes as they come, though the object has no connection left and they begin together", async () => {
    const hanging = await startReceiver(hang);
    const quick = await startReceiver();
    const { promise: told, resolve: tell } = Promise.withResolvers<void>();
    const slow = await startReceiver((response) => told.then(() => response.end()));
    const taking = { match: { platform: [{ prefix: "first" }] }, timeoutMs: 30_000 };
    const wanting = { match: { platform: [{ prefix: "second" }] }, timeoutMs: 30_000 };
    const gateway = await startGateway({
      FORWARD_RULES: [
        { name: "hanging", url: hanging.url, ...taking },
        { name: "slow", url: slow.url, ...wanting },
        { name: "quick", url: quick.url, ...wanting },
      ],
    });
    await gateway.sendAll(numbered("first", 5));
    await until("all connections hang", () => hanging.held().length === 5);
    await gateway.sendAll(numbered("second", 1));
    await slow.requests(1);
    await gateway.delivery("second1", "quick", "delivered");
    assert.equal(slow.held().length, 1);
    tell();
    await gateway.delivery("second1", "slow", "delivered");
  });
});
