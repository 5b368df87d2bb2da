import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import net, { type Socket } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import type { Message } from "../../src/delivery/message.ts";
import { send } from "../../src/delivery/send.ts";
import { listen } from "../support/listen.ts";
import { httpsAddress } from "./sample.ts";

const usual = { now: Date.now, secrets: [], env: {} };
/** The server shares the process of the tests, which may stand still for a while. Milliseconds. */
const patient = 20_000;
const impatient = 1_000;

function messageTo(url: string, timeoutMs = patient): Message {
  const headers = { "content-type": "application/json", "webhook-id": "id-1", "x-team": "relay" };
  return {
    id: "id-1",
    rule: "audit",
    address: httpsAddress(url),
    query: "",
    headers,
    body: `{"Text":"你好"}`,
    timeoutMs,
  };
}

/** Runs with the URL of a server on loopback, and ends the server with all its connections. */
async function withServer<T>(
  server: net.Server,
  use: (url: string, sockets: Set<Socket>) => Promise<T>,
): Promise<T> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  const url = await listen(server);
  try {
    return await use(`${url}/hook`, sockets);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

const answering = (listener: RequestListener, timeoutMs?: number) =>
  withServer(createServer(listener), (url) => send(messageTo(url, timeoutMs), usual));

/** A server that sends exactly these bytes at the first bytes of a request. */
const saying = (text: string, timeoutMs?: number) =>
  withServer(
    net.createServer((socket) => socket.once("data", () => socket.end(text))),
    (url) => send(messageTo(url, timeoutMs), usual),
  );

/** Resolves when the client has closed every connection. */
async function allClosed(sockets: Set<Socket>): Promise<void> {
  const late = AbortSignal.timeout(patient);
  const closing = [...sockets].map(
    (socket) =>
      new Promise((resolve, reject) => {
        socket.once("close", resolve);
        late.addEventListener("abort", () => reject(new Error("a connection was kept open")));
      }),
  );
  await Promise.all(closing);
}

test("a message is posted as it is, and 2xx delivers it", async () => {
  let got: unknown;
  const outcome = await answering(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const { "content-type": type, "webhook-id": id, "x-team": team } = request.headers;
    got = { method: request.method, url: request.url, type, id, team, body };
    response.end(`{"ok":true}`);
  });
  assert.deepEqual(got, {
    method: "POST",
    url: "/hook",
    type: "application/json",
    id: "id-1",
    team: "relay",
    body: `{"Text":"你好"}`,
  });
  assert.equal(outcome.delivered, true);
  assert.equal(outcome.status, 200);
  assert.equal(outcome.response, null);
});

test("an answer without a body delivers as well", async () => {
  const outcome = await answering((_, response) => response.writeHead(204).end());
  assert.deepEqual([outcome.status, outcome.delivered, outcome.error], [204, true, null]);
});

test("times come from the given clock", async () => {
  const times = [1000, 1250];
  const outcome = await withServer(
    createServer((_, response) => response.end()),
    (url) => send(messageTo(url), { ...usual, now: () => times.shift() ?? 0 }),
  );
  assert.deepEqual([outcome.at, outcome.ms], [1000, 250]);
});

test("a destination that hangs before it answers is a timeout", async () => {
  const outcome = await answering(() => {}, impatient);
  assert.equal(outcome.status, null);
  assert.match(outcome.error ?? "", /^no answer after \d+ ms$/);
  assert.ok(!outcome.alive && outcome.ms >= impatient - 5 && outcome.ms < patient);
});

test("a failure that hangs in its body keeps its status and the received text", async () => {
  const outcome = await answering((_, response) => response.writeHead(500).write("so far"), impatient);
  assert.deepEqual([outcome.status, outcome.response], [500, "so far"]);
  assert.ok(outcome.ms >= impatient - 5 && outcome.ms < patient);
});

test("a success that hangs in its body is delivered without waiting for it", async () => {
  const outcome = await answering((_, response) => response.writeHead(200).write("so far"));
  assert.ok(outcome.delivered && outcome.ms < patient);
});

test("an endless body is read to 4 KB and cancelled, of a failure and of a success", {
  timeout: 60_000,
}, async () => {
  for (const status of [500, 200]) {
    const server = createServer((_, response) => {
      response.writeHead(status);
      const pour = () => {
        while (!response.destroyed && response.write("x".repeat(16_384)));
      };
      response.on("drain", pour);
      pour();
    });
    await withServer(server, async (url, sockets) => {
      const outcome = await send(messageTo(url), usual);
      assert.equal(outcome.response, status === 500 ? "x".repeat(4096) : null);
      assert.ok(outcome.ms < patient);
      await allClosed(sockets);
    });
  }
});

