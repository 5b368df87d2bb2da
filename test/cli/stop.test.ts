/** A stop of `npm run serve`: no delivered event is sent again, and no counter falls. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { hang, reply, startReceiver } from "../shard/recording-receiver.ts";
import { type Destination, labelsOf, numbered, type Relay, startRelay } from "../shard/relay.ts";
import { until } from "../shard/until.ts";

const skip = process.platform === "win32" && "Windows knows no SIGTERM";

/** Every counter of `/metrics`, by name and labels. */
async function counters({ gateway }: Relay): Promise<Map<string, number>> {
  const headers = { authorization: "Bearer admin-token-of-the-tests" };
  const text = await (await fetch(`${gateway.url}/metrics`, { headers })).text();
  return new Map(
    [...text.matchAll(/^(\w+_total(?:\{.*\})?) (\S+)$/gm)].map(([, name = "", value]) => [
      name,
      Number(value),
    ]),
  );
}

/** Waits until the restarted gateway has sent everything, and checks that each event has come once. */
async function nothingCameTwice(relay: Relay, received: { id: string }[]): Promise<void> {
  await until("nothing waits", async () => {
    const reports: Destination[] = await relay.api("/api/destinations");
    return reports.every(({ waiting }) => waiting === 0);
  });
  const ids = received.map(({ id }) => id);
  assert.deepEqual(
    ids.filter((id, index) => ids.indexOf(id) !== index),
    [],
  );
}

test("an event delivered before SIGTERM is not sent again, and no counter falls", { skip }, async () => {
  const receivers = {
    well: await startReceiver(),
    badly: await startReceiver(reply(400)),
    batched: await startReceiver(),
  };
  const relay = await startRelay(
    [
      { name: "well", url: receivers.well.url },
      { name: "badly", url: receivers.badly.url, retry: ["1h"] },
      { name: "batched", url: receivers.batched.url, batch: { size: 10, ms: 20 } },
    ],
    { SHARDS: "2" },
  );
  for (const round of ["first", "second"]) {
    const callbacks = Array.from({ length: 20 }, (_, n) => ({ label: `${round}${n}`, group: `@TGS#${n}` }));
    await relay.sendAll(callbacks);
    await until("all are answered by all", () =>
      callbacks.every(
        ({ label }) =>
          receivers.well.has(label, 200) &&
          receivers.badly.has(label, 400) &&
          receivers.batched.has(label, 200),
      ),
    );
    const before = await counters(relay);
    assert.equal(await relay.gateway.stop(), 0);
    await relay.start();
    const after = await counters(relay);
    assert.ok(before.get("tim_relay_requests_total"));
    for (const [name, value] of before)
      assert.ok((after.get(name) ?? 0) >= value, `${name} fell: it was ${value}`);
  }
  for (const { received } of Object.values(receivers)) await nothingCameTwice(relay, received);
});

test("a post in flight at SIGTERM may end and is not sent again; callbacks are answered meanwhile", {
  skip,
}, async () => {
  const receiver = await startReceiver();
  const relay = await startRelay([{ name: "slow", url: receiver.url }]);
  const letGo = Promise.withResolvers<void>();
  receiver.answer = async (response, request) => {
    if (request.labels.includes("slow")) await letGo.promise;
    reply(200)(response, request);
  };
  await relay.sendAll([{ label: "slow" }]);
  await until("it is under way", () => receiver.held().length === 1);
  const ended = relay.gateway.stop();
  // The only sign that the gateway knows the stop: it sends nothing more of the kept events.
  const kept: string[] = [];
  await until("a callback is kept and not sent", async () => {
    const label = `meanwhile${kept.length}`;
    await relay.sendAll([{ label }]);
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
  await relay.start();
  await nothingCameTwice(relay, receiver.received);
  assert.ok(kept.every((label) => receiver.has(label, 200)));
});

test("a second SIGTERM does not wait for requests in flight", { skip }, async () => {
  const receiver = await startReceiver(hang);
  const relay = await startRelay([{ name: "silent", url: receiver.url, timeoutMs: 30_000 }]);
  const callbacks = numbered("e", 3);
  await relay.sendAll(callbacks);
  await until("all are under way", () => receiver.held().length === 3);
  const ended = relay.gateway.stop();
  // A second signal at once would count as an echo of the first.
  await sleep(600);
  const insistedAt = performance.now();
  process.kill(relay.gateway.pid, "SIGTERM");
  assert.equal(await ended, 0);
  assert.ok(performance.now() - insistedAt < 2_000);
  receiver.answer = reply(200);
  await relay.start();
  await until("nothing waits", async () => (await relay.destination("silent")).waiting === 0);
  await until("all are sent again", () => labelsOf(callbacks).every((label) => receiver.has(label, 200)));
});

test("a before-callback that was answered just before SIGTERM is kept", { skip }, async () => {
  const relay = await startRelay([]);
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
  const statuses = await Promise.all(callbacks.map((callback) => relay.send(callback)));
  await relay.gateway.stop();
  assert.deepEqual(
    statuses,
    callbacks.map(() => 200),
  );
  await relay.start();
  assert.deepEqual((await relay.events()).map(({ platform }) => platform).sort(), labelsOf(callbacks));
});
