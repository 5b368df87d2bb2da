/** Requests that two programs could read differently: one request never becomes two, and no answer reaches another caller. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { callbackToken, queryOf, signed } from "../support/callbacks.ts";
import { adminToken } from "../support/client.ts";
import { startGateway } from "../support/gateway.ts";
import { connected, type WireAnswer } from "./wire.ts";

const gateway = await startGateway({ CALLBACK_PATH: "/tim" });

const body = JSON.stringify({ Info: { To_Account: "lan" } });
const size = body.length;

/** The request that a smuggler hides behind another one. It would be answered with the release. */
const hidden = "GET /health HTTP/1.1\r\nHost: hidden.example.com\r\n\r\n";

const isHidden = (answer: WireAnswer) => answer.body.includes('"version"');

const target = () => `/tim${queryOf({ CallbackCommand: "State.StateChange", ...signed(callbackToken) })}`;

/** A signed callback with these lines in its head, and these bytes behind it. */
const callback = (lines: readonly string[], rest: string, version = "1.1") =>
  [`POST ${target()} HTTP/${version}`, "Host: a.example.com", ...lines, "", rest].join("\r\n");

/** All answers to some bytes, until the connection is closed or silent. */
async function answersTo(bytes: string, method = "POST"): Promise<WireAnswer[]> {
  const wire = await connected(gateway.url);
  wire.send(bytes);
  wire.socket.end();
  const answers: WireAnswer[] = [];
  for (let next = await wire.answer(method); next; next = await wire.answer("GET")) answers.push(next);
  wire.close();
  return answers;
}

const length = `Content-Length: ${size}`;
const chunked = "Transfer-Encoding: chunked";
const noChunk = "0\r\n\r\n";
const oneChunk = `${size.toString(16)}\r\n${body}\r\n${noChunk}`;

