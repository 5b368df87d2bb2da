import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { maxBodyBytes } from "../../src/callback/read-callback.ts";
import { samples } from "../callback/samples.ts";
import { startReceiver } from "./receiver.ts";
import { type Answer, eventually, queryOf, type Settings, signed, startWorker, usual } from "./worker.ts";

const ok = '{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}';
const recall = "Group.CallbackAfterRecallMsg";
const before = "Group.CallbackBeforeSendMsg";

const [copy, envelope] = [await startReceiver(), await startReceiver()];
const open: Settings = {
  ...usual,
  ALLOW_PRIVATE_DESTINATIONS: true,
  FORWARD_RULES: [
    { name: "copy", url: `${copy.url}tencent`, format: "raw" },
    { name: "envelope", url: envelope.url },
  ],
};
const worker = await startWorker(open);

let groups = 0;

/** A body of a recall that no other test has sent. */
function recalled(more: object = {}): { GroupId: string; MsgSeqList: object[] } {
  return { GroupId: `@TGS#${++groups}`, MsgSeqList: [{ MsgSeq: 130 }], ...more };
}

function check({ status, text }: Answer, expected: number, names?: RegExp): void {
  assert.equal(status, expected, text);
  if (expected === 200) {
    assert.equal(text, ok);
    return;
  }
  const { ActionStatus, ErrorCode, ErrorInfo, ...rest } = JSON.parse(text);
  assert.deepEqual({ ActionStatus, ErrorCode, rest }, { ActionStatus: "FAIL", ErrorCode: 1, rest: {} });
  assert.equal(typeof ErrorInfo, "string");
  if (names) assert.match(ErrorInfo, names);
}

async function listed(query: string): Promise<Record<string, unknown>[]> {
  const { status, body } = await worker.api(`/api/events?limit=200&${query}`);
  assert.equal(status, 200, JSON.stringify(body));
  return body.events;
}

/** How many events of a conversation are kept. */
async function kept(group: string): Promise<number> {
  return (await listed(`conversation=${encodeURIComponent(group)}`)).length;
}

/** How many events are kept in all. */
async function keptInAll(): Promise<number> {
  let count = 0;
  for (let cursor = ""; ; ) {
    const { body } = await worker.api(`/api/events?limit=200${cursor && `&cursor=${cursor}`}`);
    count += body.events.length;
    if (body.cursor === null) return count;
    cursor = body.cursor;
  }
}

for (const [command, body] of Object.entries(samples))
  test(`${command} as printed is answered OK, kept, and forwarded byte for byte`, async () => {
    check(await worker.send(command, body, { query: { ClientIP: "203.0.113.7", OptPlatform: "iOS" } }), 200);

    const bytes = Buffer.from(body);
    const received = await copy.request((one) => one.body.equals(bytes));
    assert.equal(
      received.url,
      `/tencent${queryOf({ CallbackCommand: command, ClientIP: "203.0.113.7", OptPlatform: "iOS" })}`,
    );
    const wrapped = await envelope.request((one) => one.body.includes(bytes));
    const { data, ...rest } = JSON.parse(wrapped.body.toString());
    assert.equal(wrapped.body.toString(), `${JSON.stringify(rest).slice(0, -1)},"data":${body}}`);

    const [event] = await listed(`command=${command}`);
    assert.equal(event?.valid, true);
    assert.equal(rest.id, event?.id);
    const detail = await fetch(`${worker.url}/api/events/${event?.id}`, {
      headers: { authorization: "Bearer test-admin-token" },
    });
    assert.ok((await detail.text()).includes(`"body":${body}`));
  });

test("integers beyond 2^53, Chinese and emoji travel byte for byte", async () => {
  const body = `{"GroupId":"群组 🐳","MsgSeqList":[],"Big":9007199254740993,"Exact":1.10,"E":1E2,"T":"\\u4f60好👩‍👩‍👧"}`;
  check(await worker.send(recall, body), 200);
  await copy.request((one) => one.body.equals(Buffer.from(body)));
  const wrapped = await envelope.request((one) => one.body.includes(Buffer.from(body)));
  assert.ok(wrapped.body.toString().endsWith(`,"data":${body}}`));
  const [event] = await listed(`conversation=${encodeURIComponent("群组 🐳")}`);
  const { body: detail } = await worker.api(`/api/events/${event?.id}`);
  assert.deepEqual(detail.body, JSON.parse(body));
  assert.equal(event?.size, Buffer.byteLength(body));
});

