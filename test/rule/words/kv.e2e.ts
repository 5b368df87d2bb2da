/** Lists of words in Workers KV, read by the real gateway. */
import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { startGateway } from "../../support/gateway.ts";
import { startMiniflare } from "../../support/miniflare.ts";
import { server } from "../../support/other-server.ts";
import { ownTime } from "../../support/process-stats.ts";
import { type Received, startReceiver } from "../../support/receiver.ts";

const before = "C2C.CallbackBeforeSendMsg";
const afterwards = "C2C.CallbackAfterSendMsg";
const element = (Text: string) => ({ MsgType: "TIMTextElem", MsgContent: { Text } });
const message = (...texts: string[]) => ({
  From_Account: "lan",
  To_Account: "siti",
  MsgSeq: 1,
  MsgRandom: 2,
  MsgTime: 1_557_481_126,
  MsgKey: "1_2_3",
  MsgBody: texts.map(element),
});
const refusal = { ErrorCode: 120_001, ErrorInfo: "banned" };
const codeOf = ({ text }: { text: string }) => JSON.parse(text).ErrorCode;

test("Miniflare's KV: thousands of words decide, mask and forward, and a missing key is named", async () => {
  const receiver = await startReceiver();
  const rules = [
    { name: "missing", on: before, words: "kv:WORDS/missing", answer: { ErrorCode: 120_002 } },
    { name: "banned", on: before, words: "kv:WORDS/banned", answer: refusal },
    { name: "polite", on: before, answer: { ErrorCode: 0 }, replace: "kv:WORDS/rude" },
    { name: "audit", on: afterwards, words: "kv:WORDS/banned", url: receiver.url },
    { name: "unbound", on: before, words: "kv:NOTHING/key", answer: refusal },
  ];
  const gateway = await startMiniflare(rules, { bindings: { WORDS: { type: "kv", id: "words" } } });
  const namespace = await gateway.miniflare.getKVNamespace("WORDS");
  const thousands = Array.from({ length: 10_000 }, (_, index) => `word${index}${index % 2 ? "坏" : "x"}`);
  await namespace.put("banned", `\ufeff# words\r\n${thousands.join("\r\n")}\r\n笨蛋`);
  await namespace.put("rude", "darn\nheck");

  const forward = {
    MsgType: "TIMRelayElem",
    MsgContent: { MsgList: [{ MsgBody: [element("你这个笨蛋啊")] }] },
  };
  const relayed = { ...message("fine"), MsgBody: [forward] };
  assert.equal(codeOf(await gateway.send(before, message("it says WORD9998X here"))), 120_001);
  assert.equal(codeOf(await gateway.send(before, relayed)), 120_001);
  assert.equal(codeOf(await gateway.send(before, { ...message(), MsgBody: element("笨蛋") })), 120_001);
  assert.equal(codeOf(await gateway.send(before, { MsgBody: "笨蛋" })), 0);
  const masked = JSON.parse((await gateway.send(before, message("Darn, what the heck"))).text);
  assert.deepEqual(masked.MsgBody, [element("****, what the ****")]);

  await gateway.accept(
    afterwards,
    { ...message("nothing"), MsgKey: "1_2_4" },
    { query: { OptPlatform: "none" } },
  );
  await gateway.accept(
    afterwards,
    { ...message("word7坏"), MsgKey: "1_2_5" },
    { query: { OptPlatform: "word" } },
  );
  const [sent] = (await receiver.requests(1)) as [Received];
  assert.deepEqual(sent.labels, ["word"]);

  const problems = await gateway.problems();
  const named = (part: string) => problems.filter((problem) => problem.includes(part));
  assert.deepEqual(named("kv:"), ["missing: kv:WORDS/missing is missing, so that the rule fits nothing"]);
  assert.equal(named("FORWARD_RULES[4].words: there is no such binding").length, 1);

  const trial = { event: { command: before, body: message("fine", "Word8x!") } };
  const { results } = await gateway.post("/api/rules/test", trial, 200);
  const about = (name: string) => results.find(({ rule }: { rule: string }) => rule === name);
  assert.deepEqual(about("banned"), { rule: "banned", matches: true, word: "Word8x" });
  assert.match(about("missing").failed.why, /^\S*kv:WORDS\/missing\S* is missing, or not read/);
  const listed = await gateway.get("/api/rules");
  assert.match(listed[1].says, /whose text holds a word of kv:WORDS\/banned/);
});

/** A KV namespace as its server sees it: the value, or the way in which it fails. */
async function startKv() {
  const kv = {
    answer: (response: ServerResponse): unknown => response.writeHead(404).end(),
    address: "",
    reads: 0,
  };
  const url = await server((_request, response) => {
    kv.reads++;
    kv.answer(response);
  });
  kv.address = new URL(url).host;
  return kv;
}

test("a KV that hangs delays a verdict by 400 ms, and one that fails loses no event of a forward rule", async () => {
  const kv = await startKv();
  const receiver = await startReceiver();
  const rules = [
    { name: "banned", on: before, words: "kv:WORDS/banned", answer: refusal },
    { name: "audit", on: afterwards, words: "kv:WORDS/banned", url: receiver.url },
  ];
  kv.answer = () => {};
  const settings = { FORWARD_RULES: rules, ALLOW_PRIVATE_DESTINATIONS: "true" };
  const gateway = await startGateway(settings, { kv: kv.address });
  const clock = ownTime(gateway.pid, process.pid);
  const [from, at] = [clock(), performance.now()];
  assert.equal(codeOf(await gateway.send(before, message("a word"))), 0);
  const took = clock() - from;
  assert.ok(performance.now() - at >= 350 && took < 1_900, `${took} ms`);

  kv.answer = (response) => response.writeHead(500).end();
  await gateway.accept(afterwards, message("a word"), { query: { OptPlatform: "held" } });
  await gateway.problem(/^banned: kv:WORDS\/banned cannot be read/);
  await gateway.problem(/^audit: kv:WORDS\/banned cannot be read/);
  assert.deepEqual(receiver.received, []);

  kv.answer = (response) => response.end("word\n");
  await receiver.delivered("held");
  await gateway.noProblem(/kv:WORDS/);
  assert.equal(codeOf(await gateway.send(before, message("a word"))), 120_001);
  assert.ok(kv.reads < 20, `${kv.reads} reads`);
});
