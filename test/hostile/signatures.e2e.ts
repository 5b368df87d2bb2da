/** Signatures that are replayed, moved to another request, or bent. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { signatureOf } from "../../src/cli/signature.ts";
import { callbackToken, queryOf, signed } from "../support/callbacks.ts";
import { startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";
import { connected } from "./wire.ts";

const gateway = await startGateway({
  SDK_APP_ID: "1400000000,1400000001",
  CALLBACK_TOKEN: `${callbackToken},second-token-of-the-tests`,
});

const command = "C2C.CallbackAfterSendMsg";

let next = 0;

/** A message of its own. */
function message(): string {
  const MsgKey = `${++next}_1_1794160000`;
  const MsgBody = [{ MsgType: "TIMTextElem", MsgContent: { Text: "ferry" } }];
  return JSON.stringify({
    CallbackCommand: command,
    From_Account: "lan",
    To_Account: "minh",
    MsgKey,
    MsgBody,
  });
}

/** Sends exactly this query. */
async function post(query: string, body = message()): Promise<{ status: number; sentence: string }> {
  const wire = await connected(gateway.url);
  wire.send(
    `POST /${query} HTTP/1.1\r\nHost: a.example.com\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  const answer = await wire.answer("POST");
  wire.close();
  assert.ok(answer);
  return { status: answer.status, sentence: JSON.parse(answer.body.toString()).ErrorInfo };
}

const query = (more: Readonly<Record<string, string>>) => queryOf({ CallbackCommand: command, ...more });

const kept = async () => (await gateway.allEvents()).length;

test("a request that is replayed within the minute is kept once", async () => {
  const before = await kept();
  const [address, body] = [query(signed(callbackToken)), message()];
  for (let times = 0; times < 5; times++) assert.equal((await post(address, body)).status, 200);
  await Promise.all(Array.from({ length: 10 }, () => post(address, body)));
  assert.equal(await kept(), before + 1);
});

test("a request that is replayed after its minute is refused", async () => {
  const before = await kept();
  // A time that is ahead comes nearer while the request is on its way.
  for (const offset of [-61, -3_600, -86_400, 90, 3_600]) {
    const { status, sentence } = await post(query(signed(callbackToken, offset)));
    assert.equal(status, 403);
    assert.match(sentence, /^RequestTime is \d+ s off, more than 60 s$/);
  }
  assert.equal(await kept(), before);
});

test("Tencent's signature covers the time alone: with another body or app of ours it is accepted", async () => {
  const before = await kept();
  const signature = signed(callbackToken);
  assert.equal((await post(query(signature))).status, 200);
  assert.equal((await post(query(signature))).status, 200);
  assert.equal((await post(query({ ...signature, SdkAppid: "1400000001" }))).status, 200);
  assert.equal(await kept(), before + 3);
  assert.equal((await post(query({ ...signature, SdkAppid: "1400000002" }))).status, 403);
});

test("either token signs, and no other", async () => {
  assert.equal((await post(query(signed("second-token-of-the-tests")))).status, 200);
  for (const token of [
    "",
    "callback-token",
    `${callbackToken} `,
    `${callbackToken},second-token-of-the-tests`,
  ]) {
    const { status, sentence } = await post(query(signed(token)));
    assert.deepEqual([status, sentence], [403, "Sign does not match any CALLBACK_TOKEN"]);
  }
});

test("a signature in upper case is accepted; a cut, doubled, lengthened or spaced one is not", async () => {
  const { Sign, RequestTime } = signed(callbackToken);
  assert.equal((await post(query({ Sign: Sign.toUpperCase(), RequestTime }))).status, 200);
  const bent = [
    Sign.slice(0, 63),
    Sign.slice(1),
    Sign.slice(0, 8),
    Sign + Sign,
    `${Sign}0`,
    `${Sign} `,
    ` ${Sign}`,
    `${Sign}\0`,
    `0x${Sign}`,
    [...Sign].reverse().join(""),
    Buffer.from(Sign, "hex").toString("base64"),
    // Other characters that are equal to a hexadecimal digit by some folding.
    Sign.replace(/[a-f]/, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)),
    Sign.replace(/\d/, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)),
    "0".repeat(64),
    "x".repeat(10_000),
  ];
  for (const one of bent) {
    const { status, sentence } = await post(query({ Sign: one, RequestTime }));
    assert.deepEqual([status, sentence], [403, "Sign does not match any CALLBACK_TOKEN"], one.slice(0, 80));
  }
  assert.match((await post(query({ Sign: "", RequestTime }))).sentence, /^Sign is missing/);
});

test("a RequestTime that is no time in Unix seconds is refused, though it is signed", async () => {
  const now = Math.floor(Date.now() / 1000);
  const odd = [
    "-1",
    `-${now}`,
    `+${now}`,
    `${now}.5`,
    `${now}.0`,
    `${now}e0`,
    "1e10",
    " ",
    ` ${now}`,
    `${now} `,
    `${now}\n`,
    `${now}\0`,
    `0x${now.toString(16)}`,
    `${now}000`,
    "NaN",
    "Infinity",
    "٢٠٢٦",
    String(now).replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)),
    new Date(now * 1000).toISOString(),
  ];
  for (const RequestTime of odd) {
    const { Sign } = signedAt(RequestTime);
    const { status, sentence } = await post(query({ Sign, RequestTime }));
    assert.equal(status, 403, JSON.stringify(RequestTime));
    assert.match(sentence, /^RequestTime is (not a time in Unix seconds|\d+ s off, more than 60 s)$/);
  }
  for (const RequestTime of ["0", "10000000000", "999999999999"])
    assert.match((await post(query(signedAt(RequestTime)))).sentence, /s off, more than 60 s$/);
  assert.match(
    (await post(query({ ...signed(callbackToken), RequestTime: "" }))).sentence,
    /RequestTime is missing/,
  );
  // Zeros in front change the text that is signed, and not the time.
  assert.equal((await post(query(signedAt(`00${now}`)))).status, 200);
});

function signedAt(RequestTime: string): { Sign: string; RequestTime: string } {
  return { Sign: signatureOf(callbackToken, RequestTime), RequestTime };
}

test("a signature that is given twice is refused, in any spelling of its name", async () => {
  const { Sign, RequestTime } = signed(callbackToken);
  for (const more of [
    `&Sign=${Sign}`,
    "&Sign=",
    "&sign=0",
    "&SIGN=0",
    "&%53ign=0",
    `&RequestTime=${RequestTime}`,
    "&requesttime=0",
  ]) {
    const { status, sentence } = await post(query({ Sign, RequestTime }) + more);
    assert.equal(status, 400, more);
    assert.match(sentence, /is given more than once$/);
  }
});

test("no list, log or forward holds a signature", async () => {
  const { Sign, RequestTime } = signed(callbackToken);
  assert.equal((await post(query({ Sign, RequestTime, OptPlatform: "with-signature" }))).status, 200);
  const event = await until("the event is kept", async () =>
    (await gateway.allEvents()).find(({ platform }) => platform === "with-signature"),
  );
  const shown = JSON.stringify(await gateway.event(event.id));
  for (const text of [shown, gateway.log(), await gateway.metrics()]) assert.ok(!text.includes(Sign));
});