test("an answer of 10 MB is not read whole", async () => {
  const ten = Buffer.alloc(10 * 1024 * 1024, "y");
  const success = await answering((_, response) => response.end(ten));
  assert.ok(success.delivered);
  const failure = await answering((_, response) => response.writeHead(400).end(ten));
  assert.equal(failure.response, "y".repeat(4096));
  assert.ok(failure.alive);
});

test("a failure that trickles in is cut off at the deadline", async () => {
  let trickle: NodeJS.Timeout | undefined;
  const outcome = await answering((_, response) => {
    response.writeHead(503);
    trickle = setInterval(() => response.write("."), 10);
  }, impatient);
  clearInterval(trickle);
  assert.equal(outcome.status, 503);
  assert.match(outcome.response ?? "", /^\.+$/);
  assert.ok(outcome.ms < patient);
});

test("a connection closed before the headers is no answer, after them a failure with its text", async () => {
  const before = await saying("");
  assert.deepEqual([before.status, before.error], [null, "no answer: UND_ERR_SOCKET"]);

  const within = await saying("HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\nhalf of it");
  assert.deepEqual([within.status, within.response], [500, "half of it"]);

  const success = await saying("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of it");
  assert.equal(success.delivered, true);
});

test("a response that is not HTTP is no answer", async () => {
  const outcome = await saying("SSH-2.0-OpenSSH_9.0\r\n\r\n");
  assert.deepEqual(
    [outcome.status, outcome.alive, outcome.error],
    [null, false, "no answer: HPE_INVALID_CONSTANT"],
  );
});

test("a refused connection is no answer", async () => {
  const gone = net.createServer();
  const url = await withServer(gone, async (url) => url);
  const outcome = await send(messageTo(url), usual);
  assert.deepEqual([outcome.status, outcome.error], [null, "no answer: ECONNREFUSED"]);
});

test("a redirect is a failure and is not followed", async () => {
  let requests = 0;
  const outcome = await answering((_, response) => {
    requests += 1;
    response.writeHead(302, { location: "/elsewhere" }).end("moved");
  });
  assert.equal(requests, 1);
  assert.equal(outcome.error, "answered 302 to itself: redirects are not followed");
  assert.deepEqual([outcome.delivered, outcome.alive, outcome.response], [false, true, "moved"]);
});

test("410 and the Retry-After of a 429 are read", async () => {
  const gone = await answering((_, response) => response.writeHead(410).end());
  assert.deepEqual([gone.gone, gone.alive, gone.response], [true, true, ""]);
  const busy = await answering((_, response) =>
    response.writeHead(429, { "retry-after": "30" }).end("later"),
  );
  assert.deepEqual([busy.holdMs, busy.alive, busy.response], [30_000, false, "later"]);
});

test("invalid UTF-8 becomes replacement characters, and a character split by the limit is left out", async () => {
  const bad = await answering((_, response) =>
    response.writeHead(500).end(Buffer.from([0x61, 0xff, 0xe4, 0xbd])),
  );
  assert.equal(bad.response, "a\uFFFD\uFFFD");
  const long = await answering((_, response) => response.writeHead(500).end("中".repeat(3000)));
  assert.equal(long.response, "中".repeat(1365));
});

test("a message that cannot be sent is a failure that quotes no secret", async () => {
  const message = messageTo("http://127.0.0.1:9/");
  for (const broken of [
    { ...message, address: httpsAddress("no url ?key=hunter2") },
    { ...message, headers: { authorization: "hunter2\n" } },
    { ...message, headers: { authorization: "秘密 hunter2" } },
  ]) {
    const outcome = await send(broken, usual);
    assert.equal(outcome.delivered, false);
    assert.match(outcome.error ?? "", /^nothing was sent/);
    assert.doesNotMatch(JSON.stringify(outcome), /hunter2/);
  }
});

test("any error of fetch gives an outcome, and no timer is left behind", async () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  for (const thrown of [undefined, "text", new Error("x")]) {
    const outcome = await send(messageTo("http://127.0.0.1:9/", 10_000), {
      ...usual,
      fetcher: async () => {
        throw thrown;
      },
    });
    assert.equal(outcome.error, "no answer, for an unknown reason");
  }
  assert.equal(timers(), before);
});