test("a body of exactly 1 MiB is kept and forwarded; one byte more is 413", async () => {
  const frame = JSON.stringify(recalled({ Fill: "" }));
  const body = frame.replace('""', `"${"x".repeat(maxBodyBytes - frame.length)}"`);
  assert.equal(Buffer.byteLength(body), 1_048_576);
  check(await worker.send(recall, body), 200);
  await copy.request((one) => one.body.equals(Buffer.from(body)));
  check(await worker.send(recall, `${body} `), 413, /1 MiB/);
});

/** A body whose length is told by no header. */
function chunked(body: string, chunk = 65_536): ReadableStream {
  const bytes = Buffer.from(body);
  return ReadableStream.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
    })(),
  );
}

test("a body in chunks is read whole, and 413 if it is too large", async () => {
  const body = JSON.stringify(recalled({ Fill: "好".repeat(100_000) }));
  check(await worker.send(recall, chunked(body, 7_777)), 200);
  await copy.request((one) => one.body.equals(Buffer.from(body)));
  check(await worker.send(recall, chunked("x".repeat(maxBodyBytes + 1))), 413);
  check(await worker.send(recall, chunked("x".repeat(3 * maxBodyBytes))), 413);
  check(await worker.send(recall, "x".repeat(3 * maxBodyBytes)), 413);
});

test("who is refused for another reason learns nothing of the size", async () => {
  const large = "x".repeat(maxBodyBytes + 1);
  check(await worker.send(recall, large, { query: { SdkAppid: "1499999999" } }), 403, /SdkAppid/);
  check(await worker.send(undefined, large), 413);
});

test("probes are answered OK, and nothing is kept", async () => {
  const count = await keptInAll();
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
      const response = await fetch(worker.url + path, {
        method: "POST",
        body,
        duplex: "half",
      } as RequestInit);
      check({ status: response.status, text: await response.text() }, 200);
      assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
    }
  const response = await fetch(`${worker.url}/?SdkAppid=1499999999`, { method: "POST", body: "{}" });
  check({ status: response.status, text: await response.text() }, 403);
  assert.equal(await keptInAll(), count);
});

test("on /, GET and HEAD are a page for people, and other methods 405", async () => {
  const page = await fetch(worker.url);
  assert.equal(page.status, 200);
  assert.ok(!(await page.text()).includes("ActionStatus"));
  assert.equal((await fetch(worker.url, { method: "HEAD" })).status, 200);
  for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS"]) {
    const response = await fetch(`${worker.url}/${queryOf({ CallbackCommand: recall })}`, { method });
    check({ status: response.status, text: await response.text() }, 405);
    assert.match(response.headers.get("allow") ?? "", /POST/);
  }
});

test("what is refused is named, and not kept", async () => {
  const count = await keptInAll();
  const body = recalled();
  const cases: [number, RegExp, Parameters<typeof worker.send>][] = [
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
  for (const [status, names, trial] of cases) check(await worker.send(...trial), status, names);
  assert.equal(await keptInAll(), count);
});

test("parameters of any case and of later days are taken", async () => {
  const body = recalled();
  const query = `sdkappid=1400000000&CALLBACKCOMMAND=${recall}&clientip=203.0.113.9&OPTPLATFORM=Web&New=%20x+y&New=2`;
  const response = await fetch(`${worker.url}/?${query}`, { method: "POST", body: JSON.stringify(body) });
  check({ status: response.status, text: await response.text() }, 200);
  const received = await copy.request((one) => one.body.includes(`"${body.GroupId}"`));
  assert.equal(received.url, `/tencent?${query}`);
  const [event] = await listed(`conversation=${encodeURIComponent(body.GroupId)}`);
  assert.deepEqual([event?.clientIp, event?.platform], ["203.0.113.9", "Web"]);
  const { body: detail } = await worker.api(`/api/events/${event?.id}`);
  assert.deepEqual(detail.query.New, [" x y", "2"]);
});

test("the misprinted Live command is taken for the right one", async () => {
  const body = {
    CallbackCommand: "Live.CallbackAfterMemberStateChanged",
    RoomId: "live-room-7",
    EventType: "Online",
    MemberList: [{ Member_Account: "siti" }],
  };
  check(await worker.send("Live.CallbackMemberStateChanged", body), 200);
  const [event] = await listed("conversation=live-room-7");
  assert.deepEqual([event?.command, event?.known], ["Live.CallbackAfterMemberStateChanged", true]);
});

test("what differs from the documents is an event like any other, and news", async () => {
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
    check(await worker.send(command, text), 200);
    await copy.request((one) => one.body.equals(Buffer.from(text)));
    const [event] = await listed(`command=${command}`);
    assert.equal(event?.valid, true);
    const { body: report } = await worker.api("/api/drift");
    const seen = report.drift.map((one: Record<string, string>) => `${one.command} ${one.path} ${one.seen}`);
    for (const one of drift)
      assert.ok(seen.includes(`${command} ${one}`), `${one} is not in ${seen.join("; ")}`);
  }
});