/** Another reading takes the hidden request for a part of the body, or for the next request. It may never be answered. */
const ambiguous: Record<string, () => string> = {
  "a length and chunks": () => callback([length, chunked], noChunk + hidden),
  "chunks and a length": () => callback([chunked, "Content-Length: 5"], noChunk + hidden),
  "two lengths": () => callback([length, "Content-Length: 0"], body + hidden),
  "a list of lengths": () => callback([`${length}, ${size}`], body + hidden),
  "a length with a plus": () => callback([`Content-Length: +${size}`], body + hidden),
  "a negative length": () => callback(["Content-Length: -1"], body + hidden),
  "a hexadecimal length": () => callback([`Content-Length: 0x${size.toString(16)}`], body + hidden),
  "a length with a space": () => callback(["Content-Length: 1 1"], body + hidden),
  "a length beyond 2^64": () => callback([`Content-Length: ${2n ** 64n + BigInt(size)}`], body + hidden),
  "an empty length": () => callback(["Content-Length: "], hidden),
  "an unknown coding": () => callback(["Transfer-Encoding: xchunked"], noChunk + hidden),
  "chunks that are not last": () => callback(["Transfer-Encoding: chunked, identity"], noChunk + hidden),
  "a quoted coding": () => callback(['Transfer-Encoding: "chunked"'], noChunk + hidden),
  "a coding behind a vertical tab": () => callback(["Transfer-Encoding: \u000bchunked"], noChunk + hidden),
  "chunks in HTTP/1.0": () => callback([chunked], noChunk + hidden, "1.0"),
  "a space before the colon of the coding": () => callback(["Transfer-Encoding : chunked"], noChunk + hidden),
  "a space before the colon of the length": () => callback(["Content-Length : 0", length], body + hidden),
  "a folded header": () => callback(["X-A: b", " Content-Length: 0", length], body + hidden),
  "a folded coding": () => callback(["Transfer-Encoding:", " chunked", length], body + hidden),
  "a bare line feed in a header": () => callback(["X-A: b\nContent-Length: 0", length], body + hidden),
  "a bare carriage return": () => callback(["X-A: b\rContent-Length: 0", length], body + hidden),
  "NUL in a header": () => callback(["X-A: b\0c", length], body + hidden),
  "NUL in a name": () => callback(["Content-Length\0: 0", length], body + hidden),
  "a line without a colon": () => callback(["foo", length], body + hidden),
  "a header without a name": () => callback([": b", length], body + hidden),
  "a size of a chunk with 0x": () => callback([chunked], `0x${oneChunk}${hidden}`),
  "a negative size of a chunk": () => callback([chunked], `-${oneChunk}${hidden}`),
  "a size of a chunk beyond 2^64": () => callback([chunked], `1${"0".repeat(18)}${oneChunk}${hidden}`),
  "bare line feeds around a chunk": () =>
    callback([chunked], `${oneChunk.replaceAll("\r\n", "\n")}${hidden}`),
  "a chunk that does not end": () =>
    callback([chunked], `${size.toString(16)}\r\n${body}XX${noChunk}${hidden}`),
  "a body of GET": () =>
    `GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
  "HTTP/0.9": () => `GET /tim\r\n${hidden}`,
  "HTTP/1.2": () => `GET /tim HTTP/1.2\r\nHost: a\r\n\r\n${hidden}`,
  "HTTP/2 in the clear": () => `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${hidden}`,
  "a space in the target": () => `GET /ti m HTTP/1.1\r\nHost: a\r\n\r\n${hidden}`,
  "NUL in the target": () => `GET /tim\0 HTTP/1.1\r\nHost: a\r\n\r\n${hidden}`,
  "a target of 100 KB": () => `GET /${"a".repeat(100_000)} HTTP/1.1\r\nHost: a\r\n\r\n${hidden}`,
  "a head of 1 MB": () => `GET /tim HTTP/1.1\r\nHost: a\r\nX-A: ${"a".repeat(1_000_000)}\r\n\r\n${hidden}`,
  TLS: () => `\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003${"a".repeat(99)}\r\n\r\n${hidden}`,
  "an unknown method": () => `FOO /tim HTTP/1.1\r\nHost: a\r\n\r\n${hidden}`,
};

for (const [name, bytes] of Object.entries(ambiguous))
  test(`${name}: one answer at most, and then the connection closes`, async () => {
    const text = bytes();
    const answers = await answersTo(text, text.split(" ")[0]);
    const own = name === "a body of GET" ? 1 : 0;
    assert.equal(answers.filter(isHidden).length, own, answers.map(({ body }) => body).join("\n"));
    assert.ok(answers.length <= 1);
    for (const { status } of answers) assert.ok([200, 400, 414, 431, 501].includes(status), `${status}`);
  });

/** These have one reading only: the request behind them is a request of its own. */
const plain: Record<string, () => string> = {
  "the same length twice": () => callback([length, length], body + hidden),
  "a length with zeros before it": () => callback([`Content-Length: 000${size}`], body + hidden),
  "an underscore instead of a dash": () => callback(["Content_Length: 0", length], body + hidden),
  "chunks with an extension": () => callback([chunked], oneChunk.replace("\r\n", ";a=b\r\n") + hidden),
  "chunks with a trailer": () =>
    callback([chunked], `${oneChunk.slice(0, -2)}Content-Length: 9\r\n\r\n${hidden}`),
  "two hosts": () => callback(["Host: b.example.com", length], body + hidden),
  "an absolute target": () =>
    callback([length], body + hidden).replace("POST /", "POST http://b.example.com/"),
  "an upgrade to HTTP/2": () => callback(["Connection: Upgrade", "Upgrade: h2c", length], body + hidden),
  "an expectation": () => callback(["Expect: 100-continue", length], body + hidden),
  "an unknown expectation": () => callback(["Expect: tea", length], body + hidden),
  "1,000 headers": () =>
    callback([...Array.from({ length: 1_000 }, (_, n) => `X-${n}: a`), length], body + hidden),
};

for (const [name, bytes] of Object.entries(plain))
  test(`${name}: the callback is accepted, and the request behind it is another one`, async () => {
    const answers = await answersTo(bytes());
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200],
    );
    assert.deepEqual(answers.map(isHidden), [false, true]);
  });

test("an offer of WebSockets is not accepted by any route", async () => {
  const token = `Authorization: Bearer ${adminToken}`;
  const offer = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"];
  for (const path of [
    "/",
    "/tim",
    "/health",
    "/metrics",
    "/openapi.json",
    "/api/events",
    "/api/destinations",
  ])
    for (const key of [[], ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]]) {
      const lines = [`GET ${path} HTTP/1.1`, "Host: a.example.com", token, ...offer, ...key, "", ""];
      const [answer, ...more] = await answersTo(lines.join("\r\n"), "GET");
      assert.equal(answer?.status, 200, path);
      assert.equal(more.length, 0);
    }
});

test("TRACE echoes nothing", async () => {
  for (const path of ["/", "/tim", "/health", "/api/events"]) {
    const [answer] = await answersTo(`TRACE ${path} HTTP/1.1\r\nHost: a.example.com\r\nX-Own: echo\r\n\r\n`);
    assert.ok(answer && answer.status >= 400 && answer.status < 500, `${path}: ${answer?.status}`);
    assert.doesNotMatch(answer.body.toString(), /echo/);
  }
});

test("of many requests in a row, each gets its own answer, and an evil one ends them", async () => {
  const ask = (name: string) => `GET /nowhere HTTP/1.1\r\nHost: a.example.com\r\nX-A: ${name}\r\n\r\n`;
  const own = (name: string) =>
    `POST ${target()} HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nX-A: ${name}\r\n\r\n{}`;
  const healthy = Array.from({ length: 100 }, (_, n) => (n % 2 === 0 ? ask(`${n}`) : own(`${n}`)));
  const answers = await answersTo(healthy.join(""));
  assert.deepEqual(
    answers.map(({ status }) => status),
    healthy.map((_, n) => (n % 2 === 0 ? 404 : 200)),
  );
  const evil = callback([length, "Content-Length: 0"], body);
  const cut = await answersTo([...healthy.slice(0, 50), evil, ...healthy.slice(50)].join(""));
  // The connection is closed with requests unread: its reset may overtake the last answers.
  assert.ok(cut.length > 0);
  assert.deepEqual(
    cut.map(({ status }) => status),
    [...answers.slice(0, 50).map(({ status }) => status), 400].slice(0, cut.length),
  );
});

test("callers on connections of their own never get the bytes of another", async () => {
  const token = `Authorization: Bearer ${adminToken}`;
  const caller = async (n: number) => {
    const wire = await connected(gateway.url);
    for (let round = 0; round < 20; round++) {
      const id = `caller-${n}-${round}`;
      const lines = [`GET /api/events/${id} HTTP/1.1`, "Host: a.example.com", token, "", ""];
      wire.send(lines.join("\r\n"));
      const answer = await wire.answer();
      assert.equal(answer?.status, 404);
      assert.ok(answer.body.toString().includes(`there is no event \\"${id}\\"`), answer.body.toString());
      assert.equal(wire.unread.length, 0);
    }
    wire.close();
  };
  const attacker = async () => {
    for (const bytes of Object.values(ambiguous)) await answersTo(bytes()).catch(() => []);
  };
  await Promise.all([attacker(), ...Array.from({ length: 20 }, (_, n) => caller(n))]);
});

test("CONNECT makes no tunnel: the runtime itself answers 500, and closes", async () => {
  const before = gateway.log().length;
  const bytes = `CONNECT b.example.com:80 HTTP/1.1\r\nHost: b.example.com:80\r\n\r\n${hidden}`;
  const answers = await answersTo(bytes, "CONNECT");
  assert.deepEqual(
    answers.map(({ status, body }) => [status, body.toString()]),
    [[500, "Internal Server Error"]],
  );
  // A handler would make it 200, which says that there is a tunnel. Cloudflare's edge passes no CONNECT on.
  await gateway.seen(/Handler does not export a connect\(\) function/);
  assert.doesNotMatch(gateway.log().slice(0, before), /Uncaught/);
});

test("the gateway goes on, and its log has no error", async () => {
  assert.deepEqual(await gateway.problems(), []);
  assert.doesNotMatch(gateway.log(), /"at":"(?:request|callback) failed"/);
});
