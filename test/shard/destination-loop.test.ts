/** A destination that leads back to this gateway, by whatever way, gets an answer that says so. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { app, bodyOf, callbackToken } from "./callbacks.ts";
import { reply, startReceiver } from "./recording-receiver.ts";
import { numbered, startRelay } from "./relay.ts";
import { until } from "./until.ts";

const command = "Group.CallbackAfterRecallMsg";

test("a post that comes back is refused with 508, and its destination's error says why", async () => {
  const relay = await startRelay([]);
  // As a proxy in front of the gateway would lead it back: the url itself is another one's.
  const receiver = await startReceiver(async (response, { url, headers, body }) => {
    const loop = headers["tim-relay-loop"];
    const forwarded = await fetch(relay.gateway.url + url, {
      method: "POST",
      headers: loop === undefined ? {} : { "tim-relay-loop": String(loop) },
      body,
    });
    response.writeHead(forwarded.status).end(await forwarded.text());
  });
  await relay.kill();
  await relay.start([{ name: "itself", url: receiver.url, format: "raw", callbackToken, retry: ["1h"] }]);
  await relay.sendAll(numbered("a", 1));
  const { attempts } = await relay.delivery("a1", "itself", "retrying");
  assert.equal(attempts[0]!.status, 508);
  assert.match(attempts[0]!.error!, /this gateway/);
  assert.equal((await relay.events()).length, 1);
  const metrics = await relay.text("/metrics");
  assert.match(metrics, /^tim_relay_callbacks_refused_total\{reason="loop"\} 1$/m);
});

test("the name of the host in a request decides nothing", async () => {
  const receiver = await startReceiver(reply(200));
  const relay = await startRelay([{ name: "audit", url: receiver.url }]);
  const { request } = await import("node:http");
  const { signatureOf } = await import("../../src/callback/signature.ts");
  const time = String(Math.floor(Date.now() / 1000));
  const query = `SdkAppid=${app}&CallbackCommand=${command}&Sign=${signatureOf(callbackToken, time)}&RequestTime=${time}`;
  const status = await new Promise((resolve) => {
    const sent = request(
      `${relay.gateway.url}/?${query}`,
      { method: "POST", headers: { host: new URL(receiver.url).host } },
      (response) => response.resume().on("end", () => resolve(response.statusCode)),
    );
    sent.end(bodyOf(command, "@TGS#1", "a"));
  });
  assert.equal(status, 200);
  await until("it has come all the same", () => receiver.received.length === 1);
  assert.equal((await relay.destination("audit")).state, "up");
});

test("an event keeps the names of the gateways that it came through", async () => {
  const receiver = await startReceiver(reply(200));
  const relay = await startRelay([{ name: "audit", url: receiver.url }]);
  await relay.sendAll([{ ...numbered("a", 1)[0]!, headers: { "tim-relay-loop": "another-gateway" } }]);
  await until("it has come", () => receiver.received.length === 1);
  assert.match(String(receiver.received[0]!.headers["tim-relay-loop"]), /^another-gateway, [\w-]{20,}$/);
});