test("accounts and rooms that are numbers beyond 2^53 are conversations of their own", async () => {
  const room = (id: string) =>
    `{"RoomId":${id},"EventType":"Online","MemberList":[{"Member_Account":${id}}]}`;
  for (const id of ["144115200000000001", "144115200000000003"]) {
    const body = room(id);
    check(await worker.send("Live.CallbackAfterMemberStateChanged", body), 200);
    await copy.request((one) => one.body.equals(Buffer.from(body)));
    const [event, ...more] = await listed(`conversation=${id}`);
    assert.deepEqual([event?.valid, event?.conversation, more], [true, `group:${id}`, []]);
  }
});

test("a group whose name no UTF-8 can hold is kept under a name that any can", async () => {
  const body = '{"GroupId":"half \\ud800","MsgSeqList":[{"MsgSeq":1}],"N\\udfff":1}';
  check(await worker.send(recall, body), 200);
  const [event] = await listed(`conversation=${encodeURIComponent("half \\ud800")}`);
  assert.equal(event?.conversation, "group:half \\ud800");
  const { body: report } = await worker.api("/api/drift");
  assert.ok(report.drift.some(({ path }: { path: string }) => path === "N\\udfff"));
});

test("unknown commands are kept and forwarded, marked as unknown", async () => {
  const body = { GroupId: "tea-house", Cups: 2 };
  check(await worker.send("Tea.CallbackAfterPour", body), 200);
  check(await worker.send("Tea.CallbackBeforePour", body), 200);
  const wrapped = await envelope.request((one) => one.body.includes('"Tea.CallbackAfterPour"'));
  assert.deepEqual(JSON.parse(wrapped.body.toString()).data, body);
  await envelope.request((one) => one.body.includes('"Tea.CallbackBeforePour"'));
  const events = await listed("conversation=tea-house");
  assert.deepEqual(
    new Map(events.map(({ command, phase, known, valid }) => [command, [phase, known, valid]])),
    new Map([
      ["Tea.CallbackAfterPour", ["after", false, true]],
      ["Tea.CallbackBeforePour", ["before", false, true]],
    ]),
  );
});

test("an invalid payload is answered 400 naming every path, kept, and sent to nobody", async () => {
  const { GroupId } = recalled();
  const body = { GroupId, MsgSeqList: [{ MsgSeq: null }, {}, { MsgSeq: "1" }], TopicId: 7 };
  const answer = await worker.send(recall, body);
  check(answer, 400);
  const { ErrorInfo } = JSON.parse(answer.text);
  for (const path of ["MsgSeqList[0].MsgSeq", "MsgSeqList[1].MsgSeq"])
    assert.ok(ErrorInfo.includes(path), ErrorInfo);

  const [event] = await listed(`conversation=${encodeURIComponent(GroupId)}`);
  assert.deepEqual([event?.valid, event?.state], [false, "quarantined"]);
  const { body: detail } = await worker.api(`/api/events/${event?.id}`);
  assert.deepEqual(detail.body, body);
  assert.deepEqual(detail.issues.map(({ path }: { path: string }) => path).sort(), [
    "MsgSeqList[0].MsgSeq",
    "MsgSeqList[1].MsgSeq",
  ]);
  assert.deepEqual(detail.deliveries, []);

  // What comes later has passed it by.
  const later = recalled();
  await worker.send(recall, later);
  await envelope.request((one) => one.body.includes(`"${later.GroupId}"`));
  assert.ok(!envelope.received.some((one) => one.body.includes(`"${GroupId}"`)));
});

