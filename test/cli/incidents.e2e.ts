/** Five incidents of the page for operators, each solved by the commands that it shows. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { adminToken } from "../support/client.ts";
import { commandsAt } from "../support/command.ts";
import { documentedBlocks } from "../support/documented-blocks.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { hourGoesOn, zoneAt } from "../support/moment.ts";
import { type Answer, reply, startReceiver } from "../support/receiver.ts";
import { inTerminal, noTerminal } from "../support/terminal.ts";
import { checkTranscript, type Execute, headingsWithTranscript } from "../support/transcript.ts";
import { until } from "../support/until.ts";

const page = join(import.meta.dirname, "../../docs/operating.md");
const program = join(import.meta.dirname, "../../src/cli/tim-relay.js");

/** As wide as a code block of the page. */
const columns = 100;

/** Runs commands in a terminal, in whose time zone it is the hour `hour`. Errors come after the rest. */
function terminalAt(gateway: Gateway, hour: number): Execute {
  const { cwd } = commandsAt(gateway);
  const environment = {
    TIM_RELAY_URL: gateway.url,
    TIM_RELAY_TOKEN: adminToken,
    TZ: zoneAt(hour),
    NO_COLOR: "1",
  };
  return async (args) => {
    const command = ["sh", "-c", 'exec "$@" 2>errors', "sh", process.execPath, program, ...args];
    const terminal = inTerminal(command, { columns, cwd, environment });
    await terminal.ended;
    return terminal.log() + readFileSync(join(cwd, "errors"), "utf8");
  };
}

const incident = (
  heading: string,
  run: (check: (gateway: Gateway, hour: number) => Promise<void>) => Promise<void>,
) =>
  test(heading, { skip: noTerminal }, () =>
    run((gateway, hour) => checkTranscript(page, heading, terminalAt(gateway, hour))),
  );

const group = "@TGS#harbour";

/** A message in a group, as Tencent tells of it afterwards. */
function message(MsgSeq: number, From_Account: string, Text: string, GroupId = group) {
  return {
    CallbackCommand: "Group.CallbackAfterSendMsg",
    GroupId,
    Type: "Public",
    From_Account,
    Operator_Account: From_Account,
    Random: MsgSeq + 1_000_000,
    MsgSeq,
    MsgTime: 1_764_213_120,
    MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text } }],
  };
}

const fromPhone = { query: { OptPlatform: "Android", ClientIP: "203.0.113.7" } };

const sendAll = async (gateway: Gateway, messages: readonly ReturnType<typeof message>[]) => {
  for (const one of messages) await gateway.accept(one.CallbackCommand, one, fromPhone);
};

/** Refuses the requests whose body holds a text. */
const refusing =
  (text: string, body: object): Answer =>
  (response, request) =>
    request.body.includes(text)
      ? reply(422, {}, JSON.stringify(body))(response, request)
      : reply(200)(response, request);

incident("Did it arrive?", async (check) => {
  const crm = await startReceiver();
  const archive = await startReceiver(refusing("⛴", { error: "text: invalid byte sequence" }));
  const gateway = await startGateway({
    FORWARD_RULES: [
      { name: "crm", url: crm.url },
      { name: "archive", url: archive.url, retry: [] },
    ],
  });
  await sendAll(gateway, [
    message(4710, "minh", "When does the ferry leave?"),
    message(4711, "lan", "At six ⛴"),
    message(4712, "minh", "Thanks!"),
  ]);
  await gateway.destinationIs("crm", { delivered: 3 });
  await gateway.destinationIs("archive", { delivered: 2, dead: 1 });
  await check(gateway, 3);
});

incident("The backend was down from two to three", async (check) => {
  const audit = await startReceiver();
  const gateway = await startGateway({ FORWARD_RULES: [{ name: "audit", url: audit.url }] });
  await hourGoesOn();
  const messages = Array.from({ length: 24 }, (_, index) => message(index + 1, "minh", `Pier ${index + 1}`));
  await sendAll(gateway, messages);
  await gateway.destinationIs("audit", { delivered: 24 });
  await check(gateway, 2);
  const again = audit.received.filter(({ headers }) => headers["tim-relay-replay"]?.includes("rpl_"));
  assert.equal(new Set(again.map(({ id }) => id)).size, 24);
});

