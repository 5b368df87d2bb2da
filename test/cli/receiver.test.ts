import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { Receiver } from "../../src/cli/receiver.ts";

const secret = "whsec_dGhlIGV4YW1wbGUgcmVjZWl2ZXIncyBzZWNyZXQ=";
const other = "whsec_YW5vdGhlciBzZWNyZXQsIG9mIG5vIHVzZSBoZXJl";
const event = JSON.stringify({
  type: "Group.CallbackAfterRecallMsg",
  timestamp: "2026-11-22T03:00:00.000Z",
  id: "0-1",
  data: { GroupId: "@TGS#1", MsgSeqList: [{ MsgSeq: 130 }] },
});

async function receiver(secrets: readonly string[]) {
  const lines: string[] = [];
  const expected = { secrets, askPaths: ["/verdict"] };
  const receiver = await Receiver.start({ port: 0, expected, print: (line) => lines.push(line) });
  after(() => receiver.close());
  const { port } = receiver;
  const post = async (body: string, signedWith = secret, at = new Date()) => {
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      method: "POST",
      body,
      headers: {
        "webhook-id": "0-1",
        "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
        "webhook-signature": new Webhook(signedWith).sign("0-1", at, event),
      },
    });
    await response.text();
    return response.status;
  };
  /** The verdict of an unsigned ask. */
  const ask = async (body: object) => {
    const response = await fetch(`http://127.0.0.1:${port}/verdict?x=1`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    return { status: response.status, verdict: await response.text() };
  };
  const behave = async (word: string, method = "POST") => {
    const response = await fetch(`http://127.0.0.1:${port}/-/behave/${word}`, { method });
    return { status: response.status, text: await response.text() };
  };
  return { lines, post, ask, behave, port };
}

test("a verified event is one line", async () => {
  const { lines, post } = await receiver([secret]);
  assert.equal(await post(event), 204);
  assert.deepEqual(lines, [
    '✔ verified Group.CallbackAfterRecallMsg {"GroupId":"@TGS#1","MsgSeqList":[{"MsgSeq":130}]}',
  ]);
});

test("either of two secrets may have signed during a rotation", async () => {
  const { lines, post } = await receiver([other, secret]);
  assert.equal(await post(event), 204);
  assert.equal(await post(event, other), 204);
  assert.equal(lines.filter((line) => line.startsWith("✔ verified")).length, 2);
});

test("a changed body, a wrong signature and an old signature are refused and printed", async () => {
  const { lines, post } = await receiver([secret]);
  assert.equal(await post(event.replace("130", "131")), 400);
  assert.equal(await post(event, other), 400);
  assert.equal(await post(event, secret, new Date(Date.now() - 600_000)), 400);
  assert.equal(lines.length, 3);
  for (const line of lines) assert.match(line, /^✘ REFUSED BAD SIGNATURE \(.+\), webhook-id 0-1$/);
});

test("without a secret nothing is called verified", async () => {
  const { lines, post } = await receiver([]);
  assert.equal(await post(event), 204);
  assert.match(lines.join(), /^✔ unsigned Group\.CallbackAfterRecallMsg /);
});

test("every event of a batch has a line, and a raw body is named by its command", async () => {
  const { lines, post } = await receiver([]);
  await post(JSON.stringify([JSON.parse(event), { CallbackCommand: "State.StateChange", Info: {} }]));
  assert.deepEqual(
    lines.map((line) => line.split(" ")[2]),
    ["Group.CallbackAfterRecallMsg", "State.StateChange"],
  );
});

test("a number beyond 2^53 is printed digit for digit", async () => {
  const { lines, post } = await receiver([]);
  await post('{"type":"Call.CallbackAfterEndCall","data":{"UserId":144115200000000001}}');
  assert.deepEqual(lines, ['✔ unsigned Call.CallbackAfterEndCall {"UserId":"144115200000000001"}']);
});

test("an unsigned body can print no line of its own and no control characters", async () => {
  const { lines, post } = await receiver([]);
  await post(
    JSON.stringify({ type: "x\n✔ verified State.StateChange {}", data: { a: "\u001b[2J\u009b2J" } }),
  );
  await post(JSON.stringify({ CallbackCommand: "\u001b[2J", type: null }));
  await post("null");
  assert.equal(lines.length, 3);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the test is about them
  for (const line of lines) assert.match(line, /^✔ unsigned an event [^\x00-\x1f\x7f-\x9f]+$/);
});

test("a body that is not JSON is refused, and the receiver goes on", async () => {
  const { lines, post } = await receiver([]);
  assert.equal(await post("<html>"), 400);
  assert.equal(await post(event), 204);
  assert.match(lines[0] ?? "", /^✘ REFUSED .*JSON/);
});

test("a port in use rejects with the error", async () => {
  const { port } = await receiver([]);
  const expected = { secrets: [], askPaths: [] };
  await assert.rejects(Receiver.start({ port, expected, print: () => {} }), { code: "EADDRINUSE" });
});

test("told to fail it answers 500, and told to be fine again 204", async () => {
  const { lines, post, behave } = await receiver([secret]);
  assert.match((await behave("fail")).text, /^fail: /);
  assert.equal(await post(event), 500);
  assert.match((await behave("", "GET")).text, /^fail: /);
  await behave("o");
  assert.equal(await post(event), 204);
  assert.match(
    lines.join("\n"),
    /^receiver: it fails.*\n✔ verified .* → answered 500\nreceiver: it answers rightly/,
  );
});

test("an unknown behaviour is 404 with the known ones, and changes nothing", async () => {
  const { post, behave } = await receiver([secret]);
  assert.deepEqual(await behave("explode"), {
    status: 404,
    text: "POST /-/behave/ and one of ok, fail, slow, refuse\n",
  });
  assert.equal(await post(event), 204);
});

test("an ask is answered with a verdict, which refuses when told to", async () => {
  const { lines, ask, behave } = await receiver([]);
  const question = { type: "Group.CallbackBeforeSendMsg", data: { GroupId: "@TGS#1" } };
  const allowed = { ActionStatus: "OK", ErrorInfo: "", ErrorCode: 0 };
  assert.deepEqual(JSON.parse((await ask(question)).verdict), allowed);
  await behave("refuse");
  assert.deepEqual(JSON.parse((await ask(question)).verdict), { ...allowed, ErrorCode: 1 });
  assert.match(lines[0] ?? "", /^✔ unsigned Group\.CallbackBeforeSendMsg .* → allowed$/);
  assert.match(lines.at(-1) ?? "", / → refused$/);
});

test("the verdict on friends names each of them", async () => {
  const { ask, behave } = await receiver([]);
  await behave("refuse");
  const data = { Requester_Account: "lan", FriendItem: [{ To_Account: "minh" }] };
  const { verdict } = await ask({ type: "Sns.CallbackPrevFriendAdd", data });
  assert.match(verdict, /"ResultItem":\[\{"To_Account":"minh","ResultCode":38000/);
});

test("Chinese text is printed as it is", async () => {
  const { lines, post } = await receiver([]);
  await post(JSON.stringify({ type: "Group.CallbackAfterSendMsg", data: { Text: "你好，世界 🎉" } }));
  assert.match(lines[0] ?? "", /你好，世界 🎉/);
});
