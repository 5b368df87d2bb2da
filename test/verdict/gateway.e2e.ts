/** Verdicts of the real gateway, with backends and shards at their worst. */
import assert from "node:assert/strict";
import { mkdirSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { after, describe, test } from "node:test";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { catalogue } from "../../src/callback/catalogue.ts";
import type { Verdict } from "../../src/callback/event.ts";
import { shardFiles } from "../support/data-folder.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { listen } from "../support/listen.ts";
import { ownTime } from "../support/process-stats.ts";
import { hang, reply, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const command = "C2C.CallbackBeforeSendMsg";
const example = catalogue.get(command)!.example;

/** Whether the backend `not-json` answers with JSON after all. */
let readable = false;

/** The conduct of a backend on a connection on which it was asked. */
const misbehaving: Record<string, (socket: Socket) => void> = {
  hangs: () => {},
  half: (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 200\r\n\r\n{"ErrorCode":1,'),
  "half-chunk": (socket) =>
    socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nf\r\n{"ErrorCode":1,\r\n'),
  large: (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${10 * 2 ** 20}\r\n\r\n`);
    for (let sent = 0; sent < 10 && !socket.destroyed; sent++) socket.write(" ".repeat(2 ** 20));
  },
  drips: (socket) => {
    socket.write("HTTP/1.1 200 OK\r\n\r\n");
    const timer = setInterval(() => socket.write(" "), 50);
    socket.on("close", () => clearInterval(timer));
  },
  "not-json": (socket) => socket.end(`HTTP/1.1 200 OK\r\n\r\n${readable ? '{"ErrorCode":0}' : "<html>no\n"}`),
  "not-http": (socket) => socket.end("220 mail.example.com ESMTP\r\n"),
  moved: (socket) => socket.end("HTTP/1.1 302 Found\r\nlocation: /old\r\ncontent-length: 0\r\n\r\n"),
  failing: (socket) => socket.end('HTTP/1.1 503 No\r\ncontent-length: 15\r\n\r\n{"ErrorCode":1}'),
  "empty-message": (socket) => socket.end(`HTTP/1.1 200 OK\r\n\r\n${'{"ErrorCode":0,"MsgBody":[]}'}`),
  traced: (socket) => socket.end(`HTTP/1.1 200 OK\r\n\r\n${'{"ErrorCode":1,"traceId":"t-1"}'}`),
  created: (socket) => socket.end(`HTTP/1.1 201 Created\r\n\r\n${'{"ErrorCode":1,"ErrorInfo":null}'}`),
  old: (socket) => socket.end('HTTP/1.0 200 OK\r\n\r\n{"ErrorCode":1,"ErrorInfo":"old"}'),
  "closes-early": (socket) => socket.destroy(),
  silent: (socket) => socket.end("HTTP/1.1 204 No\r\n\r\n"),
  "not-gzip": (socket) => socket.end(encoded("gzip", '{"ErrorCode":0}')),
  brotli: (socket) => socket.end(encoded("br", brotliCompressSync('{"ErrorCode":1}'))),
  "half-gzip": (socket) => socket.end(encoded("gzip", gzipSync('{"ErrorCode":0}').subarray(0, 20))),
  "gzip-breaks-off": (socket) => socket.end(encoded("gzip", gzipSync('{"ErrorCode":0}')).subarray(0, -9)),
  packed: (socket) => socket.end(encoded("gzip", gzipSync('{"ErrorCode":1,"traceId":"t-1"}'))),
  "untold-gzip": (socket) => socket.end(encoded("identity", gzipSync('{"ErrorCode":1}'))),
  deflated: (socket) => socket.end(encoded("deflate", deflateSync('{"ErrorCode":1}'))),
  "gzip-of-text": (socket) => socket.end(encoded("gzip", gzipSync("<html>"))),
};

/** An answer that says that it is encoded so. */
function encoded(encoding: string, body: string | Buffer): Buffer {
  const head = `HTTP/1.1 200 OK\r\ncontent-encoding: ${encoding}\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(body)]);
}

const open = new Set<Socket>();

/** Each does its worst with whom its path names. */
const worst = createServer((socket) => {
  open.add(socket);
  socket.on("error", () => {});
  let head = "";
  socket.on("data", (data) => {
    if (head.includes("\r\n\r\n")) return;
    head += data.toString("latin1");
    if (head.includes("\r\n\r\n")) misbehaving[/^POST \/(\S+)/.exec(head)![1]!]?.(socket);
  });
});

/** Answers after as many milliseconds as its path says, if any, with 120001 or, as /trial, with 120002. */
const honest = await startReceiver((response, request) => {
  const path = request.url.slice(1);
  const answer = { ErrorCode: path === "trial" ? 120002 : 120001, ErrorInfo: path };
  setTimeout(() => reply(200, {}, JSON.stringify(answer))(response, request), Number(path) || 0);
});
const { answer: honestly } = honest;

/** Each rule is for the sender of its name. */
const from = (name: string) => ({ match: { body: { From_Account: [name] } } });

const bad = await listen(worst);
after(() => {
  worst.close();
  for (const socket of open) socket.destroy();
});
const good = honest.url.slice(0, -1);
const asks = Object.keys(misbehaving).map((name) => ({ ask: `${bad}/${name}`, name, ...from(name) }));
const common = { deadlineMs: 1200, otherwise: { ErrorCode: 2, ErrorInfo: "otherwise" } };
const timed = [0, 1190, 1210].map((ms) => ({
  ask: `${good}/${ms}`,
  name: `after-${ms}`,
  ...from(`after-${ms}`),
}));
const rules = [
  ...[...asks, ...timed].map((rule) => ({ ...common, ...rule })),
  { ...common, name: "closed", ask: "http://127.0.0.1:9/", ...from("closed") },
  { ...common, name: "crowd", ask: `${good}/crowd`, ...from("crowd"), deadlineMs: 800 },
  {
    name: "trial",
    ask: `${good}/trial`,
    shadow: true,
    match: { body: { From_Account: ["lan", "after-0"] } },
  },
  { name: "silent-trial", ask: `${bad}/hangs`, shadow: true, ...from("lan"), deadlineMs: 1_500 },
  { name: "bot", on: "Chatbot.*", answer: { ErrorCode: 0, RspData: "hello" } },
  { name: "own", answer: { ErrorCode: 120005 }, ...from("nobody_7") },
  { name: "mask", answer: { ErrorCode: 0 }, replace: ["darn"], match: { body: { GroupId: ["mask"] } } },
  {
    name: "no-links",
    on: "Group.CallbackBeforeSendMsg",
    match: { body: { MsgBody: { MsgContent: { Text: [{ wildcard: "*http*" }] } } } },
    answer: { ErrorCode: 1, ErrorInfo: "links are not allowed here" },
  },
];
const gateway = await startGateway({
  FORWARD_RULES: rules.slice(0, 16),
  FORWARD_RULES_2: rules.slice(16),
});

interface Told {
  answer: Record<string, unknown>;
  /** Without the time in which the gateway, or this process, had no processor. */
  ms: number;
  /** That time. */
  starved: number;
}

async function tell(name: string, body: Record<string, unknown>, to = gateway): Promise<Told> {
  const clock = ownTime(to.pid, process.pid);
  const [from, start] = [clock(), performance.now()];
  const { text } = await to.accept(name, body);
  const ms = clock() - from;
  return { answer: JSON.parse(text), ms, starved: performance.now() - start - ms };
}

let sent = 0;

/** A message asked about; its key is its own. */
async function asked(From_Account: string, to = gateway): Promise<Told & { key: string }> {
  const key = `${++sent}_${Date.now()}`;
  return { key, ...(await tell(command, { ...example, From_Account, MsgKey: key }, to)) };
}

/** The stored verdict on a message, as soon as it is there. */
const kept = (key: string, from: Gateway = gateway): Promise<Verdict> =>
  until(`the verdict on ${key} is kept`, async () => {
    const [event] = (await from.events({ message: key })).events;
    return event && ((await from.event(event.id)).verdict ?? undefined);
  });

const otherwise = { ActionStatus: "OK", ErrorInfo: "otherwise", ErrorCode: 2 };

const noConnection =
  /^the connection was refused, was closed before an answer came, or the answer was not valid HTTP$/;
const brokenOff = /^the connection was closed before the answer was whole$/;

const fates: [name: string, how: string, reason: RegExp][] = [
  ["hangs", "timeout", /^no verdict within 1200 ms$/],
  ["drips", "timeout", /^no verdict within 1200 ms$/],
  ["half", "invalid", brokenOff],
  ["half-chunk", "invalid", brokenOff],
  ["large", "invalid", /^the answer is larger than 64 KB$/],
  ["not-json", "invalid", /^the answer is not JSON: the mistake is at position 0 \(line 1, column 1\)$/],
  ["silent", "invalid", /^answered 204, not 200; the answer is empty$/],
  ["not-gzip", "invalid", /^the answer is not whole gzip, which its content-encoding says it is$/],
  ["brotli", "invalid", /^the answer is br, which is not unpacked here: send plain JSON$/],
  ["half-gzip", "invalid", /^the answer is not whole gzip, which its content-encoding says it is$/],
  ["gzip-breaks-off", "invalid", brokenOff],
  ["gzip-of-text", "invalid", /^the answer is not JSON: the mistake is at position 0 /],
  ["untold-gzip", "invalid", /^the answer is gzip, and no content-encoding says so$/],
  ["deflated", "invalid", /^the answer is deflate, which is not unpacked here: send plain JSON$/],
  ["not-http", "unreachable", noConnection],
  ["moved", "status", /^answered 302 to .*: redirects are not followed$/],
  ["failing", "status", /^answered 503$/],
  ["closes-early", "unreachable", noConnection],
  ["closed", "unreachable", noConnection],
  ["empty-message", "invalid", /^MsgBody: is empty$/],
];

describe("a backend without a verdict", { concurrency: 8 }, () => {
  for (const [name, how, reason] of fates)
    test(`${name}: the rule's otherwise is answered in time, and the reason is kept`, async () => {
      const { answer, ms, starved, key } = await asked(name);
      assert.deepEqual(answer, otherwise);
      assert.ok(ms < 2_000, `${ms} ms`);
      const verdict = await kept(key);
      assert.equal(verdict.rule, name);
      assert.equal(verdict.code, 2);
      assert.equal(verdict.how, how, verdict.reason);
      assert.match(verdict.reason!, reason);
      assert.ok(verdict.ms >= (how === "timeout" ? 1_190 : 0), `${verdict.ms} ms`);
      assert.ok(verdict.ms < 1_600 + starved, `${verdict.ms} ms`);
    });
});

for (const [name, odd] of [
  ["traced", "traceId is not allowed here"],
  ["packed", "traceId is not allowed here"],
  ["created", "answered 201, not 200; ErrorInfo is not a text"],
] as const)
  test(`a refusal with a harmless oddity is that refusal: ${name}`, async () => {
    const { answer, key } = await asked(name);
    assert.deepEqual(answer, { ActionStatus: "OK", ErrorInfo: "", ErrorCode: 1 });
    const { code, how, reason } = await kept(key);
    assert.deepEqual({ code, how, reason }, { code: 1, how: "answered", reason: odd });
  });

test("words are masked in a body that is nested tens of thousands deep", async () => {
  const deep = "[".repeat(30_000) + "]".repeat(30_000);
  const message = '[{"MsgType":"TIMTextElem","MsgContent":{"Text":"darn"}}';
  for (const body of [
    `{"GroupId":"mask","From_Account":"minh","MsgBody":${message}],"z":${deep}}`,
    `{"GroupId":"mask","From_Account":"minh","MsgBody":${message},${deep}]}`,
  ]) {
    const { text } = await gateway.accept("Group.CallbackBeforeSendMsg", body);
    const { MsgBody } = JSON.parse(text) as { MsgBody: unknown[] };
    assert.deepEqual(MsgBody[0], { MsgType: "TIMTextElem", MsgContent: { Text: "****" } });
  }
});

test("rules apply to a message with undocumented fields", async () => {
  const message = [{ MsgType: "TIMTextElem", MsgContent: { Text: "see http://x" } }];
  const { answer } = await tell("Group.CallbackBeforeSendMsg", {
    ...catalogue.get("Group.CallbackBeforeSendMsg")!.example,
    GroupId: "odd",
    MsgBody: message,
    CloudCustomData: null,
    From_Account: { odd: true },
  });
  assert.deepEqual(answer, { ActionStatus: "OK", ErrorInfo: "links are not allowed here", ErrorCode: 1 });
  const match = { body: { GroupId: ["odd"] } };
  const rule = { on: "Group.CallbackBeforeSendMsg", match, answer: { ErrorCode: 2 } };
  const changes = await until("the event is kept", async () => {
    const { events, changes } = await gateway.post("/api/verdicts/replay", { rule }, 200);
    return events === 1 && changes;
  });
  assert.deepEqual([changes[0].code, changes[0].would.code], [1, 2]);
});

test("/health names a backend after ten unreadable answers in a row, until it gives a readable one", async () => {
  for (let i = 0; i < 10; i++) await asked("not-json");
  await gateway.problem(
    /^not-json: its last 1\d answers could not be read as verdicts.*: the answer is not JSON: the mistake .*$/,
  );
  readable = true;
  await asked("not-json");
  await gateway.noProblem(/^not-json: /);
});

test("a backend's HTTP/1.0 answer is read", async () => {
  const { answer, key } = await asked("old");
  assert.deepEqual(answer, { ActionStatus: "OK", ErrorInfo: "old", ErrorCode: 1 });
  assert.equal((await kept(key)).how, "answered");
});

test("an answer 10 ms before the deadline counts, and one 10 ms after it does not", async () => {
  // On a busy machine 10 ms may pass anywhere; never may an answer come after the deadline and count.
  const [early, late] = await Promise.all([asked("after-1190"), asked("after-1210")]);
  assert.deepEqual(late.answer, otherwise);
  assert.equal((await kept(late.key)).how, "timeout");
  const verdict = await kept(early.key);
  if (verdict.how === "answered") assert.ok(verdict.ms <= 1_210 + early.starved, `${verdict.ms} ms`);
  assert.equal(early.answer.ErrorCode, verdict.how === "answered" ? 120001 : 2);
});

test("200 asks at the same time to a hanging backend are answered in time; then its breaker is open until it answers", async (t) => {
  const crowd = (name: string) => Promise.all(Array.from({ length: 200 }, () => asked(name)));
  const slowest = (all: Told[]) => Math.max(...all.map(({ ms }) => ms));
  // How long so many callbacks take on this machine without an ask.
  const usual = slowest(await crowd("siti"));
  honest.answer = hang;
  try {
    const hanging = await crowd("crowd");
    for (const { answer } of hanging) assert.deepEqual(answer, otherwise);
    t.diagnostic(`hanging: slowest ${Math.round(slowest(hanging))} ms; not asked: ${Math.round(usual)} ms`);
    assert.ok(slowest(hanging) < 2_000 + 2 * usual);
    for (const { key, starved } of [hanging[0]!, hanging[199]!]) {
      const { how, ms } = await kept(key);
      assert.ok(how === "timeout" || how === "breaker", how);
      assert.ok(ms < 1_600 + starved, `${ms} ms`);
    }

    const fast: Told[] = [];
    for (let i = 0; i < 100; i++) fast.push(await asked("crowd"));
    for (const { answer } of fast) assert.deepEqual(answer, otherwise);
    const times = fast.map(({ ms }) => ms).sort((a, b) => a - b);
    t.diagnostic(`open breaker: p50 ${times[50]!.toFixed(1)} ms, p99 ${times[98]!.toFixed(1)} ms`);
    assert.ok(times[98]! < 800, `some have waited: ${times[98]} ms`);
    const last = await asked("crowd");
    const { how, ms } = await kept(last.key);
    assert.equal(how, "breaker");
    assert.ok(ms < 400 + last.starved, `${ms} ms`);
    await gateway.problem(/^crowd: its backend does not answer and is not waited for$/);
  } finally {
    honest.answer = honestly;
  }
  await until("the backend decides again", async () => (await asked("crowd")).answer.ErrorCode === 120001);
});

test("shadow verdicts are recorded beside the verdict, and their differences counted", async () => {
  const { answer, ms, key } = await asked("lan");
  assert.deepEqual(answer, { ActionStatus: "OK", ErrorInfo: "", ErrorCode: 0 });
  // Long before the shadow's deadline.
  assert.ok(ms < 1_000, `${ms} ms`);
  const { shadows, how } = await kept(key);
  assert.equal(how, "default");
  assert.deepEqual(shadows, [
    { rule: "trial", code: 120002 },
    { rule: "silent-trial", code: null },
  ]);
  await kept((await asked("after-0")).key);

  const { agreed, differed, unanswered, differences } = (await gateway.api("/api/verdicts/diff?rule=trial"))
    .body;
  assert.deepEqual({ agreed, differed, unanswered }, { agreed: 0, differed: 2, unanswered: 0 });
  assert.deepEqual(
    differences.map(({ code, shadow }: Record<string, number>) => [code, shadow]),
    [
      [120001, 120002],
      [0, 120002],
    ],
  );
  const silentTrial = (await gateway.api("/api/verdicts/diff?rule=silent-trial&since=2026-01-01")).body;
  assert.equal(silentTrial.unanswered, 1);
  assert.equal((await gateway.api("/api/verdicts/diff")).status, 400);
  assert.equal((await gateway.api("/api/verdicts/diff?rule=trial&since=yesterday")).status, 400);
});

test("a rule can be tried on kept events without effect on answers and breakers", async () => {
  const { key } = await asked("nobody_7");
  assert.equal((await kept(key)).code, 120005);
  const rule = { on: command, match: { body: { MsgKey: [key] } }, answer: { ErrorCode: 1 } };
  const { body } = await gateway.api("/api/verdicts/replay", { rule });
  assert.equal(body.events, 1);
  assert.equal(body.changes[0].code, 120005);
  assert.equal(body.changes[0].would.code, 1);
  const same = await gateway.api("/api/verdicts/replay", {
    rule: { ...rule, answer: { ErrorCode: 120005 } },
  });
  assert.deepEqual(same.body.changes, []);
  const byName = await gateway.api("/api/verdicts/replay", { rule: "after-0", limit: 1 });
  assert.deepEqual([byName.body.rule, byName.body.events], ["after-0", 1]);
});

test("a rule on trial is checked like a rule of the settings, and may not send secrets", async () => {
  for (const [rule, sentence] of [
    [undefined, /expected an ask or answer rule/],
    ["nobody", /expected an ask or answer rule/],
    [{ answer: { Code: 1 } }, /^rule\.answer\.Code: is not a field/],
    [{ url: "https://x.example.com/" }, /expected an ask or answer rule/],
    [
      { ask: "https://x.example.com/", headers: { authorization: "$ADMIN_TOKEN" } },
      /no secret is sent on trial/,
    ],
    [{ ask: "https://x.example.com/?key=$ADMIN_TOKEN" }, /no secret is sent on trial/],
    [{ ask: ["https://$ADMIN_TOKEN.example.com/"] }, /no secret is sent on trial/],
    [{ ask: "https://x.example.com/", secret: "$ADMIN_TOKEN" }, /expected whsec_/],
  ] as const) {
    const { status, body } = await gateway.api("/api/verdicts/replay", { rule });
    assert.equal(status, 400);
    assert.match(body.error.message, sentence);
  }
});

test("a bot's message is answered by a rule once it is kept", async () => {
  const name = "Chatbot.OnC2CSignalMessage";
  const { answer } = await tell(name, catalogue.get(name)!.example);
  assert.deepEqual(answer, { ActionStatus: "OK", ErrorInfo: "", ErrorCode: 0, RspData: "hello" });
  const { events } = await gateway.events({ command: name });
  const { verdict } = await gateway.event(events[0]!.id);
  assert.deepEqual([verdict!.rule, verdict!.how], ["bot", "rule"]);
});

test("the filter message finds everything about one message: asked, sent, read, recalled", async () => {
  const conversation = { GroupId: "@TGS#timeline" };
  const commands = [
    "Group.CallbackBeforeSendMsg",
    "Group.CallbackAfterSendMsg",
    "Group.CallbackAfterReadReceipt",
    "Group.CallbackAfterRecallMsg",
  ];
  for (const name of commands) await tell(name, { ...catalogue.get(name)!.example, ...conversation });
  const other = { ...catalogue.get(commands[1]!)!.example, ...conversation, MsgSeq: 1130, Random: 7 };
  await tell(commands[1]!, other);
  const query = { conversation: conversation.GroupId };
  await until("all five are kept", async () => (await gateway.allEvents(query)).length === 5);
  const events = await gateway.allEvents({ ...query, message: 130 });
  assert.deepEqual(events.map(({ command }) => command).toSorted(), commands.toSorted());
});

test("a shard that cannot write delays no verdict, and stores it afterwards", async () => {
  const [file] = shardFiles(gateway.dataDir);
  const database = new DatabaseSync(file!);
  database.exec("BEGIN EXCLUSIVE");
  const [own, answered] = [await asked("nobody_7"), await asked("after-0")];
  // These are kept before they are answered: their 503 proves that the shard cannot write.
  const names = ["Group.CallbackAfterRecallMsg", "Chatbot.OnC2CSignalMessage"];
  const refused = await Promise.all(
    names.map((name) => gateway.send(name, { ...catalogue.get(name)!.example, EventTime: Date.now() })),
  );
  assert.deepEqual(
    refused.map(({ status }) => status),
    [503, 503],
  );
  database.exec("ROLLBACK");
  database.close();
  assert.equal(own.answer.ErrorCode, 120005);
  assert.equal(answered.answer.ErrorCode, 120001);
  for (const { ms } of [own, answered]) assert.ok(ms < 2_000, `${ms} ms`);
  assert.equal((await kept(own.key)).rule, "own");
  assert.equal((await kept(answered.key)).how, "answered");
});

test("shards that cannot start delay no verdict", async () => {
  const gateway = await startGateway({ FORWARD_RULES: [{ name: "own", answer: { ErrorCode: 120005 } }] });
  assert.equal((await asked("lan", gateway)).answer.ErrorCode, 120005);
  const file = await until("the shard has a file", () => shardFiles(gateway.dataDir)[0]);
  await gateway.kill();
  for (const end of ["", "-wal", "-shm"]) rmSync(file + end, { force: true });
  mkdirSync(file);

  await gateway.start();
  for (let i = 0; i < 5; i++) {
    const { answer, ms } = await asked("lan", gateway);
    assert.equal(answer.ErrorCode, 120005);
    assert.ok(ms < 2_000, `${ms} ms`);
  }
});
