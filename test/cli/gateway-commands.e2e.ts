/** The commands of `tim-relay` that talk to a gateway, against a real one. */
import assert from "node:assert/strict";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { app, bodyOf, callbackToken } from "../support/callbacks.ts";
import { adminToken } from "../support/client.ts";
import { startGateway } from "../support/gateway.ts";
import { localTime, newDay, withTimes } from "../support/moment.ts";
import { run } from "../support/program.ts";
import { reply, startReceiver } from "../support/receiver.ts";

const cwd = realpathSync(mkdtempSync(join(tmpdir(), "tim-relay-cli-")));
after(() => rmSync(cwd, { recursive: true, maxRetries: 5 }));

const receiver = await startReceiver();
const gateway = await startGateway({
  FORWARD_RULES: [
    { name: "audit", url: receiver.url },
    { name: "no-links", on: "Group.CallbackBeforeSendMsg", answer: { ErrorCode: 1, ErrorInfo: "no links" } },
  ],
});

/** Runs a command at the gateway. */
async function relay(args: readonly string[], environment: Record<string, string> = {}) {
  const program = run("tim-relay.js", {
    cwd,
    args,
    environment: {
      TIM_RELAY_URL: gateway.url,
      TIM_RELAY_TOKEN: adminToken,
      TZ: newDay,
      ...environment,
    },
  });
  const code = await program.ended;
  return { code, log: program.log(), lines: program.log().trimEnd().split("\n") };
}

const group = "@TGS#港口";
const message = { MsgSeq: 4711, Random: 99 };
const send = (command: string, body: object) =>
  gateway.accept(command, { CallbackCommand: command, GroupId: group, Type: "Public", ...body });

before(async () => {
  const sent = {
    From_Account: "minh",
    Operator_Account: "minh",
    MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: "pier \u001b[31mred\u009b" } }],
  };
  await gateway.send("Group.CallbackBeforeSendMsg", {
    CallbackCommand: "Group.CallbackBeforeSendMsg",
    GroupId: group,
    Type: "Public",
    Random: 99,
    ...sent,
  });
  await send("Group.CallbackAfterSendMsg", { ...message, ...sent, MsgTime: 1_670_574_414 });
  await send("Group.CallbackAfterRecallMsg", {
    Operator_Account: "lan",
    MsgSeqList: [{ MsgSeq: 4711 }],
    EventTime: "1670574414123",
  });
  await gateway.sendAll([{ label: "elsewhere", group: "@TGS#2" }]);
  await receiver.requests(4);
  await gateway.destinationIs("audit", { delivered: 4 });
});

test("events are listed newest first, with local times", async () => {
  const { code, lines } = await relay(["events"]);
  assert.equal(code, 0);
  assert.match(lines[0]!, /^TIME +ID +COMMAND +STATE +AGO +CONVERSATION +FROM +VERDICT +DESTINATIONS$/);
  assert.equal(lines.length, 5);
  const { events } = await gateway.events();
  const [event] = events;
  const local = localTime(event!.receivedAt, newDay).slice("2026-".length);
  assert.ok(lines[1]!.includes(`${local}  ${event!.id}  `), lines[1]);
  assert.deepEqual(
    lines.slice(1).map((line) => line.split(/ {2,}/)[1]),
    events.map(({ id }) => id),
  );
  assert.match(lines[4]!, /refuse 1 \(no-links\)/);
});

test("events takes each filter of the API, and needs no percent-encoding", async () => {
  const ids = async (...args: string[]) =>
    (await relay(["events", "--json", ...args])).lines.filter(Boolean).length;
  assert.equal(await ids("--conversation", group), 3);
  assert.equal(await ids("--conversation", "group:@TGS#2"), 1);
  assert.equal(await ids("--command", "Group.CallbackAfter*"), 3);
  assert.equal(await ids("--account", "lan", "--since", "1h"), 2);
  assert.equal(await ids("--verdict", "refuse", "--code", "1"), 1);
  assert.equal(await ids("--until", "1 hour ago"), 0);
  assert.equal(await ids("--from", "1 min", "--limit", "2"), 2);
  assert.equal(await ids("--all", "--limit", "1"), 4);
});

