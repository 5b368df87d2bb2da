/** The kit's functions on requests that a library of Standard Webhooks has signed. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request as httpRequest, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { Webhook } from "standardwebhooks";
import { listener, memoryStore, receive, receiver, verdict, verify } from "tim-relay/receiver";

const secretOf = (byte: number) => `whsec_${Buffer.alloc(24, byte).toString("base64")}`;
const secret = secretOf(7);

const eventOf = (
  id: string,
  type = "Group.CallbackAfterRecallMsg",
  data: object = { GroupId: "@TGS#1" },
) => ({
  type,
  timestamp: "2026-11-22T03:00:00.000Z",
  id,
  app: "1400000000",
  clientIp: null,
  platform: "Web",
  data,
});

interface Signed {
  id?: string;
  at?: Date;
  by?: string;
  headers?: Record<string, string>;
}

/** A request as the gateway sends it. */
function signed(
  body: unknown,
  { id = "0-1", at = new Date(), by = secret, headers = {} }: Signed = {},
): Request {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return new Request("http://localhost/", {
    method: "POST",
    body: text,
    headers: {
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
      "webhook-signature": new Webhook(by).sign(id, at, text),
      ...headers,
    },
  });
}

test("an event is given with its big numbers as texts, and with the replay that sent it", async () => {
  const body = JSON.stringify(eventOf("0-1")).replace('"@TGS#1"', "144115200000000001");
  const delivery = await receive(signed(body, { headers: { "tim-relay-replay": "single" } }), { secret });
  assert.deepEqual(delivery, {
    id: "0-1",
    replay: "single",
    events: [eventOf("0-1", undefined, { GroupId: "144115200000000001" })],
  });
});

test("a batch gives its events in their order, and CloudEvents become events", async () => {
  const batch = [eventOf("0-1"), eventOf("0-2")];
  assert.deepEqual((await receive(signed(batch, { id: "batch-1" }), { secret })).events, batch);
  const cloud = {
    specversion: "1.0",
    id: "0-1",
    source: "/tencent-im/1400000000",
    type: "Group.CallbackAfterRecallMsg",
    subject: "group:@TGS#1",
    time: "2026-11-22T03:00:00.000Z",
    datacontenttype: "application/json",
    phase: "after",
    platform: "Web",
    data: { GroupId: "@TGS#1" },
  };
  for (const body of [cloud, [cloud]])
    assert.deepEqual((await receive(signed(body), { secret })).events, [eventOf("0-1")]);
});

test("any of several secrets may have signed: a list, or a text with commas", async () => {
  const other = secretOf(8);
  for (const given of [[other, secret], `${other}, ${secret}`])
    assert.equal((await receive(signed(eventOf("0-1")), { secret: given })).id, "0-1");
});

const refused: Record<string, [Request, number, RegExp]> = {
  "another secret": [signed(eventOf("0-1"), { by: secretOf(8) }), 401, /not of this secret/],
  "another body": [
    new Request(signed(eventOf("0-1")), { body: "{}", method: "POST" }),
    401,
    /not of this secret/,
  ],
  "a signature of six minutes ago": [
    signed(eventOf("0-1"), { at: new Date(Date.now() - 360_000) }),
    401,
    /not within 300 s/,
  ],
  "a timestamp that is none": [
    signed(eventOf("0-1"), { headers: { "webhook-timestamp": "soon" } }),
    401,
    /not within 300 s/,
  ],
  "another version of the signature": [
    signed(eventOf("0-1"), { headers: { "webhook-signature": "v2,AAAA v1,%" } }),
    401,
    /not of this secret/,
  ],
  "no signature": [new Request("http://localhost/", { method: "POST" }), 401, /webhook-id is missing/],
  "another method": [new Request("http://localhost/"), 405, /expected POST/],
  "no JSON": [signed("{"), 400, /not JSON/],
  "no event": [signed({ text: "a template" }), 400, /holds no event.* by verify/],
  "a batch with something else": [signed([eventOf("0-1"), 1]), 400, /holds no event/],
};

for (const [name, [request, status, message]] of Object.entries(refused))
  test(`a request is refused: ${name}`, async () => {
    const copy = request.clone();
    await assert.rejects(receive(request, { secret }), { name: "Refusal", status, message });
    const answer = await receiver({ secret, on: () => assert.fail("handled") })(copy);
    assert.equal(answer.status, status);
    assert.match(((await answer.json()) as { error: string }).error, message);
  });

test("a greater tolerance takes an older signature, and verify takes every body", async () => {
  const old = signed("text", { at: new Date(Date.now() - 360_000) });
  const { id, replay, text } = await verify(old, { secret, toleranceSeconds: 600 });
  assert.deepEqual([id, replay, text], ["0-1", null, "text"]);
});

for (const wrong of ["", "secret", "whsec_AAAA", [], undefined as never])
  test(`a wrong secret is told of at once, without its text: ${JSON.stringify(wrong)}`, async () => {
    const expected = { name: "TypeError", message: /^secret: expected whsec_/ };
    assert.throws(() => receiver({ secret: wrong, on: {} }), expected);
    await assert.rejects(receive(signed(eventOf("0-1")), { secret: wrong }), expected);
  });