test("a before-callback is answered 200 with its default verdict, valid or not, and kept", async () => {
  const { GroupId } = recalled();
  check(await worker.send(before, { GroupId, From_Account: "lan", Random: 1 }), 200);
  check(await worker.send(before, { GroupId, From_Account: null }), 200);
  const events = await eventually(async () => {
    const found = await listed(`conversation=${encodeURIComponent(GroupId)}`);
    return found.length === 2 && found;
  });
  assert.deepEqual(
    events.map(({ phase }) => phase),
    ["before", "before"],
  );
  assert.deepEqual(events.map(({ valid }) => valid).sort(), [false, true]);
});

test("friend requests are answered with a verdict for every target", async () => {
  const { status, text } = await worker.send("Sns.CallbackPrevFriendAdd", {
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

test("requests that begin while others are under way are all kept, each once", async () => {
  const { GroupId } = recalled();
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, seq) => worker.send(recall, { GroupId, MsgSeqList: [{ MsgSeq: seq }] })),
  );
  for (const answer of answers) check(answer, 200);
  assert.equal(await kept(GroupId), 60);
});

test("half a request is no event", async () => {
  const { GroupId } = recalled();
  const { port } = new URL(worker.url);
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
  check(await worker.send(recall, recalled()), 200);
  assert.equal(await kept(GroupId), 0);
});

test("with a token, only signed requests are taken", async () => {
  await worker.configure({ ...open, CALLBACK_TOKEN: "old-token, new-token" });
  const body = recalled();
  const trial = (query: Record<string, string>) => worker.send(recall, body, { query });
  for (const token of ["old-token", "new-token"]) check(await trial(signed(token)), 200);
  check(await trial(signed("new-token", -57)), 200);
  check(await trial(signed("new-token", 57)), 200);
  const { Sign, RequestTime } = signed("new-token");
  check(await trial({ Sign: Sign.toUpperCase(), RequestTime }), 200);
  assert.equal(await kept(body.GroupId), 5);

  check(await trial({}), 403, /Sign is missing/);
  check(await trial({ Sign }), 403, /RequestTime is missing/);
  check(await trial({ RequestTime }), 403, /Sign is missing/);
  check(await trial(signed("other-token")), 403, /Sign/);
  check(await trial({ Sign, RequestTime: String(Number(RequestTime) + 1) }), 403, /Sign/);
  check(await trial(signed("new-token", -61)), 403, /RequestTime/);
  check(await trial(signed("new-token", 63)), 403, /RequestTime/);
  check(await trial({ Sign: "short", RequestTime: "soon" }), 403, /RequestTime/);
  assert.equal(await kept(body.GroupId), 5);

  const probe = await fetch(worker.url, { method: "POST" });
  check({ status: probe.status, text: await probe.text() }, 200);
  const quota = "Group.CallbackOnDailyGroupQuotaAlarm";
  for (const query of [signed("new-token"), { ...signed("new-token"), SdkAppid: undefined }])
    check(await worker.send(quota, "{}", { query }), 200);
  check(await worker.send(quota, "{}"), 403, /Sign is missing/);
  check(await worker.send(quota, "{}", { query: { SdkAppid: undefined } }), 403, /SdkAppid is missing/);
  check(await worker.send(undefined, "", { query: { ...signed("other-token") } }), 403, /Sign/);
  assert.equal((await listed(`command=${quota}`)).length, 0);

  const [event] = await listed(`conversation=${encodeURIComponent(body.GroupId)}`);
  const { body: detail } = await worker.api(`/api/events/${event?.id}`);
  assert.deepEqual(Object.keys(detail.query), ["SdkAppid", "contenttype", "CallbackCommand"]);
  for (const { url } of copy.received) assert.doesNotMatch(url, /sign|requesttime/i);
});

test("with ALLOW_FROM, only addresses that the platform vouches for are taken", async () => {
  await worker.configure({ ...open, ALLOW_FROM: "203.0.113.0/24, 2001:db8:7::/48" });
  const from = (address: string | null, more: object = {}) =>
    worker.send(recall, recalled(), {
      headers: address === null ? {} : { "cf-connecting-ip": address },
      ...more,
    });
  for (const address of ["203.0.113.1", "203.0.113.255", "2001:db8:7::1", "2001:DB8:7:FF::"])
    check(await from(address), 200);
  for (const address of [null, "203.0.114.1", "2001:db8:8::1", "203.0.113.1, 203.0.113.2", "nonsense"])
    check(await from(address), 403, /address/);
  check(await from(null, { headers: { "x-forwarded-for": "203.0.113.1" } }), 403, /address/);
  check(await from("203.0.114.1", { query: { SdkAppid: "1499999999" } }), 403, /address/);
  check(await from("203.0.113.1", { query: { SdkAppid: "1499999999" } }), 403, /SdkAppid/);
  const probe = await fetch(worker.url, { method: "POST" });
  check({ status: probe.status, text: await probe.text() }, 200);
});

test("on a path of its own, GET and HEAD are answered OK, and / is for people only", async () => {
  await worker.configure({ ...open, CALLBACK_PATH: "/tim/callbacks" });
  const count = await keptInAll();
  for (const path of [
    "/tim/callbacks",
    "/tim/callbacks/",
    `/tim/callbacks${queryOf({ CallbackCommand: recall })}`,
  ]) {
    const response = await fetch(worker.url + path);
    check({ status: response.status, text: await response.text() }, 200);
    assert.equal((await fetch(worker.url + path, { method: "HEAD" })).status, 200);
  }
  assert.equal(await keptInAll(), count);
  for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS"]) {
    const response = await fetch(`${worker.url}/tim/callbacks`, { method });
    check({ status: response.status, text: await response.text() }, 405);
  }
  const body = recalled();
  check(await worker.send(recall, body, { path: "/tim/callbacks" }), 200);
  assert.equal(await kept(body.GroupId), 1);

  const elsewhere = recalled();
  assert.equal((await worker.send(recall, elsewhere)).status, 405, "a page for people has this address");
  assert.equal((await worker.send(recall, elsewhere, { path: "/tim" })).status, 404);
  assert.equal(await kept(elsewhere.GroupId), 0);
  assert.equal((await fetch(worker.url)).status, 200);
  assert.equal((await worker.api("/api/events")).status, 200);
});

