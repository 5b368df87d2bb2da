/** Requests that no HTTP library sends. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { startGateway } from "../cli/gateway.ts";
import { queryOf } from "./worker.ts";

const dataDir = mkdtempSync(join(tmpdir(), "tim-relay-raw-"));
const settings = {
  SDK_APP_ID: "1400000000",
  ADMIN_TOKEN: "an-admin-token",
  FORWARD_RULES: JSON.stringify([{ name: "hooks", on: "Never.*", url: "https://hooks.example.com/tim" }]),
};
const gateway = await startGateway({ dataDir, settings });
after(() => rmSync(dataDir, { recursive: true, force: true }));

/** Sends bytes, ends its side, and resolves with what comes until the other side ends too. */
function exchange(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1", () => socket.end(text));
    let answer = "";
    socket.setEncoding("utf8").on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("close", () => resolve(answer)).on("error", reject);
  });
}

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
const token = `Authorization: Bearer ${settings.ADMIN_TOKEN}\r\n`;

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
  test(`a Host of ${JSON.stringify(host)} is nobody's mistake but its sender's`, async () => {
    for (const path of ["/", "/health", "/metrics", "/api/events?limit=1", "/api/destinations"]) {
      const answer = await exchange(
        `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${token}Connection: close\r\n\r\n`,
      );
      // An empty one is refused before it comes to us.
      assert.equal(statusOf(answer), host === "" ? 400 : 200, `${path}\n${answer}`);
    }
    const body = JSON.stringify({ GroupId: `host ${host}` });
    const path = `/${queryOf({ CallbackCommand: "Test.CallbackAfterIt" })}`;
    const head = `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
    const answer = await exchange(`${head}Connection: close\r\n\r\n${body}`);
    assert.equal(statusOf(answer), host === "" ? 400 : 200, answer);
  });

test("without any Host there is an answer all the same", async () => {
  assert.equal(statusOf(await exchange("GET /health HTTP/1.1\r\nConnection: close\r\n\r\n")), 400);
});

test("a Host that is a destination's makes nothing wrong", async () => {
  const problems = ["CALLBACK_TOKEN is not set: signatures are not checked"];
  for (const request of [
    "GET /health",
    `POST /${queryOf({ CallbackCommand: "Test.CallbackAfterIt" })}`,
    "GET /health",
  ]) {
    const head = `${request} HTTP/1.1\r\nHost: hooks.example.com\r\nContent-Length: 2\r\nConnection: close\r\n`;
    const answer = await exchange(`${head}\r\n{}`);
    assert.equal(statusOf(answer), 200, answer);
    if (request === "GET /health")
      assert.ok(answer.endsWith(`"problems":${JSON.stringify(problems)}}`), answer);
  }
});

test("HEAD tells even the length of what GET is answered", async () => {
  const ask = (method: string, path: string) =>
    exchange(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${token}Connection: close\r\n\r\n`);
  for (const path of ["/", "/health", "/api/commands", "/api/events", "/api/nowhere"]) {
    const [head] = (await ask("GET", path)).split("\r\n\r\n");
    assert.match(head!, /content-length: \d+/i);
    assert.equal(await ask("HEAD", path), `${head}\r\n\r\n`);
  }
});

test("who asks for the health and goes away leaves nobody waiting", async () => {
  for (let round = 0; round < 4; round++) {
    const gone = connect(Number(new URL(gateway.url).port), "127.0.0.1", () => {
      gone.write("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", () => gone.destroy());
    });
    await new Promise((resolve) => gone.on("close", resolve));
    const from = performance.now();
    assert.equal((await fetch(`${gateway.url}/health`)).status, 200);
    assert.ok(performance.now() - from < 4_000);
    // An answer holds for a second: then the next one who goes away begins a new look.
    await new Promise((resolve) => setTimeout(resolve, 1_001));
  }
});

test("a body that was cut off, or is sent wrongly, is 400, and no failure of ours", async () => {
  for (const path of ["/api/dead-letters/replay", "/api/rules/test", "/api/verdicts/replay"])
    for (const rest of [
      'Content-Length: 100\r\n\r\n{"a"',
      'Transfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n',
      "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    ]) {
      const answer = await exchange(`POST ${path} HTTP/1.1\r\nHost: localhost\r\n${token}${rest}`);
      assert.equal(statusOf(answer), 400, answer);
      assert.match(answer, /\{"error":\{"code":"bad_body","message":"the body cannot be read/);
    }
  assert.doesNotMatch(gateway.log(), /at: 'request'|"at":"request"|\.ts:\d|\.js:\d/);
});
