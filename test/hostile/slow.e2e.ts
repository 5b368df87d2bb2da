/** Slow and oversized requests: callers that drip, stay or pour must not keep others out. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { after, test } from "node:test";
import { callbackToken, queryOf, signed } from "../support/callbacks.ts";
import { adminToken } from "../support/client.ts";
import { startGateway } from "../support/gateway.ts";
import { connected } from "./wire.ts";

const gateway = await startGateway({ CALLBACK_PATH: "/tim" });
const port = Number(new URL(gateway.url).port);

const sockets: Socket[] = [];
after(() => {
  for (const one of sockets) one.destroy();
});

async function open(): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  sockets.push(socket);
  await once(socket, "connect");
  return socket;
}

/** A callback, a look at the health and a question of the administrator. */
async function othersAreServed(): Promise<void> {
  const wire = await connected(gateway.url);
  const body = JSON.stringify({ Info: { To_Account: `other-${Math.floor(performance.now() * 1000)}` } });
  const query = queryOf({ CallbackCommand: "State.StateChange", ...signed(callbackToken) });
  wire.send(`POST /tim${query} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  assert.equal((await wire.answer("POST"))?.status, 200);
  for (const path of ["/health", "/api/events?limit=1"]) {
    wire.send(`GET ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${adminToken}\r\n\r\n`);
    assert.equal((await wire.answer())?.status, 200);
  }
  wire.close();
}

test("200 callers that drip a head keep out no other caller", async () => {
  const drips = await Promise.all(Array.from({ length: 200 }, open));
  for (const one of drips) one.write("POST /tim?SdkAppid=1400000000 HTTP/1.1\r\nHost: a\r\nX-A: ");
  for (let round = 0; round < 10; round++) {
    for (const one of drips) one.write("a");
    await othersAreServed();
  }
});

test("200 connections that are opened and left keep out no other caller", async () => {
  await Promise.all(Array.from({ length: 200 }, open));
  for (let round = 0; round < 3; round++) await othersAreServed();
});

const routes = [
  ["POST", "/tim"],
  ["GET", "/"],
  ["GET", "/health"],
  ["GET", "/metrics"],
  ["GET", "/api/events"],
  ["GET", "/api/events/evt_1"],
  ["POST", "/api/events/evt_1/replay"],
  ["POST", "/api/dead-letters/replay"],
  ["POST", "/api/rules/test"],
  ["POST", "/api/verdicts/replay"],
  ["DELETE", "/api/destinations/nobody"],
] as const;

const MiB = 1024 * 1024;

for (const [method, path] of routes)
  test(`${method} ${path}: an oversized target, head or body is refused, and ends nothing else`, async () => {
    const auth = `Authorization: Bearer ${adminToken}`;
    const send = async (bytes: string) => {
      const wire = await connected(gateway.url);
      wire.send(bytes);
      const answer = await wire.answer(method).catch(() => null);
      wire.close();
      return answer?.status ?? null;
    };
    const start = `${method} ${path}`;
    const long = await send(`${start}?a=${"a".repeat(200_000)} HTTP/1.1\r\nHost: a\r\n${auth}\r\n\r\n`);
    assert.ok(long === 414 || long === null, `${long}`);
    const head = await send(`${start} HTTP/1.1\r\nHost: a\r\n${auth}\r\nX-A: ${"a".repeat(MiB)}\r\n\r\n`);
    assert.ok(head === 431 || head === null, `${head}`);
    const body = " ".repeat(2 * MiB);
    const large = await send(
      `${start} HTTP/1.1\r\nHost: a\r\n${auth}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    // A route without a body may answer without reading one, and cuts its sender off.
    const refusals = path === "/tim" ? [403] : method === "GET" ? [200, 404] : [400];
    assert.ok(large === null || refusals.includes(large), `${large}`);
    await othersAreServed();
  });

test("a body of the API is read up to 1 MiB, with a length and in chunks", async () => {
  const ask = async (framing: string, body: string) => {
    const wire = await connected(gateway.url);
    const auth = `Authorization: Bearer ${adminToken}`;
    wire.send(`POST /api/dead-letters/replay HTTP/1.1\r\nHost: a\r\n${auth}\r\n${framing}\r\n\r\n${body}`);
    const answer = await wire.answer("POST");
    wire.close();
    return [answer?.status, answer?.body.toString()] as const;
  };
  const chunked = "Transfer-Encoding: chunked";
  const whole = `{}${" ".repeat(MiB - 2)}`;
  assert.equal((await ask(`Content-Length: ${MiB}`, whole))[0], 202);
  assert.equal((await ask(chunked, `100000\r\n${whole}\r\n0\r\n\r\n`))[0], 202);
  const refusal = '{"error":{"code":"bad_body","message":"the body is larger than 1 MiB"}}';
  assert.deepEqual(await ask(`Content-Length: ${MiB + 1}`, ""), [400, refusal]);
  assert.deepEqual(await ask(chunked, `100001\r\n${whole} \r\n`), [400, refusal]);
});