test("with --json, each line is an event of the API", async () => {
  const { lines } = await relay(["events", "--json"]);
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    (await gateway.events()).events,
  );
});

test("show tells all of an event, and the life of its message", async () => {
  const { events } = await gateway.events({ command: "Group.CallbackAfterSendMsg" });
  const { id } = events[0]!;
  const { code, log } = await relay(["show", id]);
  assert.equal(code, 0);
  assert.match(log, new RegExp(`^Group\\.CallbackAfterSendMsg {2}delivered\n${id}\n`));
  assert.match(log, /^ {2}received {6}\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \(\w+( ago)?\), \d+ bytes$/m);
  assert.match(log, /^ {2}from +minh$/m);
  assert.match(log, withTimes(/^ {2}audit {2}delivered\n {4}1\. <time> {2}200 in <span>$/m));
  assert.match(
    log,
    /^Life of the message\n.*\n.*asked +refuse 1 \(no-links\).*\n▸.* sent .*\n.* recalled .*$/m,
  );
  assert.match(log, /"Text": "pier \\u001b\[31mred\\u009b"/);
});

test("the life of a message is found from its question and from its recall too", async () => {
  for (const command of ["Group.CallbackBeforeSendMsg", "Group.CallbackAfterRecallMsg"]) {
    const { events } = await gateway.events({ command, conversation: group });
    const { log } = await relay(["show", events[0]!.id, "--json"]);
    const { event, timeline } = JSON.parse(log);
    assert.equal(event.id, events[0]!.id);
    assert.deepEqual(
      timeline.map(({ command }: { command: string }) => command),
      ["Group.CallbackBeforeSendMsg", "Group.CallbackAfterSendMsg", "Group.CallbackAfterRecallMsg"],
    );
  }
});

test("show says of an attempt that a disabled destination leaves undone that it is due", async () => {
  receiver.answer = reply(410);
  const command = "Test.CallbackAfterGone";
  await send(command, {});
  await gateway.destinationIs("audit", { state: "disabled", retrying: 1 });
  const { events } = await gateway.events({ command });
  const { log } = await relay(["show", events[0]!.id]);
  assert.match(log, /^ {2}audit {2}pending, next attempt is due$/m);
  receiver.answer = reply(200);
  await gateway.resume("audit");
  await gateway.destinationIs("audit", { retrying: 0 });
});

test("show keeps numbers beyond 2^53", async () => {
  const body = bodyOf("Group.CallbackAfterRecallMsg", "@TGS#3", "big").replace('"lan"', "144115200000000001");
  await gateway.sendAll([{ label: "big", group: "@TGS#3", body }]);
  const { events } = await gateway.events({ conversation: "@TGS#3" });
  assert.match((await relay(["show", events[0]!.id])).log, /"Operator_Account": 144115200000000001,/);
  assert.match(
    (await relay(["show", events[0]!.id, "--json"])).log,
    /"Operator_Account": 144115200000000001,/,
  );
});

test("a hint names the gateway that --url gave, but not the usual one", async () => {
  const { url } = gateway;
  const paused = async (args: readonly string[], environment = {}) => {
    const { log } = await relay(["pause", "audit", ...args], environment);
    await gateway.resume("audit");
    return log.trimEnd().split("; ").at(-1);
  };
  const resume = "later: npx tim-relay resume audit";
  assert.equal(await paused([]), resume);
  assert.equal(await paused(["--url", `${url}/`]), resume);
  assert.equal(await paused(["--url", url], { TIM_RELAY_URL: "" }), `${resume} --url ${url}`);
  assert.equal(
    await paused(["--url", url], { TIM_RELAY_URL: "https://other.invalid" }),
    `${resume} --url ${url}`,
  );
});

