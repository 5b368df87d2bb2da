/** Requests that no HTTP library sends. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { queryOf } from "../support/callbacks.ts";
import { adminToken } from "../support/client.ts";
import { startGateway } from "../support/gateway.ts";
import { ownTime } from "../support/process-stats.ts";
import { exchange } from "../support/raw.ts";

const gateway = await startGateway({
  CALLBACK_TOKEN: "",
  FORWARD_RULES: [{ name: "hooks", on: "Never.*", url: "https://hooks.example.com/tim" }],
});

/** Sends a request, and closes its own side behind it. */
const send = (text: string) => exchange(gateway.url, [text], { ends: true });

const token = `Authorization: Bearer ${adminToken}\r\n`;

const unreadable = [
  "a/b?c",
  "a#b",
  "a\\b",
  "/health",
  "[::",
  "a b",
  "a@b:c",
  "%zz",
  "a:99999",
  "#",
  "a\r\nHost: b",
  "[",
  "::1",
  "\u00ff<>",
];

for (const host of [...unreadable, "..", "", "relay.example.com"])
  test(`a Host of ${JSON.stringify(host)} breaks no route`, async () => {
    for (const path of ["/", "/health", "/metrics", "/api/events?limit=1", "/api/destinations"]) {
      const { status, text } = await send(
        `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${token}Connection: close\r\n\r\n`,
      );
      // The runtime refuses an empty Host.
      assert.equal(status, host === "" ? 400 : 200, `${path}\n${text}`);
    }
    const body = JSON.stringify({ GroupId: `host ${host}` });
    const path = `/${queryOf({ CallbackCommand: "Test.CallbackAfterIt" })}`;
    const head = `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
    const { status, text } = await send(`${head}Connection: close\r\n\r\n${body}`);
    assert.equal(status, host === "" ? 400 : 200, text);
  });

test("a request without a Host is answered 400", async () => {
  assert.equal((await send("GET /health HTTP/1.1\r\nConnection: close\r\n\r\n")).status, 400);
});

test("a Host that is a destination's makes no problem", async () => {
  const problems = ["CALLBACK_TOKEN is not set: signatures are not checked"];
  for (const request of [
    "GET /health",
    `POST /${queryOf({ CallbackCommand: "Test.CallbackAfterIt" })}`,
    "GET /health",
  ]) {
    const head = `${request} HTTP/1.1\r\nHost: hooks.example.com\r\nContent-Length: 2\r\nConnection: close\r\n`;
    const { status, text } = await send(`${head}\r\n{}`);
    assert.equal(status, 200, text);
    if (request === "GET /health") assert.ok(text.endsWith(`"problems":${JSON.stringify(problems)}}`), text);
  }
});

test("HEAD has the headers of GET, content-length included", async () => {
  const ask = async (method: string, path: string) =>
    (await send(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${token}Connection: close\r\n\r\n`)).text;
  for (const path of ["/", "/health", "/api/commands", "/api/events", "/api/nowhere"]) {
    const [head] = (await ask("GET", path)).split("\r\n\r\n");
    assert.match(head!, /content-length: \d+/i);
    assert.equal(await ask("HEAD", path), `${head}\r\n\r\n`);
  }
});

test("a caller that asks for /health and hangs up keeps no other caller waiting", async () => {
  for (let round = 0; round < 4; round++) {
    // An answer holds for a second: only then the next caller begins a new look at the shards.
    if (round > 0) await new Promise((resolve) => setTimeout(resolve, 1_001));
    const gone = connect(Number(new URL(gateway.url).port), "127.0.0.1", () => {
      gone.write("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", () => gone.destroy());
    });
    await new Promise((resolve) => gone.on("close", resolve));
    const clock = ownTime(gateway.pid, process.pid);
    const from = clock();
    await gateway.health();
    assert.ok(clock() - from < 4_000);
  }
});

test("a body that is cut off or wrongly framed is 400, and is not logged as an error", async () => {
  for (const path of ["/api/dead-letters/replay", "/api/rules/test", "/api/verdicts/replay"])
    for (const rest of [
      'Content-Length: 100\r\n\r\n{"a"',
      'Transfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n',
      "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ]) {
      const { status, text } = await send(`POST ${path} HTTP/1.1\r\nHost: localhost\r\n${token}${rest}`);
      assert.equal(status, 400, text);
      assert.match(text, /\{"error":\{"code":"bad_body","message":"the body cannot be read/);
    }
  assert.doesNotMatch(gateway.log(), /"at":"request failed"|\.ts:\d|\.js:\d/);
});