incident("What is stuck, and why?", async (check) => {
  const audit = await startReceiver();
  const feed = await startReceiver(refusing("poll", { error: "unknown MsgType TIMPollElem" }));
  const gateway = await startGateway({
    FORWARD_RULES: [
      { name: "audit", url: audit.url },
      { name: "feed", url: feed.url, order: "conversation", retry: ["2h", "5h"] },
    ],
  });
  const poll = message(2, "lan", "poll");
  poll.MsgBody[0]!.MsgType = "TIMPollElem";
  await sendAll(gateway, [message(1, "minh", "Shall we go?"), poll]);
  await gateway.destinationIs("feed", { retrying: 1 });
  await sendAll(gateway, [
    message(3, "minh", "Yes"),
    message(4, "an", "Yes"),
    message(5, "lan", "Then at six"),
    message(1, "thu", "Hello", "@TGS#market"),
  ]);
  await gateway.destinationIs("feed", { delivered: 2, waiting: 3 });
  await gateway.destinationIs("audit", { delivered: 6 });
  await check(gateway, 3);
  await gateway.destinationIs("feed", { delivered: 5, dead: 1 });
});

incident("Tencent changed a field", async (check) => {
  const audit = await startReceiver();
  const gateway = await startGateway({ FORWARD_RULES: [{ name: "audit", url: audit.url }] });
  const recall = (changes: object) => ({
    CallbackCommand: "Group.CallbackAfterRecallMsg",
    GroupId: group,
    Type: "Public",
    Operator_Account: "lan",
    EventTime: "1764213120000",
    ...changes,
  });
  for (let seq = 1; seq <= 4; seq++) {
    const { status } = await gateway.send(
      "Group.CallbackAfterRecallMsg",
      recall({ MsgSeqs: [seq], Reason: "by admin" }),
    );
    assert.equal(status, 400);
  }
  await gateway.accept(
    "Group.CallbackAfterRecallMsg",
    recall({ MsgSeqList: [{ MsgSeq: 5 }], Reason: "by admin" }),
  );
  await gateway.destinationIs("audit", { delivered: 1 });
  await check(gateway, 3);
  await audit.requests(5);
});

incident("Moderation blocks too much", async (check) => {
  const moderation = await startReceiver((response, request) =>
    reply(
      200,
      {},
      JSON.stringify({
        ActionStatus: "OK",
        ErrorInfo: "",
        ErrorCode: request.body.includes("cash") ? 1 : 0,
      }),
    )(response, request),
  );
  const command = "Group.CallbackBeforeSendMsg";
  const gateway = await startGateway({
    FORWARD_RULES: [
      {
        name: "no-links",
        on: command,
        match: { body: { MsgBody: { MsgContent: { Text: [{ wildcard: "*.*" }] } } } },
        answer: { ErrorCode: 1, ErrorInfo: "links are not allowed here" },
      },
      { name: "moderation", on: command, ask: moderation.url },
    ],
  });
  let asked = 0;
  const ask = async (from: string, text: string) => {
    const { MsgSeq, MsgTime, ...body } = message(++asked, from, text);
    return gateway.accept(command, { ...body, CallbackCommand: command });
  };
  for (const [index, from] of ["minh", "lan", "an", "thu"].entries()) {
    await ask(from, "Hello");
    await ask(from, `Are you there? Pier ${index + 1}`);
    await ask(from, `I am at pier ${index + 1}. Come quickly.`);
    await ask(from, "See you.");
  }
  await ask("spammer", "cash for clicks");
  await until("all verdicts are kept", async () => (await gateway.allEvents()).length === 17);
  await check(gateway, 3);
  const answer = await ask("minh", "Thank you.");
  assert.equal(JSON.parse(answer.text).ErrorCode, 0);
});

test("every transcript of the page is checked", () => {
  assert.equal(documentedBlocks("docs/operating.md", "console").length, 5);
  assert.deepEqual(headingsWithTranscript(page), [
    "Did it arrive?",
    "The backend was down from two to three",
    "What is stuck, and why?",
    "Tencent changed a field",
    "Moderation blocks too much",
  ]);
});