test("destinations, pause, resume and test", async () => {
  assert.match((await relay(["destinations"])).log, /^audit +up +0 +0 +0 /m);
  assert.deepEqual(JSON.parse((await relay(["destinations", "--json"])).log), await gateway.destinations());
  assert.match(
    (await relay(["pause", "audit"])).log,
    /^audit is paused; later: npx tim-relay resume audit$/m,
  );
  assert.match((await relay(["destinations"])).log, /^audit +paused /m);
  assert.match((await relay(["resume", "audit"])).log, /^audit is up$/m);
  assert.match((await relay(["test", "audit"])).log, withTimes(/^✔ audit answered 200 in <span>$/m));
  receiver.answer = reply(418, {}, "no\u001b[2Jtea");
  const failed = await relay(["test", "audit"]);
  receiver.answer = reply(200);
  assert.equal(failed.code, 1);
  assert.match(failed.log, withTimes(/^✘ audit: .*418.*, after <span>\n {2}no\\u001b\[2Jtea$/m));
  const unknown = await relay(["pause", "audits"]);
  assert.equal(unknown.code, 1);
  assert.match(unknown.log, /^.*audits.*\n$/);
});

test("a wrong use is told in a line, and ends with 2", async () => {
  for (const [args, sentence] of [
    [["evnts"], /^unknown command 'evnts'\n\(Did you mean events\?\)/],
    [["events", "--stat", "dead"], /^unknown option '--stat'\n\(Did you mean --state\?\)/],
    [["events", "--state", "gone"], /^--state: expected one of quarantined, dead,/],
    [["events", "--since", "soon"], /^--since: expected a time such as 2h, .*, got "soon"\n$/],
    [["events", "--since", "1h", "--until", "2h"], /^--until: expected a time after --since, got "2h"\n$/],
    [["events", "--limit", "0"], /expected a whole number above 0, got "0"/],
    [["show"], /^missing required argument 'id'/],
    [["events", "--url", "gw"], /^--url: expected an address such as https:\/\/.*, got "gw"\n$/],
    [[], /^Usage: tim-relay/],
  ] as const) {
    const { code, log } = await relay(args);
    assert.match(log, sentence);
    assert.equal(code, 2, log);
    assert.doesNotMatch(log, /\n\s+at /);
  }
  const { code, log } = await relay(["events", "--help"]);
  assert.equal(code, 0);
  assert.match(log, /--conversation <conversation>/);
});

test("send shows what became of its event", async () => {
  const sender = { SDK_APP_ID: app, CALLBACK_TOKEN: callbackToken };
  // A busy machine takes longer than the usual two seconds.
  const wait = ["--wait", "60"];
  const sent = await relay(
    ["send", "Group.CallbackAfterSendMsg", "--set", "MsgSeq=144115200000000001", ...wait],
    sender,
  );
  assert.equal(sent.code, 0);
  assert.match(
    sent.log,
    withTimes(
      /^200 \{.*\} \(<span>\)\nevt_\w+ {2}delivered\n {2}audit {2}delivered: answered 200 in <span>\n {2}more: npx tim-relay show evt_/,
    ),
  );
  const asked = await relay(["send", "Group.CallbackBeforeSendMsg", ...wait], sender);
  assert.match(asked.log, withTimes(/^ {2}verdict {2}refused with 1 by rule no-links, <span>: by itself$/m));
  const misfit = await relay(["send", "Group.CallbackAfterSendMsg", "--set", "GroupId=[]", ...wait], sender);
  assert.equal(misfit.code, 1);
  assert.match(misfit.log, /^400 .*\nevt_\w+ {2}quarantined\n {2}problem {2}GroupId /);
  const many = await relay(
    ["send", "C2C.CallbackAfterSendMsg", "--count", "30", "--concurrency", "5", ...wait],
    sender,
  );
  assert.match(many.log, /^kept: 30 delivered$/m);
  const json = await relay(["send", "C2C.CallbackAfterSendMsg", "--json", ...wait], sender);
  const { status, event } = JSON.parse(json.log);
  assert.equal(status, 200);
  assert.deepEqual(event, await gateway.event(event.id));
  const unseen = await relay(["send", "C2C.CallbackAfterSendMsg", "--wait", "0"], sender);
  assert.match(unseen.log, /^200 [^\n]+\n$/);
});