test("INVALID_PAYLOADS forward: answered OK, kept as invalid, forwarded", async () => {
  await worker.configure({ ...open, INVALID_PAYLOADS: "forward", UNKNOWN_COMMANDS: "reject" });
  const { GroupId } = recalled();
  check(await worker.send(recall, { GroupId, MsgSeqList: 7 }), 200);
  await copy.request((one) => one.body.includes(`"${GroupId}"`));
  const [event] = await listed(`conversation=${encodeURIComponent(GroupId)}`);
  assert.equal(event?.valid, false);
  await eventually(
    async () => (await listed(`conversation=${encodeURIComponent(GroupId)}`))[0]?.state === "delivered",
  );
  check(await worker.send(before, { GroupId, From_Account: {} }), 200);
  await copy.request((one) => one.body.includes(`"${GroupId}"`) && one.url.includes(before));
});

test("UNKNOWN_COMMANDS reject: answered 400 and not kept; also those that ask", async () => {
  const body = { GroupId: "closed-tea-house" };
  for (const command of ["Tea.CallbackAfterPour", "Tea.CallbackBeforePour"])
    check(await worker.send(command, body), 400, /CallbackCommand/);
  check(await worker.send("Tea.CallbackAfterPour", "not json"), 400, /CallbackCommand/);
  assert.equal(await kept("closed-tea-house"), 0);
});

test("INVALID_PAYLOADS reject: answered 400 and not kept; a before-callback 200", async () => {
  await worker.configure({ ...open, INVALID_PAYLOADS: "reject" });
  const count = await keptInAll();
  check(
    await worker.send(recall, { GroupId: [], MsgSeqList: [{}] }),
    400,
    /GroupId.*MsgSeqList\[0\]\.MsgSeq/,
  );
  check(await worker.send(before, { GroupId: [], MsgSeqList: [{}] }), 200);
  assert.equal(await keptInAll(), count);
});

test("not configured: 503 for every callback, and /health says why", async () => {
  await worker.configure({ ...usual, SDK_APP_ID: "" });
  for (const command of [recall, before]) check(await worker.send(command, recalled()), 503);
  const probe = await fetch(worker.url, { method: "POST" });
  check({ status: probe.status, text: await probe.text() }, 503);
  check(await worker.send(recall, recalled(), { query: { SDKAPPID: "1" } }), 503);
  const put = await fetch(worker.url, { method: "PUT" });
  check({ status: put.status, text: await put.text() }, 405);
  const { body } = await worker.api("/health");
  assert.equal(body.status, "degraded");
  assert.ok(body.problems.some((problem: string) => problem.includes("SDK_APP_ID")));
});
