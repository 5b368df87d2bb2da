/** Callbacks as they are received: accepted, refused, kept and forwarded byte for byte. */
import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { maxBodyBytes } from "../../src/callback/read-callback.ts";
import { samples } from "../callback/samples.ts";
import { queryOf } from "../support/callbacks.ts";
import { type Answer, assertAnswer } from "../support/client.ts";
import { startGateway } from "../support/gateway.ts";
import { exchange } from "../support/raw.ts";
import { startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";
import { answerOf, before, kept, recall, recalled } from "./receiving.ts";

const [copy, envelope] = [await startReceiver(), await startReceiver()];
const gateway = await startGateway({
  CALLBACK_TOKEN: "",
  FORWARD_RULES: [
    { name: "copy", url: `${copy.url}tencent`, format: "raw" },
    { name: "envelope", url: envelope.url },
  ],
});

for (const [command, body] of Object.entries(samples))
  test(`${command} as printed is answered OK, kept, and forwarded byte for byte`, async () => {
    assertAnswer(
      await gateway.send(command, body, { query: { ClientIP: "203.0.113.7", OptPlatform: "iOS" } }),
      200,
    );

    const bytes = Buffer.from(body);
    const received = await copy.request((one) => one.bytes.equals(bytes));
    assert.equal(
      received.url,
      `/tencent${queryOf({ CallbackCommand: command, ClientIP: "203.0.113.7", OptPlatform: "iOS" })}`,
    );
    const wrapped = await envelope.request((one) => one.bytes.includes(bytes));
    const { data, ...rest } = JSON.parse(wrapped.body);
    assert.equal(wrapped.body, `${JSON.stringify(rest).slice(0, -1)},"data":${body}}`);

    const [event] = await gateway.allEvents({ command });
    assert.equal(event!.valid, true);
    assert.equal(rest.id, event!.id);
    const detail = await gateway.request(`/api/events/${event!.id}`);
    assert.ok((await detail.text()).includes(`"body":${body}`));
  });

test("integers beyond 2^53, Chinese and emoji are forwarded byte for byte", async () => {
  const body = `{"GroupId":"群组 🐳","MsgSeqList":[],"Big":9007199254740993,"Exact":1.10,"E":1E2,"T":"\\u4f60好👩‍👩‍👧"}`;
  assertAnswer(await gateway.send(recall, body), 200);
  await copy.request((one) => one.bytes.equals(Buffer.from(body)));
  const wrapped = await envelope.request((one) => one.bytes.includes(Buffer.from(body)));
  assert.ok(wrapped.body.endsWith(`,"data":${body}}`));
  const [event] = await gateway.allEvents({ conversation: "群组 🐳" });
  const detail = await gateway.event(event!.id);
  assert.deepEqual(detail.body, JSON.parse(body));
  assert.equal(event!.size, Buffer.byteLength(body));
});

test("a body of exactly 1 MiB is kept and forwarded; one byte more is 413", async () => {
  const frame = JSON.stringify(recalled({ Fill: "" }));
  const body = frame.replace('""', `"${"x".repeat(maxBodyBytes - frame.length)}"`);
  assert.equal(Buffer.byteLength(body), 1_048_576);
  assertAnswer(await gateway.send(recall, body), 200);
  await copy.request((one) => one.bytes.equals(Buffer.from(body)));
  assertAnswer(await sendLarge(maxBodyBytes + 1), 413, /1 MiB/);
});

/** A body of chunks, without a Content-Length. */
function chunked(body: string, chunk = 65_536): ReadableStream {
  const bytes = Buffer.from(body);
  return ReadableStream.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
    })(),
  );
}

test("a chunked body is read whole, and refused with 413 if it is too large", async () => {
  const body = JSON.stringify(recalled({ Fill: "好".repeat(100_000) }));
  assertAnswer(await gateway.send(recall, chunked(body, 7_777)), 200);
  await copy.request((one) => one.bytes.equals(Buffer.from(body)));
  for (const length of [maxBodyBytes + 1, 3 * maxBodyBytes])
    for (const framing of ["Content-Length", "Transfer-Encoding"] as const)
      assertAnswer(await sendLarge(length, framing), 413, /1 MiB/);
});

