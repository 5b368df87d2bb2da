/** A destination that leads back to this gateway, by whatever way, gets an answer that says so. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { app, bodyOf, callbackToken, numbered } from "../support/callbacks.ts";
import { startGateway } from "../support/gateway.ts";
import { reply, startReceiver } from "../support/receiver.ts";

const command = "Group.CallbackAfterRecallMsg";

test("a post that comes back to the gateway is refused with 508, and lastError says why", async () => {
  const gateway = await startGateway({ FORWARD_RULES: [] });
  // As a proxy in front of the gateway would lead it back: the url itself is another one's.
  const receiver = await startReceiver(async (response, { url, headers, body }) => {
    const loop = headers["tim-relay-loop"];
    const forwarded = await fetch(gateway.url + url, {
      method: "POST",
      headers: loop === undefined ? {} : { "tim-relay-loop": String(loop) },
      body,
    });
    response.writeHead(forwarded.status).end(await forwarded.text());
  });
  await gateway.restart({
    FORWARD_RULES: [{ name: "itself", url: receiver.url, format: "raw", callbackToken, retry: ["1h"] }],
  });
  await gateway.sendAll(numbered("a", 1));
  const { attempts } = await gateway.delivery("a1", "itself", "retrying");
  assert.equal(attempts[0]!.status, 508);
  assert.match(attempts[0]!.error!, /this gateway/);
  assert.equal((await gateway.allEvents()).length, 1);
  const metrics = await gateway.metrics();
  assert.match(metrics, /^tim_relay_callbacks_refused_total\{reason="loop"\} 1$/m);
});

test("a callback whose Host is that of a destination is no loop", async () => {
  const receiver = await startReceiver(reply(200));
  const gateway = await startGateway({ FORWARD_RULES: [{ name: "audit", url: receiver.url }] });
  const { request } = await import("node:http");
  const { signatureOf } = await import("../../src/cli/signature.ts");
  const time = String(Math.floor(Date.now() / 1000));
  const query = `SdkAppid=${app}&CallbackCommand=${command}&Sign=${signatureOf(callbackToken, time)}&RequestTime=${time}`;
  const status = await new Promise((resolve) => {
    const sent = request(
      `${gateway.url}/?${query}`,
      { method: "POST", headers: { host: new URL(receiver.url).host } },
      (response) => response.resume().on("end", () => resolve(response.statusCode)),
    );
    sent.end(bodyOf(command, "@TGS#1", "a"));
  });
  assert.equal(status, 200);
  await receiver.requests(1);
  assert.equal((await gateway.destination("audit")).state, "up");
});

test("tim-relay-loop keeps the names of the gateways that the event came through", async () => {
  const receiver = await startReceiver(reply(200));
  const gateway = await startGateway({ FORWARD_RULES: [{ name: "audit", url: receiver.url }] });
  await gateway.sendAll([{ ...numbered("a", 1)[0]!, headers: { "tim-relay-loop": "another-gateway" } }]);
  await receiver.requests(1);
  assert.match(String(receiver.received[0]!.headers["tim-relay-loop"]), /^another-gateway, [\w-]{20,}$/);
});