test("an answer whose body cannot be cancelled is delivered all the same", async () => {
  const body = new ReadableStream({
    cancel() {
      throw new Error("no");
    },
  });
  const outcome = await send(messageTo("http://127.0.0.1:9/"), {
    ...usual,
    fetcher: async () => new Response(body),
  });
  assert.equal(outcome.delivered, true);
});

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw+/==";
const botUrl = "https://bots.example.com/hook/0f3b9c2e-77aa-4b1c-9d55/send?sign=a-long-signature-value";

/** The part of an answer that is kept. */
const keptOf = async (
  answer: string | Uint8Array | ReadableStream,
  headers: Record<string, string> = {},
  secrets = [secret, botUrl],
) => {
  const message = messageTo("https://audit.example.com/");
  Object.assign(message.headers, headers);
  const outcome = await send(message, {
    ...usual,
    secrets,
    fetcher: async () => new Response(answer, { status: 400 }),
  });
  return outcome.response!;
};

test("a secret that a destination echoes is masked in every encoding", async () => {
  const base64 = secret.slice("whsec_".length);
  for (const echo of [
    secret,
    base64,
    base64.replaceAll("=", ""),
    base64.toUpperCase(),
    encodeURIComponent(secret),
    encodeURIComponent(base64).toLowerCase(),
    JSON.stringify({ secret }).replaceAll("/", "\\/"),
    base64.replaceAll("+", "-").replaceAll("/", "_"),
    base64.replaceAll("/", "&#x2F;").replaceAll("=", "&#x3D;"),
  ]) {
    const kept = await keptOf(`what you sent: ${echo}.`);
    assert.match(kept, /^what you sent: .*\*\*\*/);
    assert.doesNotMatch(kept, /MfKQ/i, echo);
  }
  assert.equal(await keptOf("nothing secret"), "nothing secret");
});

test("the key in a secret address is masked in an error page that names the path", async () => {
  for (const echo of [
    "Cannot POST /hook/0f3b9c2e-77aa-4b1c-9d55/send",
    `${botUrl} is gone`,
    "a-long-signature-value",
  ])
    assert.doesNotMatch(await keptOf(echo), /0f3b9c2e|a-long/);
});

test("credentials and signatures of the message itself are masked", async () => {
  const headers = {
    "webhook-signature":
      "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4= v1,AAAAfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    authorization: "Bearer written-out-in-the-rule",
  };
  const echoes = [
    "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    headers["webhook-signature"],
    headers.authorization,
    "written-out-in-the-rule",
  ];
  for (const echo of echoes) {
    const kept = await keptOf(`Bearer or signature? ${echo}`, headers);
    assert.match(kept, /^Bearer or signature\? /);
    assert.doesNotMatch(kept, /K5oZ|AAAA|written/);
  }
});

test("a secret that is cut by the limit or by a lost connection is masked too", async () => {
  for (let before = 4096 - secret.length; before <= 4096; before++) {
    const kept = await keptOf("x".repeat(before) + secret);
    assert.match(kept, /^x+[*=]*$/);
    assert.ok(kept.length <= 4096);
  }
  const broken = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(`it was ${secret.slice(0, 20)}`));
    },
    pull(controller) {
      controller.error(new Error("broken"));
    },
  });
  assert.equal(await keptOf(broken), "it was ***");
});

test("a redirect to a host that holds a secret quotes no part of the secret", async () => {
  const key = "a1b2c3d4e5f6a7b8c9d0e1f2a3b4c5d6";
  const url = "https://audit.example.com/";
  for (const host of [`${key}.example.com`, `${"a.".repeat(40)}${key}.example.com`]) {
    const fetcher = async () => Response.redirect(`https://${host}/`, 302);
    const { error } = await send(messageTo(url), { ...usual, secrets: [key.toUpperCase()], fetcher });
    assert.match(error!, /^answered 302 to .*\*\*\*/);
    assert.doesNotMatch(error!, /a1b2/);
  }
});

test("property: the kept answer is at most 4,096 well-formed characters without secrets", async () => {
  const key = "kk-Secret/+=";
  const bytes = fc.array(fc.oneof(fc.constant(Buffer.from(key)), fc.uint8Array({ maxLength: 40 })), {
    maxLength: 400,
  });
  await fc.assert(
    fc.asyncProperty(bytes, fc.nat(4_200), async (parts, nuls) => {
      const kept = await keptOf(Buffer.concat([new Uint8Array(nuls), ...parts]), {}, [key]);
      assert.ok(kept.length <= 4096 && kept.isWellFormed());
      assert.doesNotMatch(kept, /kk-Secret/i);
    }),
    { numRuns: 60 },
  );
  assert.equal(await keptOf("\0".repeat(9_000)), "\0".repeat(4_096));
});