/** Sends so many bytes on a connection of its own: a caller that is refused while it sends is cut off. */
async function sendLarge(
  length: number,
  framing: "Content-Length" | "Transfer-Encoding" = "Content-Length",
  query: Record<string, string> = {},
): Promise<Answer> {
  const chunked = framing === "Transfer-Encoding";
  const path = `/${queryOf({ CallbackCommand: recall, ...query })}`;
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${framing}: ${chunked ? "chunked" : length}\r\n\r\n`;
  const chunk = chunked ? `${length.toString(16)}\r\n` : "";
  const { status, text } = await exchange(gateway.url, [head, chunk, Buffer.alloc(length, "x")]);
  return { status, text: text.split("\r\n\r\n")[1]! };
}

test("the size is checked after the app and the signature", async () => {
  const stranger = { SdkAppid: "1499999999" };
  assertAnswer(await sendLarge(maxBodyBytes + 1, "Content-Length", stranger), 403, /SdkAppid/);
  assertAnswer(await sendLarge(maxBodyBytes + 1, "Content-Length", { CallbackCommand: "" }), 413);
});

test("probes are answered OK, and nothing is kept", async () => {
  const count = await kept(gateway);
  const quota = "Group.CallbackOnDailyGroupQuotaAlarm";
  for (const path of [
    "/",
    "/?",
    `/?SdkAppid=1400000000`,
    "/?contenttype=json",
    `/${queryOf({ CallbackCommand: quota })}`,
    `/${queryOf({ CallbackCommand: recall, SdkAppid: undefined })}`,
    `/${queryOf({ CallbackCommand: before })}`,
    `/${queryOf({ CallbackCommand: "Tea.CallbackAfterPour" })}`,
  ])
    for (const body of ["", "{}", " {\n} ", chunked("{}", 1)]) {
      const response = await fetch(gateway.url + path, {
        method: "POST",
        body,
        duplex: "half",
      } as RequestInit);
      assertAnswer({ status: response.status, text: await response.text() }, 200);
      assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
    }
  assertAnswer(
    await answerOf(fetch(`${gateway.url}/?SdkAppid=1499999999`, { method: "POST", body: "{}" })),
    403,
  );
  assert.equal(await kept(gateway), count);
});

test("on /, GET and HEAD are a page for people, and other methods 405", async () => {
  const page = await fetch(gateway.url);
  assert.equal(page.status, 200);
  assert.ok(!(await page.text()).includes("ActionStatus"));
  assert.equal((await fetch(gateway.url, { method: "HEAD" })).status, 200);
  for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS"]) {
    const response = await fetch(`${gateway.url}/${queryOf({ CallbackCommand: recall })}`, { method });
    assert.match(response.headers.get("allow") ?? "", /POST/);
    assertAnswer({ status: response.status, text: await response.text() }, 405);
  }
});

test("a refused callback is answered with the reason, and not kept", async () => {
  const count = await kept(gateway);
  const body = recalled();
  const cases: [number, RegExp, Parameters<typeof gateway.send>][] = [
    [403, /SdkAppid is missing/, [recall, body, { query: { SdkAppid: undefined } }]],
    [403, /SdkAppid is not/, [recall, body, { query: { SdkAppid: "1499999999" } }]],
    [400, /CallbackCommand is missing/, [undefined, body]],
    [400, /CallbackCommand is missing/, ["", body]],
    [
      400,
      /CallbackCommand in the body is Group\.CallbackBeforeSendMsg, but in the URL Group\.CallbackAfterRecallMsg/,
      [recall, { ...body, CallbackCommand: before }],
    ],
    [400, /UTF-8/, [recall, new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])]],
    [400, /byte order mark/, [recall, `\ufeff${JSON.stringify(body)}`]],
    [400, /not JSON: .*position 0/, [recall, "hello"]],
    [400, /ends too early/, [recall, '{"GroupId":']],
    [400, /is gzip: send it as plain JSON/, [recall, gzipSync(JSON.stringify(body))]],
    [400, /is br: send it/, [recall, brotliCompressSync("x"), { headers: { "content-encoding": "br" } }]],
    [400, /longer than 128/, [`Tea.${"x".repeat(125)}`, body]],
    [400, /letters, digits/, ["Tea Time", body]],
    [400, /not a JSON object/, [recall, "[]"]],
    [400, /sdkappid/i, [recall, body, { query: { SDKAPPID: "1400000000" } }]],
    [400, /callbackcommand/i, [recall, body, { query: { callbackcommand: recall } }]],
    [400, /sign/i, [recall, body, { query: { Sign: "1", SIGN: "1" } }]],
    [400, /requesttime/i, [recall, body, { query: { RequestTime: "1", requestTime: "1" } }]],
  ];
  for (const [status, names, trial] of cases) assertAnswer(await gateway.send(...trial), status, names);
  assert.equal(await kept(gateway), count);
});

test("parameters of any case, and unknown ones, are accepted", async () => {
  const body = recalled();
  const query = `sdkappid=1400000000&CALLBACKCOMMAND=${recall}&clientip=203.0.113.9&OPTPLATFORM=Web&New=%20x+y&New=2`;
  assertAnswer(
    await answerOf(fetch(`${gateway.url}/?${query}`, { method: "POST", body: JSON.stringify(body) })),
    200,
  );
  const received = await copy.request((one) => one.body.includes(`"${body.GroupId}"`));
  assert.equal(received.url, `/tencent?${query}`);
  const [event] = await gateway.allEvents({ conversation: body.GroupId });
  assert.deepEqual([event!.clientIp, event!.platform], ["203.0.113.9", "Web"]);
  const detail = await gateway.event(event!.id);
  assert.deepEqual(detail.query.New, [" x y", "2"]);
});

test("the Live command that Tencent misprints is read as the right one", async () => {
  const body = {
    CallbackCommand: "Live.CallbackAfterMemberStateChanged",
    RoomId: "live-room-7",
    EventType: "Online",
    MemberList: [{ Member_Account: "siti" }],
  };
  assertAnswer(await gateway.send("Live.CallbackMemberStateChanged", body), 200);
  const [event] = await gateway.allEvents({ conversation: "live-room-7" });
  assert.deepEqual([event!.command, event!.known], ["Live.CallbackAfterMemberStateChanged", true]);
});

test("a payload that deviates from the documents is a valid event, and counted in /api/drift", async () => {
  const message = { From_Account: "lan", To_Account: "minh", CloudCustomData: null };
  const cases: [command: string, body: object, drift: string[]][] = [
    [
      "C2C.CallbackAfterSendMsg",
      { ...message, MsgKey: "d1", MsgBody: [{ MsgType: "TIMFaceElem", MsgContent: { Index: "6" } }] },
      ["CloudCustomData null", "MsgBody[].MsgContent.Index string"],
    ],
    [
      "C2C.CallbackAfterSendMsg",
      { ...message, MsgKey: "d2", MsgBody: [{ MsgType: "TIMNewElem" }], MsgTime: 1.5 },
      ["MsgTime fraction", "MsgBody[].MsgContent nothing"],
    ],
    [recall, recalled({ MsgSeqList: [{ MsgSeq: "130" }] }), ["MsgSeqList[].MsgSeq string"]],
    [
      "ContentCallback.ResultNotify",
      { From_Account: "lan", CtxcbRequestId: "q", MsgID: 415, ContactItem: { ToGroupId: 7 } },
      ["MsgID number"],
    ],
    ["State.StateChange", { CallbackCommand: null, Info: { To_Account: "lan", Action: "Login" } }, []],
    [
      "State.StateChange",
      { CallbackCommand: "", Info: { To_Account: 12, Action: "Sleep" } },
      ["Info.Action Sleep"],
    ],
  ];
  for (const [command, body, drift] of cases) {
    const text = JSON.stringify(body);
    assertAnswer(await gateway.send(command, text), 200);
    await copy.request((one) => one.bytes.equals(Buffer.from(text)));
    const [event] = await gateway.allEvents({ command });
    assert.equal(event!.valid, true);
    const report = await gateway.get("/api/drift");
    const seen = report.drift.map((one: Record<string, string>) => `${one.command} ${one.path} ${one.seen}`);
    for (const one of drift)
      assert.ok(seen.includes(`${command} ${one}`), `${one} is not in ${seen.join("; ")}`);
  }
});

test("numeric rooms beyond 2^53 are different conversations", async () => {
  const room = (id: string) =>
    `{"RoomId":${id},"EventType":"Online","MemberList":[{"Member_Account":${id}}]}`;
  for (const id of ["144115200000000001", "144115200000000003"]) {
    const body = room(id);
    assertAnswer(await gateway.send("Live.CallbackAfterMemberStateChanged", body), 200);
    await copy.request((one) => one.bytes.equals(Buffer.from(body)));
    const [event, ...more] = await gateway.allEvents({ conversation: id });
    assert.deepEqual([event!.valid, event!.conversation, more], [true, `group:${id}`, []]);
  }
});

test("a group whose name is not valid Unicode is kept under an escaped name", async () => {
  const body = '{"GroupId":"half \\ud800","MsgSeqList":[{"MsgSeq":1}],"N\\udfff":1}';
  assertAnswer(await gateway.send(recall, body), 200);
  const [event] = await gateway.allEvents({ conversation: "half \\ud800" });
  assert.equal(event!.conversation, "group:half \\ud800");
  const report = await gateway.get("/api/drift");
  assert.ok(report.drift.some(({ path }: { path: string }) => path === "N\\udfff"));
});

test("an unknown command is kept with known: false, and forwarded", async () => {
  const body = { GroupId: "tea-house", Cups: 2 };
  assertAnswer(await gateway.send("Tea.CallbackAfterPour", body), 200);
  assertAnswer(await gateway.send("Tea.CallbackBeforePour", body), 200);
  const wrapped = await envelope.request((one) => one.body.includes('"Tea.CallbackAfterPour"'));
  assert.deepEqual(JSON.parse(wrapped.body).data, body);
  await envelope.request((one) => one.body.includes('"Tea.CallbackBeforePour"'));
  const events = await gateway.allEvents({ conversation: "tea-house" });
  assert.deepEqual(
    new Map(events.map(({ command, phase, known, valid }) => [command, [phase, known, valid]])),
    new Map([
      ["Tea.CallbackAfterPour", ["after", false, true]],
      ["Tea.CallbackBeforePour", ["before", false, true]],
    ]),
  );
});

test("an invalid payload is answered 400 with every path, quarantined, and not forwarded", async () => {
  const { GroupId } = recalled();
  const body = { GroupId, MsgSeqList: [{ MsgSeq: null }, {}, { MsgSeq: "1" }], TopicId: 7 };
  const answer = await gateway.send(recall, body);
  assertAnswer(answer, 400);
  const { ErrorInfo } = JSON.parse(answer.text);
  for (const path of ["MsgSeqList[0].MsgSeq", "MsgSeqList[1].MsgSeq"])
    assert.ok(ErrorInfo.includes(path), ErrorInfo);

  const [event] = await gateway.allEvents({ conversation: GroupId });
  assert.deepEqual([event!.valid, event!.state], [false, "quarantined"]);
  const detail = await gateway.event(event!.id);
  assert.deepEqual(detail.body, body);
  assert.deepEqual(detail.issues.map(({ path }: { path: string }) => path).sort(), [
    "MsgSeqList[0].MsgSeq",
    "MsgSeqList[1].MsgSeq",
  ]);
  assert.deepEqual(detail.deliveries, []);

  // A later event arrives, and the quarantined event has not.
  const later = recalled();
  await gateway.send(recall, later);
  await envelope.request((one) => one.body.includes(`"${later.GroupId}"`));
  assert.ok(!envelope.received.some((one) => one.body.includes(`"${GroupId}"`)));
});

test("a before-callback is answered 200 with the default verdict, valid or not, and kept", async () => {
  const { GroupId } = recalled();
  assertAnswer(await gateway.send(before, { GroupId, From_Account: "lan", Random: 1 }), 200);
  assertAnswer(await gateway.send(before, { GroupId, From_Account: null }), 200);
  const events = await until("both are kept", async () => {
    const found = await gateway.allEvents({ conversation: GroupId });
    return found.length === 2 && found;
  });
  assert.deepEqual(
    events.map(({ phase }) => phase),
    ["before", "before"],
  );
  assert.deepEqual(events.map(({ valid }) => valid).sort(), [false, true]);
});

test("a friend request is answered with a verdict for each target", async () => {
  const { status, text } = await gateway.send("Sns.CallbackPrevFriendAdd", {
    From_Account: "lan",
    FriendItem: [{ To_Account: "minh" }, { To_Account: "siti" }],
  });
  assert.equal(status, 200);
  const { ActionStatus, ErrorCode, ErrorInfo, ResultItem } = JSON.parse(text);
  assert.deepEqual([ActionStatus, ErrorCode, ErrorInfo], ["OK", 0, ""]);
  assert.deepEqual(
    ResultItem.map(({ To_Account, ResultCode }: Record<string, unknown>) => [To_Account, ResultCode]),
    [
      ["minh", 0],
      ["siti", 0],
    ],
  );
});

test("60 callbacks at the same time are all kept once", async () => {
  const { GroupId } = recalled();
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, seq) => gateway.send(recall, { GroupId, MsgSeqList: [{ MsgSeq: seq }] })),
  );
  for (const answer of answers) assertAnswer(answer, 200);
  assert.equal(await kept(gateway, GroupId), 60);
});

test("a request that breaks off is not kept", async () => {
  const { GroupId } = recalled();
  const { port } = new URL(gateway.url);
  const half = request({
    port,
    host: "127.0.0.1",
    path: `/${queryOf({ CallbackCommand: recall })}`,
    method: "POST",
  });
  half.setHeader("content-length", 1_000);
  half.on("error", () => {});
  await new Promise((resolve) => half.write(`{"GroupId":"${GroupId}","MsgSeqList":[]`, resolve));
  half.destroy();
  assertAnswer(await gateway.send(recall, recalled()), 200);
  assert.equal(await kept(gateway, GroupId), 0);
});