test("each event is handled by its command, all others by *, and answered OK", async () => {
  const handled: string[] = [];
  const answering = receiver({
    secret,
    on: {
      "Group.CallbackAfterRecallMsg": ({ id, data }) => {
        handled.push(`recall ${id} ${data.GroupId}`);
      },
      "*": ({ id, type }) => {
        handled.push(`${type} ${id}`);
      },
    },
  });
  const batch = [eventOf("0-1"), eventOf("0-2", "Group.CallbackOfTomorrow"), eventOf("0-3", "toString")];
  const answer = await answering(signed(batch));
  assert.deepEqual(await answer.json(), { ActionStatus: "OK", ErrorCode: 0, ErrorInfo: "" });
  assert.deepEqual(handled, ["recall 0-1 @TGS#1", "Group.CallbackOfTomorrow 0-2", "toString 0-3"]);
});

test("with a store an event that was handled is passed by; one whose handler threw comes again", async () => {
  const handled: string[] = [];
  const errors: unknown[] = [];
  let broken = true;
  const answering = receiver({
    secret,
    store: new Set<string>(),
    log: (error) => errors.push(error),
    on: ({ id }) => {
      if (id === "0-2" && broken) throw new Error("no database");
      handled.push(id);
    },
  });
  const batch = ["0-1", "0-2", "0-3"].map((id) => eventOf(id));
  assert.equal((await answering(signed(batch))).status, 500);
  assert.match(String(errors), /no database/);
  broken = false;
  assert.equal((await answering(signed(batch))).status, 200);
  assert.equal((await answering(signed(batch[0]))).status, 200);
  assert.deepEqual(handled, ["0-1", "0-2", "0-3"]);
});

test("a question is answered each time, also where the event of the same id was stored", async () => {
  const answering = receiver({
    secret,
    store: memoryStore(),
    on: { "Group.CallbackBeforeSendMsg": () => verdict.refuse(10_100, "no links") },
  });
  const question = eventOf("0-1", "Group.CallbackBeforeSendMsg");
  for (let time = 0; time < 2; time++)
    assert.deepEqual(await (await answering(signed(question))).json(), {
      ActionStatus: "OK",
      ErrorCode: 10_100,
      ErrorInfo: "no links",
    });
});

test("verdicts allow, and rewrite", () => {
  assert.deepEqual(verdict.allow(), { ActionStatus: "OK", ErrorCode: 0, ErrorInfo: "" });
  assert.deepEqual(verdict.rewrite({ CloudCustomData: "{}" }), { ...verdict.allow(), CloudCustomData: "{}" });
});

test("a store in memory remembers the newest ids", async () => {
  const store = memoryStore(2);
  for (const id of ["a", "b", "b", "c"]) await store.add(id);
  assert.deepEqual(
    ["a", "b", "c"].map((id) => store.has(id)),
    [false, true, true],
  );
});

/** A server of `node:http`, which answers while the function runs. */
async function served<Value>(listen: RequestListener, use: (url: string) => Promise<Value>): Promise<Value> {
  const server = createServer(listen).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/tim`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const sentTo = async (url: string, request: Request) =>
  fetch(url, { method: request.method, headers: request.headers, body: await request.text() });

test("a server of node:http answers as the receiver does", async () => {
  const handled: string[] = [];
  const receiving = listener(receiver({ secret, on: ({ id }) => handled.push(id) }));
  await served(receiving, async (url) => {
    assert.equal((await sentTo(url, signed(eventOf("0-1", undefined, { Text: "你好" })))).status, 200);
    assert.equal((await sentTo(url, signed(eventOf("0-1"), { by: secretOf(8) }))).status, 401);
    assert.equal((await fetch(url)).status, 405);
    assert.equal((await fetch(url, { method: "PUT", body: "{}" })).status, 405);
    const long = await fetch(url, { method: "POST", body: "x".repeat(17 * 1024 * 1024) });
    assert.equal(long.status, 413);
  });
  assert.deepEqual(handled, ["0-1"]);
});

test("a body that was read before is told of", async () => {
  const receiving = listener(receiver({ secret, on: {} }));
  const parsed: RequestListener = (incoming, outgoing) => {
    incoming.resume().once("end", () => setImmediate(() => receiving(incoming, outgoing)));
  };
  await served(parsed, async (url) => {
    const answer = await sentTo(url, signed(eventOf("0-1")));
    assert.equal(answer.status, 500);
    assert.match(await answer.text(), /put this receiver before what parses bodies/);
  });
});

test("a sender that leaves in the middle of its body ends nothing else", async () => {
  const receiving = listener(receiver({ secret, on: {} }));
  const begun = Promise.withResolvers<{ answer: Promise<void> }>();
  const listen: RequestListener = (incoming, outgoing) =>
    begun.resolve({ answer: receiving(incoming, outgoing) });
  await served(listen, async (url) => {
    const leaving = httpRequest(url, { method: "POST", headers: { "content-length": "100" } });
    leaving.on("error", () => {}).write("{");
    const { answer } = await begun.promise;
    leaving.destroy();
    await answer;
  });
});
