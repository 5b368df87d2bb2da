/** Naughty texts in every field of a callback, seen on every screen: lists, details, filters, metrics, health, forwards. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { cut } from "../../src/callback/text.ts";
import { parseExposition } from "../http/exposition.ts";
import { startGateway } from "../support/gateway.ts";
import { startReceiver } from "../support/receiver.ts";
import { encoded } from "./draft.ts";
import { allNaughtyTexts, naughtyTexts } from "./naughty.ts";
import { connected } from "./wire.ts";

const receiver = await startReceiver();
const gateway = await startGateway({
  CALLBACK_TOKEN: "",
  SHARDS: 2,
  FORWARD_RULES: [
    { name: "signed", url: receiver.url },
    { name: "never", url: receiver.url, match: { body: { GroupId: ["no such group"] } } },
  ],
});

const command = "Group.CallbackAfterRecallMsg";

/** The callback of each text, as it was sent. */
const sent = allNaughtyTexts.map((text, index) => ({
  text,
  label: `n${index}`,
  body: JSON.stringify({
    CallbackCommand: command,
    Operator_Account: text === "" ? "a" : text,
    GroupId: `g${text}`,
    TopicId: text,
    MsgSeqList: [{ MsgSeq: index, MsgId: text }],
    [`f${text}`.slice(0, 60)]: text,
    label: `n${index}`,
  }),
}));

/** As much of a text as several parameters of one address can hold. */
const inQuery = (text: string) => cut(text, 500);

before(async () => {
  const wire = await connected(gateway.url);
  for (const { text, label, body } of sent) {
    const part = encoded(inQuery(text));
    const query = [
      "SdkAppid=1400000000",
      `CallbackCommand=${command}`,
      `OptPlatform=${part}`,
      `ClientIP=${part}`,
      `RequestID=${label}${part}`,
      `${part}=${part}`,
    ].join("&");
    const bytes = Buffer.from(body);
    wire.send(
      `POST /?${query} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${bytes.length}\r\n\r\n`,
      bytes,
    );
    const answer = await wire.answer("POST");
    assert.equal(answer?.status, 200, `${JSON.stringify(text)}: ${answer?.body}`);
  }
  wire.close();
});

test("every event is listed once, and shown with its body byte for byte", async () => {
  const events = await gateway.allEvents();
  assert.equal(events.length, sent.length);
  const bodies = new Map(sent.map(({ label, body }) => [label, body]));
  for (const { id } of events) {
    const response = await gateway.request(`/api/events/${id}`);
    const text = await response.text();
    const { body, platform, clientIp } = JSON.parse(text);
    const known = bodies.get(body.label);
    assert.ok(known !== undefined && text.endsWith(`"body":${known}}`), text);
    bodies.delete(body.label);
    const written = sent.find(({ label }) => label === body.label)!.text;
    if (!written.isWellFormed()) continue;
    assert.equal(platform, inQuery(written) || null);
    assert.equal(clientIp, inQuery(written) || null);
  }
});

test("every event is forwarded as it was sent", async () => {
  const requests = await receiver.requests(sent.length);
  const bodies = new Map(sent.map(({ label, body }) => [label, body]));
  for (const { body } of requests) {
    const { label } = JSON.parse(body).data;
    assert.ok(body.endsWith(`"data":${bodies.get(label)}}`), body);
    bodies.delete(label);
  }
  assert.equal(bodies.size, 0);
});

test("filters find an event by the conversation that is shown, and by its account, and no other event", async () => {
  for (const { conversation } of await gateway.allEvents()) {
    // A long name is no conversation.
    if (conversation === null) continue;
    const { events } = await gateway.events({ conversation, limit: 200 });
    assert.ok(events.length > 0, JSON.stringify(conversation));
    for (const event of events) assert.equal(event.conversation, conversation);
  }
  for (const { text } of sent) {
    if (text === "" || !text.isWellFormed()) continue;
    const { events } = await gateway.events({ account: text, limit: 1 });
    assert.equal(events.length, 1, JSON.stringify(text));
    assert.equal((await gateway.event(events[0]!.id)).body.Operator_Account, text);
    for (const name of ["text", "message"]) await gateway.events({ [name]: text, limit: 1 });
  }
});

test("half surrogate pairs in filters are answered", async () => {
  for (const text of naughtyTexts.surrogates)
    for (const name of ["conversation", "account", "text", "message", "command", "since", "cursor"]) {
      const { status } = await gateway.request(`/api/events?${name}=${encoded(text)}`);
      assert.ok(status === 200 || status === 400, `${name}: ${status}`);
    }
});

test("metrics parse, with every naughty name of a field in a label", async () => {
  const families = parseExposition(await gateway.metrics());
  assert.ok(families.get("tim_relay_drift_total")!.series.length > 100);
  assert.equal(
    [...families.keys()].find((name) => !name.startsWith("tim_relay_")),
    undefined,
  );
});

test("every answer says its type, and that no other may be guessed", async () => {
  const { events } = await gateway.events({ limit: 1 });
  const id = events[0]!.id;
  const addresses = [
    ["/", "text/html;charset=UTF-8"],
    ["/health", "application/json"],
    ["/metrics", "text/plain; version=0.0.4; charset=utf-8"],
    ["/openapi.json", "application/json"],
    [`/api/events/${id}`, "application/json"],
    ...["events", "destinations", "dead-letters", "stats", "commands", "drift", "nowhere"].map((name) => [
      `/api/${name}`,
      "application/json",
    ]),
    ["/nowhere/<script>alert(1)</script>", "application/json"],
    ["/api/events?<script>=1", "application/json"],
    ["/api/events?limit=<script>", "application/json"],
    ["/api/events/<script>", "application/json"],
  ] as const;
  for (const [address, type] of addresses)
    for (const method of ["GET", "HEAD", "POST", "DELETE", "PUT"])
      for (const token of [undefined, null]) {
        if (method !== "GET" && address === `/api/events/${id}`) continue;
        const response = await gateway.request(address, { method, ...(token === null && { token }) });
        const shown = `${method} ${address}`;
        assert.equal(response.headers.get("x-content-type-options"), "nosniff", shown);
        const isRead = method === "GET" || method === "HEAD";
        const expected = isRead && response.ok ? type : /^application\/json$/;
        assert.match(
          response.headers.get("content-type") ?? "",
          new RegExp(expected instanceof RegExp ? expected : `^${expected}$`),
          shown,
        );
        const text = await response.text();
        if (address !== "/openapi.json") assert.doesNotMatch(text, /<script>[^"]*$/, shown);
      }
});

test("the log holds whole lines only, and no character that a terminal obeys", async () => {
  const body = (name: string) => JSON.stringify({ CallbackCommand: name, GroupId: "g" });
  // Of one reason, the log has twenty lines a minute.
  for (const text of [...naughtyTexts.terminals, ...naughtyTexts.bidi, '"}\n{"at":"lost"}', "a\r\nb"]) {
    const { status } = await gateway.send(command, body(text));
    assert.equal(status, 400);
  }
  const log = await gateway.seen(/but in the URL/).then(() => gateway.log());
  assert.doesNotMatch(log, /(?!\n)[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u);
  for (const line of log.split("\n").filter(Boolean)) {
    const { at, omittedBefore, ...fields } = JSON.parse(line);
    assert.ok(["refused", "callback", "attempt"].includes(at), line);
    if (at === "refused")
      assert.deepEqual(Object.keys(fields), ["time", "level", "reason", "status", "sentence"]);
  }
});
