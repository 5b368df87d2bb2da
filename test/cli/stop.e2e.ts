/** A stop of `npm run serve`: no delivered event is sent again, and no counter falls. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { callbackToken, labelsOf, numbered, ofManyGroups } from "../support/callbacks.ts";
import { type Client, clientOf } from "../support/client.ts";
import { type Served, serve } from "../support/program.ts";
import { hang, reply, startReceiver } from "../support/receiver.ts";
import { usualSettings } from "../support/settings.ts";
import { watch } from "../support/tail.ts";
import { until } from "../support/until.ts";

const skip = process.platform === "win32" && "Windows knows no SIGTERM";

interface Gateway extends Client {
  program(): Served;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** Starts again on the same storage. */
  start(): Promise<void>;
}

/** A running `npm run serve` with these rules; its storage is removed with the test. */
async function startServed(rules: readonly object[], more: Record<string, string> = {}): Promise<Gateway> {
  const dataDir = mkdtempSync(join(tmpdir(), "tim-relay-stop-"));
  const settings = {
    ...usualSettings,
    FORWARD_RULES: JSON.stringify(rules),
    ...more,
  };
  let program = await serve({ dataDir, settings });
  after(async () => {
    await program.kill();
    rmSync(dataDir, { recursive: true });
  });
  return {
    ...clientOf(
      () => program.url,
      () => callbackToken,
    ),
    program: () => program,
    stop: () => program.stop(),
    async start() {
      program = await serve({ dataDir, settings });
    },
  };
}

/** Every counter of `/metrics`, by name and labels. */
async function counters(gateway: Gateway): Promise<Map<string, number>> {
  const text = await gateway.metrics();
  return new Map(
    [...text.matchAll(/^(\w+_total(?:\{.*\})?) (\S+)$/gm)].map(([, name = "", value]) => [
      name,
      Number(value),
    ]),
  );
}

const nothingWaits = (gateway: Gateway) =>
  until("no event waits", async () => (await gateway.destinations()).every(({ waiting }) => waiting === 0));

/** Once the restarted gateway has sent every event that waits, each event has come once. */
async function nothingCameTwice(gateway: Gateway, received: { id: string }[]): Promise<void> {
  await nothingWaits(gateway);
  const ids = received.map(({ id }) => id);
  assert.deepEqual(
    ids.filter((id, index) => ids.indexOf(id) !== index),
    [],
  );
}

describe("SIGTERM", { skip, concurrency: 2 }, () => {
  test("does not repeat answered posts, and no counter falls", async () => {
    const receivers = {
      well: await startReceiver(),
      badly: await startReceiver(reply(400)),
      batched: await startReceiver(),
    };
    const gateway = await startServed(
      [
        { name: "well", url: receivers.well.url },
        { name: "badly", url: receivers.badly.url, retry: ["1h"] },
        { name: "batched", url: receivers.batched.url, batch: { size: 10, ms: 20 } },
      ],
      { SHARDS: "2" },
    );
    for (const round of ["first", "second"]) {
      const callbacks = ofManyGroups(20, round);
      await gateway.sendAll(callbacks);
      await until("every receiver has answered every event", () =>
        callbacks.every(
          ({ label }) =>
            receivers.well.has(label, 200) &&
            receivers.badly.has(label, 400) &&
            receivers.batched.has(label, 200),
        ),
      );
      const before = await counters(gateway);
      assert.equal(await gateway.stop(), 0);
      await gateway.start();
      const after = await counters(gateway);
      assert.ok(before.get("tim_relay_requests_total"));
      for (const [name, value] of before)
        assert.ok((after.get(name) ?? 0) >= value, `${name} fell: it was ${value}`);
    }
    for (const { received } of Object.values(receivers)) await nothingCameTwice(gateway, received);
  });

  test("lets a post in flight end without repeating it, and meanwhile answers callbacks", async () => {
    const receiver = await startReceiver();
    const gateway = await startServed([{ name: "slow", url: receiver.url }]);
    const letGo = Promise.withResolvers<void>();
    receiver.answer = async (response, request) => {
      if (request.labels.includes("slow")) await letGo.promise;
      reply(200)(response, request);
    };
    await gateway.sendAll([{ label: "slow" }]);
    await until("the post is in flight", () => receiver.held().length === 1);
    const ended = gateway.stop();
    // A gateway that is stopping still keeps events, and no longer sends them: that shows that it has the signal.
    const kept: string[] = [];
    await until("a callback is kept and not sent", async () => {
      const label = `meanwhile${kept.length}`;
      await gateway.sendAll([{ label }]);
      kept.push(label);
      const isSent = () => receiver.labels().includes(label);
      return until("it is sent", isSent, 300).then(
        () => false,
        () => true,
      );
    });
    letGo.resolve();
    assert.equal(await ended, 0);
    assert.ok(receiver.has("slow", 200));
    await gateway.start();
    await nothingCameTwice(gateway, receiver.received);
    assert.ok(kept.every((label) => receiver.has(label, 200)));
  });

  test("sent twice does not wait for posts in flight", async () => {
    const receiver = await startReceiver(hang);
    const timeoutMs = 60_000;
    const gateway = await startServed([{ name: "silent", url: receiver.url, timeoutMs }]);
    const callbacks = numbered("e", 3);
    await gateway.sendAll(callbacks);
    await until("all posts are in flight", () => receiver.held().length === 3);
    const ended = gateway.stop();
    await gateway.program().seen(/^stopping: /);
    // A signal within half a second counts as an echo of the first.
    await sleep(600);
    const insistedAt = performance.now();
    process.kill(gateway.program().pid, "SIGTERM");
    assert.equal(await ended, 0);
    const ms = performance.now() - insistedAt;
    assert.ok(ms < timeoutMs / 2, `the stop took ${ms} ms`);
    receiver.answer = reply(200);
    await gateway.start();
    await nothingWaits(gateway);
    await receiver.delivered(callbacks.length);
  });

  test("tells the viewers of the tail, and does not wait for them", async () => {
    const gateway = await startServed([]);
    // The second one has sent no message yet: the runtime alone would wait ten seconds for it.
    const viewers = [await watch(gateway.program()), await watch(gateway.program())];
    viewers[0]!.socket.send('{"ack":0}');
    const stoppedAt = performance.now();
    assert.equal(await gateway.stop(), 0);
    const ms = performance.now() - stoppedAt;
    assert.ok(ms < 9_000, `the stop took ${ms} ms`);
    for (const { closed } of viewers)
      assert.deepEqual(await closed, {
        code: 1001,
        reason: "the gateway stops: connect again, with since",
      });
  });

  test("does not lose a before-callback that was just answered", async () => {
    const gateway = await startServed([]);
    const command = "Group.CallbackBeforeSendMsg";
    const body = (n: number) =>
      JSON.stringify({
        CallbackCommand: command,
        GroupId: `@TGS#${n}`,
        From_Account: "lan",
        MsgBody: [],
        Random: n,
      });
    const callbacks = Array.from({ length: 6 }, (_, n) => ({ label: `ask${n}`, command, body: body(n) }));
    const statuses = await Promise.all(callbacks.map((callback) => gateway.sendLabelled(callback)));
    await gateway.stop();
    assert.deepEqual(
      statuses,
      callbacks.map(() => 200),
    );
    await gateway.start();
    assert.deepEqual((await gateway.keptLabels()).sort(), labelsOf(callbacks));
  });
});
