/** Connections that are closed at the moment they are used again. */
import assert from "node:assert/strict";
import net, { type Socket } from "node:net";
import { test } from "node:test";
import { https } from "../../../src/delivery/transports/https.ts";
import type { Attempt } from "../../../src/delivery/transports/transport.ts";
import { listen } from "../../support/listen.ts";
import { httpsAddress } from "../sample.ts";

const { signal } = new AbortController();

async function postTo(url: string, options: Partial<Attempt> = {}): Promise<string> {
  const headers = { "webhook-id": "id-1" };
  const message = {
    id: "id-1",
    rule: "audit",
    address: httpsAddress(url),
    query: "",
    headers,
    body: "{}",
    timeoutMs: 1_000,
  };
  const usual = { at: Date.now(), now: Date.now, signal, fetcher: fetch, secrets: [], env: {} };
  const text = await (await https(message, { ...usual, ...options })).text();
  // Now the connection is back in Node's pool.
  await new Promise(setImmediate);
  return text;
}

/** Runs with a server that resets each connection at the request after so many answered ones. */
async function withStale(
  answers: readonly number[],
  use: (url: string, requests: string[]) => Promise<void>,
): Promise<void> {
  const requests: string[] = [];
  const sockets: Socket[] = [];
  const server = net.createServer((socket) => {
    const own = sockets.push(socket) - 1;
    let left = answers[own] ?? 0;
    socket.on("error", () => {});
    socket.on("data", (data) => {
      requests.push(`${own}: ${/webhook-id: (\S+)/i.exec(data.toString())?.[1]}`);
      if (left-- > 0) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      else socket.resetAndDestroy();
    });
  });
  const address = await listen(server);
  try {
    await use(`${address}/hook`, requests);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

test("a kept-alive connection that is reset before an answer gets one more try on a new one, under the same id", () =>
  withStale([1, 1], async (url, requests) => {
    assert.equal(await postTo(url), "ok");
    assert.equal(await postTo(url), "ok");
    assert.deepEqual(requests, ["0: id-1", "0: id-1", "1: id-1"]);
  }));

test("several posts on such connections at the same time all get their second try", () =>
  withStale([1, 1, 1, 1], async (url, requests) => {
    for (let round = 0; round < 2; round++)
      assert.deepEqual(await Promise.all([postTo(url), postTo(url)]), ["ok", "ok"]);
    assert.equal(requests.length, 6);
  }));

test("after posts one by one there is no third try, and no second one before the host has answered again", () =>
  withStale([1], async (url, requests) => {
    await postTo(url);
    await assert.rejects(postTo(url));
    assert.equal(requests.length, 3);
    await assert.rejects(postTo(url));
    assert.equal(requests.length, 4);
  }));

test("without a later attempt, a host that has never answered gets a second try too", () =>
  withStale([0, 1], async (url, requests) => {
    assert.equal(await postTo(url, { asks: true }), "ok");
    assert.equal(requests.length, 2);
  }));

/** The number of tries of a message if `fetch` fails like this. */
async function tries(failure: unknown, options: Partial<Attempt> = {}): Promise<number> {
  let tries = 0;
  const fetcher = async () => {
    tries++;
    throw failure;
  };
  await assert.rejects(postTo("https://audit.example.com/", { asks: true, fetcher, ...options }));
  return tries;
}

const lost = new Error("Network connection lost.");

test("a connection that is lost late or after the deadline is not tried again", async () => {
  assert.equal(await tries(lost, { at: 1_000, now: () => 1_500 }), 2);
  assert.equal(await tries(lost, { at: 1_000, now: () => 1_501 }), 1);
  assert.equal(await tries(lost, { at: 9_000, now: () => 1_000 }), 1);
  assert.equal(await tries(lost, { signal: AbortSignal.abort() }), 1);
});

/** The number of tries of `size` messages at the same time whose connections are lost, after so many answers. */
async function triesAfter(url: string, answers: number, size: number): Promise<number> {
  const fetcher = async () => new Response("ok");
  await Promise.all(Array.from({ length: answers }, () => postTo(url, { fetcher })));
  let tries = 0;
  const losing = async () => {
    tries++;
    throw lost;
  };
  const posts = Array.from({ length: size }, () => postTo(url, { fetcher: losing, now: () => 0, at: 0 }));
  for (const { status } of await Promise.allSettled(posts)) assert.equal(status, "rejected");
  return tries;
}

test("tries are bounded by the connections that answers have left", async () => {
  const url = "https://crowd.example.com/";
  assert.equal(await triesAfter(url, 1, 1), 2);
  assert.equal(await triesAfter(url, 5, 1), 6);
  assert.equal(await triesAfter(url, 100, 1), 64);
});

test("many answers one by one leave no more than one connection, and one that is still being read", async () => {
  const url = "https://alone.example.com/";
  for (let n = 0; n < 20; n++) await triesAfter(url, 1, 0);
  assert.equal(await triesAfter(url, 0, 1), 2);
});

test("a host that goes down under a crowd of posts gets no flood: they share their further tries", async () => {
  assert.equal(await triesAfter("https://down.example.com/", 8, 50), 50 + 8);
});

test("a refused connection, a timeout and an invalid message are not tried again", async () => {
  const refused = Object.assign(new Error(), { code: "ECONNREFUSED" });
  for (const failure of [
    new TypeError("fetch failed", { cause: refused }),
    new DOMException("late", "TimeoutError"),
    new TypeError("Invalid URL"),
    new Error("internal error; reference = abc"),
    undefined,
  ])
    assert.equal(await tries(failure), 1, String(failure));
});
