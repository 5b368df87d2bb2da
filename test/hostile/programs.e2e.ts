/** Naughty texts on the operator's screen: no program prints a character that a terminal would obey. */
import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Receiver as Example } from "../../src/cli/receiver.ts";
import { run } from "../support/program.ts";
import { reply, startReceiver } from "../support/receiver.ts";
import { allNaughtyTexts, naughtyTexts } from "./naughty.ts";
import { connected } from "./wire.ts";

/** Control characters, and marks that change the order of a line. */
const obeyed = /(?!\n)[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

const cwd = realpathSync(mkdtempSync(join(tmpdir(), "tim-relay-hostile-")));
after(() => rmSync(cwd, { recursive: true, maxRetries: 5 }));

function assertHarmless(text: string): void {
  const found = obeyed.exec(text);
  const around = found && JSON.stringify(text.slice(Math.max(0, found.index - 60), found.index + 60));
  assert.equal(found, null, `${around}`);
}

test("the example receiver prints one harmless line for each event", async () => {
  const lines: string[] = [];
  const expected = { secrets: [], askPaths: [] };
  const receiver = await Example.start({ port: 0, expected, print: (line) => lines.push(line) });
  after(() => receiver.close());
  const { port } = receiver;
  const url = `http://127.0.0.1:${port}/`;
  const bodies = allNaughtyTexts.flatMap((text) => [
    JSON.stringify({ type: "Group.CallbackAfterSendMsg", data: { GroupId: text, [text]: text } }),
    JSON.stringify({ type: text, data: null }),
  ]);
  for (const body of bodies) assert.equal((await fetch(url, { method: "POST", body })).status, 204);
  assert.equal(lines.length, bodies.length);
  for (const line of lines) {
    assertHarmless(line);
    assert.doesNotMatch(line, /\n/);
  }
});

test("the example receiver prints the id of a refused message harmlessly", async () => {
  const lines: string[] = [];
  const expected = { secrets: ["whsec_dGhlIGV4YW1wbGUgcmVjZWl2ZXIncyBzZWNyZXQ="], askPaths: [] };
  const receiver = await Example.start({ port: 0, expected, print: (line) => lines.push(line) });
  after(() => receiver.close());
  const { port } = receiver;
  const wire = await connected(`http://127.0.0.1:${port}`);
  wire.send(
    "POST / HTTP/1.1\r\nHost: localhost\r\nwebhook-id: \x9b31mred\x9d0;owned\x9c\r\nContent-Length: 2\r\n\r\n{}",
  );
  assert.equal((await wire.answer("POST"))?.status, 400);
  wire.close();
  assert.equal(lines.length, 1);
  assertHarmless(lines[0]!);
  assert.match(lines[0]!, /webhook-id \\u009b31mred/);
});

test("send prints an answer harmlessly", async () => {
  const server = await startReceiver(
    reply(200, {}, JSON.stringify({ ErrorCode: 0, ErrorInfo: allNaughtyTexts.join("\n") })),
  );
  const sent = run("tim-relay.js", {
    cwd,
    args: ["send", "Group.CallbackAfterRecallMsg", "--url", `${server.url}tim`],
  });
  assert.equal(await sent.ended, 0, sent.log());
  assertHarmless(sent.log());
  assert.match(sent.log(), /\\u001b\[31mred/);
});

/** An event, a destination and their parts, of which each text is naughty. */
function answersWith(text: string): Record<string, object> {
  const at = "2026-11-27T08:00:00.000Z";
  const listed = {
    ...{ id: text, command: text, phase: text, known: false, valid: false, state: text, app: text },
    ...{ conversation: text, receivedAt: at, clientIp: text, platform: text, size: 1, from: text },
    verdict: { rule: text, code: 1, ms: 1, how: text },
    destinations: { [text]: text },
  };
  const attempt = { at, status: 500, ms: 1, error: text, response: text };
  return {
    "/health": { status: "degraded", version: "0.1.0", problems: [`${text}: ${text}`] },
    "/api/events": { events: [listed], cursor: null },
    "/api/events/evt": {
      ...listed,
      query: { [text]: text },
      issues: [{ path: text, message: text }],
      verdict: { ...listed.verdict, reason: text, shadows: [{ rule: text, code: null }] },
      deliveries: [
        { destination: text, state: text, attempts: [attempt], nextAt: at, reason: text, waitsFor: text },
      ],
      body: { MsgKey: text, From_Account: text, [text]: [text] },
    },
    "/api/destinations": [
      {
        ...{
          name: text,
          url: text,
          state: text,
          waiting: 1,
          waitingSince: at,
          retrying: 1,
          dead: 1,
          expired: 1,
        },
        ...{ delivered: 1, failed: 1, latency: { p50: 1, p99: 1 }, lastSuccessAt: at, lastError: text },
      },
    ],
    "/api/destinations/a/pause": { name: text, state: text },
    "/api/destinations/a/test": { status: 500, ms: 1, error: text, response: text },
    "/api/destinations/b/pause": { error: { code: text, message: text } },
  };
}

test("commands print harmlessly what a gateway answers", async () => {
  const text = [...naughtyTexts.terminals, ...naughtyTexts.bidi].join("");
  const answers = answersWith(text);
  const server = await startReceiver((response, { url }) => {
    const answer = answers[new URL(url, "http://localhost").pathname] ?? {};
    response.setHeader("content-type", "application/json");
    response.writeHead(url.includes("/b/") ? 400 : 200).end(JSON.stringify(answer));
  });
  for (const args of [
    ["events"],
    ["events", "--json"],
    ["show", "evt"],
    ["show", "evt", "--json"],
    ["destinations"],
    ["destinations", "--json"],
    ["pause", "a"],
    ["test", "a"],
    ["pause", "b"],
  ]) {
    const shown = run("tim-relay.js", { cwd, args: [...args, "--url", server.url] });
    await shown.ended;
    assertHarmless(shown.log());
    for (const escaped of [/\\u001b/, /\\u202e/]) assert.match(shown.log(), escaped, args.join(" "));
    assert.doesNotMatch(shown.log(), /unexpected/, args.join(" "));
  }
});

/** Rules and events with a naughty text in every place that takes one. */
function rulesWith(text: string): object[] {
  return [
    {
      name: "a",
      url: "https://a.example.com/",
      match: { body: { GroupId: [text, { prefix: text }], [text]: [1] } },
    },
    {
      name: "b",
      on: text,
      url: `https://${text}.example.com/${text}`,
      headers: { a: text },
      secret: text,
      [text]: text,
    },
    { name: text, answer: { ErrorCode: 1, ErrorInfo: text }, replace: [text] },
    { name: "c", answer: { ErrorCode: 1, ErrorInfo: text }, on: `Group.${text}` },
    { name: "d", ask: [text], otherwise: { ErrorCode: 1, ErrorInfo: text }, retry: [text], order: text },
  ];
}

test("rules check and rules test print harmless lines", async () => {
  // One file holds all texts: a program takes a while to start.
  const rules = allNaughtyTexts.flatMap(rulesWith);
  writeFileSync(join(cwd, "rules.json"), JSON.stringify(rules));
  const checked = run("tim-relay.js", { cwd, args: ["rules", "check", "rules.json"] });
  assert.equal(await checked.ended, 1);
  assertHarmless(checked.log());
  assert.match(checked.log(), /\d+ rules?, \d+ mistakes?/);

  const named = allNaughtyTexts.map((text, index) => ({
    name: `n${index}`,
    url: "https://a.example.com/",
    match: { body: { GroupId: [text], [text]: ["x"] }, platform: [text] },
  }));
  writeFileSync(join(cwd, "named.json"), JSON.stringify(named));
  const text = [...naughtyTexts.terminals, ...naughtyTexts.bidi].join("");
  const body = { GroupId: text, [text]: text };
  writeFileSync(
    join(cwd, "event.json"),
    JSON.stringify({
      command: "Group.CallbackAfterSendMsg",
      platform: text,
      clientIp: text,
      app: text,
      body,
    }),
  );
  const tried = run("tim-relay.js", {
    cwd,
    args: ["rules", "test", "named.json", "--event", "event.json"],
  });
  await tried.ended;
  assertHarmless(tried.log());
  assert.ok(tried.log().split("\n").length > 20, tried.log());
});

test("a file that is not JSON is named harmlessly", async () => {
  writeFileSync(join(cwd, "broken.json"), "[\u001b[31mred\u202e");
  writeFileSync(join(cwd, "no-event.json"), "{\u009b31m\u202e");
  for (const args of [
    ["check", "broken.json"],
    ["test", "broken.json", "--event", "no-event.json"],
    ["check", "\u001b[31mmissing"],
  ]) {
    const ended = run("tim-relay.js", { cwd, args: ["rules", ...args] });
    assert.equal(await ended.ended, 1);
    assertHarmless(ended.log());
    assert.notEqual(ended.log(), "");
  }
});
