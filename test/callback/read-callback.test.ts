import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { okAnswer, okText } from "../../src/callback/answer.ts";
import { catalogue } from "../../src/callback/catalogue.ts";
import {
  type AcceptedCallback,
  type ReadResult,
  type ReceivingPolicy,
  sentenceOf,
} from "../../src/callback/read-callback.ts";
import type { RefusalReason } from "../../src/callback/refusal.ts";
import { signatureOf } from "../../src/cli/signature.ts";
import { type Request, readCallback } from "./read.ts";
import { samples } from "./samples.ts";

const now = Date.UTC(2026, 10, 22, 8, 30, 0, 7);
const seconds = Math.floor(now / 1000);
const app = "1400000000";
const recall = "Group.CallbackAfterRecallMsg";
const recalled = { GroupId: "@TGS#2EXAMPLEEL", MsgSeqList: [{ MsgSeq: 130 }] };

const open: ReceivingPolicy = {
  apps: [app, "1400000001"],
  tokens: [],
  allows: null,
  unknownCommands: "accept",
  invalidPayloads: "quarantine",
};

function bytesOf(body: string | object | Uint8Array): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}

function queryFor(command: string): string {
  return `SdkAppid=${app}&CallbackCommand=${command}&contenttype=json`;
}

interface Trial {
  query?: string;
  body?: string | object | Uint8Array | null;
  address?: string | null;
  via?: string | null;
  policy?: Partial<ReceivingPolicy>;
}

function read({
  query = queryFor(recall),
  body = recalled,
  address = null,
  via = null,
  policy = {},
}: Trial): ReadResult {
  return readCallback(
    { query, body: body === null ? null : bytesOf(body), address, via },
    { ...open, ...policy },
    now,
  );
}

function accepted(trial: Trial): AcceptedCallback {
  const reading = read(trial);
  if (reading.kind !== "accepted") assert.fail(`is not accepted: ${JSON.stringify(reading)}`);
  return reading;
}

function refusal(trial: Trial): Extract<ReadResult, { kind: "refused" }> {
  const reading = read(trial);
  if (reading.kind !== "refused") assert.fail(`is not refused: ${JSON.stringify(trial)}`);
  return reading;
}

test("an event holds all parameters of its request", () => {
  const body = JSON.stringify({ ...recalled, Text: "你好 🐳" });
  const query = `${queryFor(recall)}&ClientIP=203.0.113.7&OptPlatform=Android&RequestID=9b2d`;
  const { event, keep, definition } = accepted({ query, body });
  assert.deepEqual(event, {
    command: recall,
    phase: "after",
    known: true,
    valid: true,
    quarantined: false,
    app,
    conversation: "group:@TGS#2EXAMPLEEL",
    receivedAt: now,
    clientIp: "203.0.113.7",
    platform: "Android",
    query,
    body,
    size: Buffer.byteLength(body),
    issues: [],
  });
  assert.equal(keep, true);
  assert.equal(definition, catalogue.get(recall));
});

for (const [command, body] of Object.entries(samples))
  test(`reads ${command} as Tencent's pages print it`, () => {
    const { event } = accepted({ query: queryFor(command), body });
    assert.deepEqual(event.issues, []);
    assert.equal(event.valid, true);
    assert.equal(event.body, body);
  });

test("the first failing check is named", () => {
  const token = "first-token";
  const policy: Partial<ReceivingPolicy> = {
    tokens: [token],
    allows: (address) => address === "203.0.113.7",
    unknownCommands: "reject",
  };
  interface Parts {
    query: Record<string, string>;
    extra: string;
    body: string | null;
    address: string;
  }
  const faults: [reason: RefusalReason, status: number, spoil: (parts: Parts) => void][] = [
    ["repeated", 400, (parts) => (parts.extra = "&sign=1&SIGN=2")],
    ["address", 403, (parts) => (parts.address = "203.0.113.8")],
    ["app", 403, (parts) => (parts.query.SdkAppid = "1499999999")],
    ["app", 403, (parts) => delete parts.query.SdkAppid],
    ["signature", 403, (parts) => (parts.query.Sign = "0".repeat(64))],
    ["signature", 403, (parts) => delete parts.query.RequestTime],
    ["size", 413, (parts) => (parts.body = null)],
    ["command", 400, (parts) => delete parts.query.CallbackCommand],
    ["command", 400, (parts) => (parts.query.CallbackCommand = "Tea.CallbackAfterPour")],
    ["json", 400, (parts) => (parts.body = "{")],
    ["payload", 400, (parts) => (parts.body = '{"MsgSeqList":1}')],
  ];
  for (const [first, [reason, status, spoil]] of faults.entries())
    for (const [, , spoilAgain] of faults.slice(first)) {
      const parts: Parts = {
        query: {
          SdkAppid: app,
          CallbackCommand: recall,
          Sign: signatureOf(token, String(seconds)),
          RequestTime: String(seconds),
        },
        extra: "",
        body: JSON.stringify(recalled),
        address: "203.0.113.7",
      };
      spoilAgain(parts);
      spoil(parts);
      const query = new URLSearchParams(parts.query) + parts.extra;
      const refused = refusal({
        query,
        body: parts.body,
        address: parts.address,
        policy: { ...policy, invalidPayloads: "reject" },
      });
      assert.deepEqual([refused.reason, refused.status], [reason, status], `${spoil} then ${spoilAgain}`);
    }
});

const signedQuery = (rest: string, token = "t", time = seconds) =>
  `${rest}&Sign=${signatureOf(token, String(time))}&RequestTime=${time}`;

test("an empty body or object is a probe with any command in the query", () => {
  const named = "Group.CallbackOnDailyGroupQuotaAlarm";
  for (const query of [
    "",
    `SdkAppid=${app}`,
    "contenttype=json",
    "CallbackCommand=",
    "SdkAppid=",
    queryFor(recall),
    queryFor(named),
    `sdkappid=${app}&CALLBACKCOMMAND=${named}`,
    `CallbackCommand=${recall}`,
    "CallbackCommand=Tea.CallbackAfterPour",
  ])
    for (const body of ["", "{}", " { \n} ", "\r\n\t"]) {
      const policies: Partial<ReceivingPolicy>[] = [
        {},
        { allows: () => false },
        { unknownCommands: "reject" },
      ];
      for (const policy of policies)
        assert.deepEqual(read({ query, body, policy }), { kind: "probe" }, JSON.stringify([query, body]));
      assert.deepEqual(read({ query: signedQuery(query), body, policy: { tokens: ["t"] } }), {
        kind: "probe",
      });
    }
});

test("a probe with a command or a Sign needs a valid signature; without both it needs none", () => {
  const policy = { tokens: ["t"], allows: () => false };
  for (const query of ["", `SdkAppid=${app}`, "contenttype=json", "CallbackCommand=&Sign="])
    assert.deepEqual(read({ query, body: "{}", policy }), { kind: "probe" });
  for (const query of [
    queryFor(recall),
    `CallbackCommand=${recall}`,
    signedQuery(queryFor(recall), "another"),
    signedQuery("contenttype=json", "t", seconds - 100),
    `Sign=${signatureOf("t", String(seconds))}`,
  ]) {
    assert.equal(refusal({ query, body: "{}", policy }).reason, "address", query);
    const { reason } = refusal({ query, body: "{}", policy: { tokens: ["t"] } });
    assert.ok(["app", "signature"].includes(reason), `${query}: ${reason}`);
  }
});

test("a probe with a trusted head may hold much white space", () => {
  const space = " \r\n\t".repeat(1000);
  for (const policy of [{}, { tokens: ["t"] }, { unknownCommands: "reject" }] as const)
    for (const body of [space, `${space}{}`, `{}${space}`, `{${space}}`, " ".repeat(65)])
      assert.deepEqual(read({ query: signedQuery(queryFor(recall)), body, policy }), { kind: "probe" });
  for (const body of [`${space}{`, `${space}}`, `${space}{}{}`, `${space}[]`])
    assert.equal(refusal({ body }).reason, "json", body.trim());
});

test("no other body is a probe", () => {
  const cases: [Trial, RefusalReason][] = [
    [{ query: "SdkAppid=1499999999", body: "" }, "app"],
    [{ query: "", body: '{"a":1}' }, "app"],
    [{ query: "", body: "[]" }, "app"],
    [{ query: "", body: null }, "app"],
    [{ query: "", body: `${" ".repeat(63)}{}` }, "app"],
    [{ query: "", body: new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d]) }, "app"],
    [{ query: `SdkAppid=${app}`, body: "null" }, "command"],
    [{ query: `SdkAppid=${app}&SDKAPPID=${app}`, body: "" }, "repeated"],
    [{ query: "Sign=1&sign=1", body: "" }, "repeated"],
  ];
  for (const [trial, reason] of cases) assert.equal(refusal(trial).reason, reason, JSON.stringify(trial));
});

test("parameters are found regardless of case", () => {
  const { event } = accepted({
    query: `sdkAPPID=${app}&CALLBACKCOMMAND=${recall}&clientip=203.0.113.9&OPTPLATFORM=iOS`,
  });
  assert.equal(event.app, app);
  assert.equal(event.command, recall);
  assert.equal(event.clientIp, "203.0.113.9");
  assert.equal(event.platform, "iOS");
});

test("a deciding parameter given twice, in any case, is refused by name", () => {
  for (const name of ["SdkAppid", "CallbackCommand", "Sign", "RequestTime"])
    for (const [once, again] of [
      [name, name],
      [name, name.toLowerCase()],
      [name.toUpperCase(), name],
    ])
      for (const value of ["x", ""]) {
        const rest = queryFor(recall)
          .split("&")
          .filter((part) => !part.toLowerCase().startsWith(name.toLowerCase()));
        const refused = refusal({ query: [...rest, `${once}=x`, `${again}=${value}`].join("&") });
        assert.equal(refused.reason, "repeated");
        assert.equal(refused.status, 400);
        assert.match(refused.sentence, new RegExp(name, "i"));
      }
});

test("the loop header is kept if it is well-formed", () => {
  for (const [via, kept] of [
    ["gw_1, gw_2", "gw_1, gw_2"],
    ["", undefined],
    ["gw_1;gw_2", undefined],
    [null, undefined],
  ] as const)
    assert.equal(accepted({ via }).event.via, kept, String(via));
});

test("any other parameter may come twice, and both are kept", () => {
  const query = `${queryFor(recall)}&ClientIP=203.0.113.1&ClientIP=203.0.113.2&x=1&x=2`;
  const { event } = accepted({ query });
  assert.equal(event.clientIp, "203.0.113.1");
  assert.equal(event.query, query);
});

test("the query keeps its order and encoding, without Sign and RequestTime", () => {
  const { event } = accepted({
    query: `b=%E4%BD%A0+x&&${queryFor(recall)}&SIGN=abc&a=%2f&requesttime=1&empty&Signature=1&=2`,
  });
  assert.equal(event.query, `b=%E4%BD%A0+x&${queryFor(recall)}&a=%2f&empty&Signature=1&=2`);
});

test("any configured app is accepted, and no other app", () => {
  assert.equal(accepted({ query: `SdkAppid=1400000001&CallbackCommand=${recall}` }).event.app, "1400000001");
  for (const other of ["14000000000", "140000000", "01400000000", "1400000000,1400000001", "1400000000%20"]) {
    const refused = refusal({ query: `SdkAppid=${other}&CallbackCommand=${recall}` });
    assert.deepEqual([refused.reason, refused.status], ["app", 403]);
  }
  const missing = refusal({ query: `CallbackCommand=${recall}` });
  const wrong = refusal({ query: `SdkAppid=1&CallbackCommand=${recall}` });
  assert.notEqual(missing.sentence, wrong.sentence);
});

test("the signature is checked only with a token, and any of several tokens may have signed", () => {
  const signedWith = (token: string, time = seconds) =>
    `${queryFor(recall)}&Sign=${signatureOf(token, String(time))}&RequestTime=${time}`;
  const policy = { tokens: ["old-token", "new-token"] };
  accepted({ query: `${queryFor(recall)}&Sign=nonsense&RequestTime=1` });
  accepted({ query: signedWith("old-token"), policy });
  accepted({ query: signedWith("new-token"), policy });
  accepted({
    query: signedWith("new-token").replace(/Sign=\w+/, (sign) => `sIgN=${sign.slice(5).toUpperCase()}`),
    policy,
  });
  accepted({ query: signedWith("new-token", seconds - 60), policy });
  accepted({ query: signedWith("new-token", seconds + 60), policy });
  const wrong: [string, RegExp][] = [
    [queryFor(recall), /Sign is missing/],
    [`${queryFor(recall)}&Sign=&RequestTime=${seconds}`, /Sign is missing/],
    [`${queryFor(recall)}&Sign=${signatureOf("old-token", String(seconds))}`, /RequestTime is missing/],
    [signedWith("other-token"), /Sign/],
    [signedWith("old-tokennew-token"), /Sign/],
    [signedWith("new-token", seconds - 61), /RequestTime/],
    [signedWith("new-token", seconds + 62), /RequestTime/],
    [signedWith("new-token").replace(String(seconds), String(seconds - 1)), /Sign/],
  ];
  for (const [query, names] of wrong) {
    const refused = refusal({ query, policy });
    assert.deepEqual([refused.reason, refused.status], ["signature", 403], query);
    assert.match(refused.sentence, names);
  }
});

test("the address is checked before the app and the signature", () => {
  const asked: (string | null)[] = [];
  const allows = (address: string | null) => {
    asked.push(address);
    return address === "203.0.113.7";
  };
  accepted({ address: "203.0.113.7", policy: { allows } });
  const refused = refusal({ address: null, policy: { allows } });
  assert.deepEqual([refused.reason, refused.status], ["address", 403]);
  assert.deepEqual(asked, ["203.0.113.7", null]);
});

test("a body that is not a JSON object in UTF-8 is refused with the reason", () => {
  const cases: [string | Uint8Array, RegExp][] = [
    [new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]), /UTF-8/],
    [new Uint8Array([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d]), /UTF-8/],
    [Buffer.from('{"GroupId":"中"}', "utf16le"), /JSON|UTF-8/],
    [Buffer.from(`\ufeff${JSON.stringify(recalled)}`), /byte order mark/],
    ["hello", /not JSON: .* position 0 /],
    ["{'a':1}", /not JSON: .* position 1 \(line 1, column 2\)/],
    ['{"a":1,\n}', /not JSON: .* position 8 \(line 2, column 1\)/],
    ['{"a":NaN}', /not JSON: .* position 5 /],
    ['{"a":1} // after', /not JSON: .* position 8 /],
    [`${JSON.stringify(recalled)}x`, /not JSON/],
    ['{"GroupId":"a-private-word', /not JSON: it ends too early, at position 26/],
    [new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]), /is gzip: send it as plain JSON/],
    ["[]", /not a JSON object/],
    ["null", /not a JSON object/],
    ["1", /not a JSON object/],
    ['"{}"', /not a JSON object/],
    [JSON.stringify([recalled]), /not a JSON object/],
  ];
  for (const [body, names] of cases) {
    const refused = refusal({ body });
    assert.deepEqual([refused.reason, refused.status], ["json", 400]);
    assert.match(refused.sentence, names);
    assert.ok(!refused.sentence.includes("private"));
  }
});

test("a command in the body must equal the command in the URL", () => {
  accepted({ body: { ...recalled, CallbackCommand: recall } });
  for (const none of ["", null]) accepted({ body: { ...recalled, CallbackCommand: none } });
  const others: [unknown, string][] = [
    ["Group.CallbackAfterSendMsg", "Group.CallbackAfterSendMsg"],
    ["group.callbackafterrecallmsg", "group.callbackafterrecallmsg"],
    [7, "a number"],
    [[recall], "an array"],
    [false, "a boolean"],
    [`${"x".repeat(127)}🐳${"y".repeat(1000)}`, `${"x".repeat(127)},`],
    ["\ud800", "\\ud800"],
  ];
  for (const [other, named] of others) {
    const refused = refusal({ body: { ...recalled, CallbackCommand: other } });
    assert.deepEqual([refused.reason, refused.status], ["command", 400], String(other));
    assert.ok(refused.sentence.startsWith(`CallbackCommand in the body is ${named}`), refused.sentence);
    assert.ok(refused.sentence.endsWith(`but in the URL ${recall}`), refused.sentence);
  }
});

test("a malformed or overlong command is refused under any policy", () => {
  const longest = `Tea.${"x".repeat(124)}`;
  accepted({ query: queryFor(longest), body: { Any: 1 } });
  for (const [name, says] of [
    [`${longest}x`, /longer than 128 characters/],
    ["Tea%20Time", /letters, digits/],
    ["%E8%8C%B6.CallbackAfterPour", /letters, digits/],
    ["%00", /letters, digits/],
    ["a%0Ab", /letters, digits/],
    ["a*", /letters, digits/],
  ] as const)
    for (const unknownCommands of ["accept", "reject"] as const) {
      const refused = refusal({ query: queryFor(name), body: { Any: 1 }, policy: { unknownCommands } });
      assert.deepEqual([refused.reason, refused.status], ["command", 400]);
      assert.match(refused.sentence, says);
    }
});

test("the misprinted command of the Live page is accepted in the URL and in the body", () => {
  const right = "Live.CallbackAfterMemberStateChanged";
  const wrong = "Live.CallbackMemberStateChanged";
  const { example } = catalogue.get(right)!;
  for (const [url, inside] of [
    [wrong, right],
    [right, wrong],
    [wrong, wrong],
    [right, right],
  ] as const) {
    const { event } = accepted({ query: queryFor(url), body: { ...example, CallbackCommand: inside } });
    assert.equal(event.command, right);
    assert.equal(event.known, true);
    assert.equal(event.valid, true);
  }
  refusal({ query: queryFor(wrong), body: { CallbackCommand: recall } });
});

test("unknown commands are accepted or rejected by policy, and their phase follows from the name", () => {
  const phases: [string, "before" | "after"][] = [
    ["Tea.CallbackAfterPour", "after"],
    ["Tea.CallbackPour", "after"],
    ["Tea.CallbackBeforePour", "before"],
    ["Tea.CallbackPrevPour", "before"],
    ["CallbackBeforePour", "before"],
    ["Tea.Black.CallbackBeforePour", "before"],
    ["CallbackBefore.Pour", "after"],
    ["Tea.NoCallbackBeforePour", "after"],
    ["toString", "after"],
    ["__proto__", "after"],
  ];
  for (const [command, phase] of phases) {
    const { event, keep, definition } = accepted({ query: queryFor(command), body: { Any: 1 } });
    assert.deepEqual(
      [event.command, event.phase, event.known, event.valid, keep, definition],
      [command, phase, false, true, true, null],
    );
    const refused = refusal({
      query: queryFor(command),
      body: { Any: 1 },
      policy: { unknownCommands: "reject" },
    });
    assert.deepEqual([refused.reason, refused.status], ["command", 400]);
  }
  accepted({ policy: { unknownCommands: "reject" } });
});

test("an invalid payload is treated by policy", () => {
  const body = { GroupId: 7.5, MsgSeqList: [{ MsgSeq: 1 }, { MsgSeq: null }, {}] };
  const paths = ["GroupId", "MsgSeqList[1].MsgSeq", "MsgSeqList[2].MsgSeq"];

  const quarantined = accepted({ body, policy: { invalidPayloads: "quarantine" } });
  assert.deepEqual(
    [quarantined.keep, quarantined.event.valid, quarantined.event.quarantined],
    [true, false, true],
  );
  assert.deepEqual(quarantined.event.issues.map(({ path }) => path).sort(), paths);

  const forwarded = accepted({ body, policy: { invalidPayloads: "forward" } });
  assert.deepEqual(
    [forwarded.keep, forwarded.event.valid, forwarded.event.quarantined],
    [true, false, false],
  );

  const rejected = refusal({ body, policy: { invalidPayloads: "reject" } });
  assert.deepEqual([rejected.reason, rejected.status], ["payload", 400]);
  for (const path of paths) assert.ok(rejected.sentence.includes(path), path);
  assert.equal(rejected.sentence, sentenceOf(recall, quarantined.event.issues));
});

test("a before-callback is never refused for its payload; under reject it is not kept", () => {
  const query = queryFor("Group.CallbackBeforeSendMsg");
  for (const invalidPayloads of ["quarantine", "forward", "reject"] as const) {
    const { event, keep } = accepted({ query, body: { GroupId: 1 }, policy: { invalidPayloads } });
    assert.equal(event.phase, "before");
    assert.equal(event.valid, false);
    assert.equal(keep, invalidPayloads !== "reject");
    assert.equal(event.quarantined, invalidPayloads !== "forward");
  }
});

test("no refusal quotes the value of a field", () => {
  const secret = "a-private-word";
  const body = { GroupId: { secret }, MsgSeqList: [{ MsgSeq: secret }], TopicId: [secret] };
  const { sentence } = refusal({ body, policy: { invalidPayloads: "reject" } });
  assert.ok(!sentence.includes(secret));
  const sign = "f".repeat(64);
  const { sentence: ofSign } = refusal({
    query: `${queryFor(recall)}&Sign=${sign}&RequestTime=${seconds}`,
    policy: { tokens: ["the-token"] },
  });
  assert.ok(!ofSign.includes(sign) && !ofSign.includes("the-token"));
});

test("a body nested deeper than the stack is read", () => {
  const deep = (inner: string) => `${"[".repeat(200_000)}${inner}${"]".repeat(200_000)}`;
  const known = accepted({ body: `{"GroupId":"g","MsgSeqList":[],"More":${deep("1")}}` });
  assert.equal(known.event.valid, true);
  const unknown = accepted({
    query: queryFor("Tea.CallbackAfterPour"),
    body: `{"More_Account":${deep("1")}}`,
  });
  assert.equal(unknown.event.conversation, null);
});

/** Whether the second callback is a duplicate of the first. */
function repeats(first: Trial, second: Trial): boolean {
  const { identities } = accepted(first);
  return accepted(second).identities.some((identity) => identities.includes(identity));
}

const withId = (id: string, command = recall) => `${queryFor(command)}&RequestID=${id}`;
const groupSend = "Group.CallbackAfterSendMsg";
const sent = catalogue.get(groupSend)!.example as Record<string, unknown>;
const c2cSend = "C2C.CallbackAfterSendMsg";
const chat = catalogue.get(c2cSend)!.example as Record<string, unknown>;
const { EventTime: _, ...sentWithoutTime } = sent;

const repeated: Record<string, [Trial, Trial]> = {
  "the same request id and body": [{ query: withId("a") }, { query: withId("a") }],
  "the same request id in another spelling": [
    { query: withId("a") },
    { query: withId("a").replace("RequestID", "requestid") },
  ],
  "the same request id and body, with another signature and client": [
    { query: `${withId("a")}&Sign=1&RequestTime=1&ClientIP=203.0.113.1` },
    { query: `${withId("a")}&Sign=2&RequestTime=2&ClientIP=203.0.113.2` },
  ],
  "the identical body that holds a time": [
    { body: { ...recalled, EventTime: 1718000000000 } },
    { query: withId("b"), body: { ...recalled, EventTime: 1718000000000 } },
  ],
  "the identical body that holds a time somewhere inside": [
    { query: queryFor("Tea.CallbackAfterPour"), body: { Events: [{ EventTime: "1" }] } },
    { query: queryFor("Tea.CallbackAfterPour"), body: { Events: [{ EventTime: "1" }] } },
  ],
  "a group message, told in other words": [
    { query: queryFor(groupSend), body: sent },
    { query: queryFor(groupSend), body: { ...sent, EventTime: 1, MsgBody: [], Type: "Public" } },
  ],
  "a one-to-one message, told in other words": [
    { query: queryFor(c2cSend), body: chat },
    { query: queryFor(c2cSend), body: { ...chat, EventTime: 1, UnreadMsgNum: 3 } },
  ],
};

for (const [what, [first, second]] of Object.entries(repeated))
  test(`is a duplicate: ${what}`, () => assert.ok(repeats(first, second)));

const distinct: Record<string, [Trial, Trial]> = {
  "the same body without a time": [{}, {}],
  "the same body without a time, with other request ids": [{ query: withId("a") }, { query: withId("b") }],
  "the same body, its time within a text only": [
    { body: { ...recalled, Note: '"EventTime": 1' } },
    { body: { ...recalled, Note: '"EventTime": 1' } },
  ],
  "the same request id with another body": [
    { query: withId("a") },
    { query: withId("a"), body: { ...recalled, MsgSeqList: [{ MsgSeq: 131 }] } },
  ],
  "the same request id with the body laid out differently": [
    { query: withId("a") },
    { query: withId("a"), body: JSON.stringify(recalled, null, 1) },
  ],
  "the same body of another command": [
    { query: queryFor("Group.CallbackAfterGroupFull"), body: { GroupId: "g", EventTime: 1 } },
    { query: queryFor("Tea.CallbackAfterGroupFull"), body: { GroupId: "g", EventTime: 1 } },
  ],
  "the same body of another app": [
    { body: { ...recalled, EventTime: 1 } },
    { query: queryFor(recall).replace(app, "1400000001"), body: { ...recalled, EventTime: 1 } },
  ],
  "a group message of another number": [
    { query: queryFor(groupSend), body: sent },
    { query: queryFor(groupSend), body: { ...sent, MsgSeq: 131 } },
  ],
  "a group message of another random": [
    { query: queryFor(groupSend), body: sent },
    { query: queryFor(groupSend), body: { ...sent, Random: 1 } },
  ],
  "a group message in another topic": [
    { query: queryFor(groupSend), body: sent },
    { query: queryFor(groupSend), body: { ...sent, TopicId: "@TGS#_@TGS#cEXAMPLE62CJ@TOPIC#_Gear" } },
  ],
  "a group message that lacks its random, and holds no time": [
    { query: queryFor(groupSend), body: { ...sentWithoutTime, Random: undefined } },
    { query: queryFor(groupSend), body: { ...sentWithoutTime, Random: undefined } },
  ],
  "a one-to-one message the other way": [
    { query: queryFor(c2cSend), body: chat },
    {
      query: queryFor(c2cSend),
      body: { ...chat, From_Account: chat.To_Account, To_Account: chat.From_Account },
    },
  ],
};

for (const [what, [first, second]] of Object.entries(distinct))
  test(`is no duplicate: ${what}`, () => assert.ok(!repeats(first, second)));

test("a group message that lacks a part of its identity is compared by its body, if the body holds a time", () => {
  const body = { ...sent, Random: undefined };
  assert.ok(repeats({ query: queryFor(groupSend), body }, { query: queryFor(groupSend), body }));
  assert.ok(
    !repeats(
      { query: queryFor(groupSend), body },
      { query: queryFor(groupSend), body: { ...body, EventTime: 1 } },
    ),
  );
});

test("edits and receipts of one message are no duplicates", () => {
  for (const command of ["C2C.CallbackAfterMsgReport", "Group.CallbackAfterReadReceipt"]) {
    const { example } = catalogue.get(command)!;
    const query = queryFor(command);
    assert.ok(
      !repeats({ query, body: { ...example, EventTime: 1 } }, { query, body: { ...example, EventTime: 2 } }),
    );
  }
});

test("invalid events and before-callbacks have no identity", () => {
  const invalid = { query: withId("a"), body: { GroupId: true, EventTime: 1 } };
  assert.deepEqual(accepted(invalid).identities, []);
  const before = {
    query: withId("a", "Group.CallbackBeforeSendMsg"),
    body: catalogue.get("Group.CallbackBeforeSendMsg")!.example,
  };
  assert.equal(accepted(before).event.valid, true);
  assert.deepEqual(accepted(before).identities, []);
});

const large = "144115200000000001";
const larger = "144115200000000003";

test("accounts that differ only beyond 2^53 have different conversations and identities", () => {
  const told = (account: string): Trial => ({
    query: queryFor(c2cSend),
    body: JSON.stringify({ ...chat, From_Account: 0 }).replace(
      '"From_Account":0',
      `"From_Account": ${account}`,
    ),
  });
  const [one, other] = [accepted(told(large)), accepted(told(larger))];
  assert.equal(one.event.conversation, `c2c:${large},minh`);
  assert.equal(other.event.conversation, `c2c:${larger},minh`);
  assert.notEqual(one.shardKey, other.shardKey);
  assert.ok(!repeats(told(large), told(larger)));
  assert.ok(repeats(told(large), told(large)));
  assert.ok(repeats(told(large), told(`"${large}"`)), "a text names the account that a number names");
  assert.ok(one.event.body.includes(`"From_Account": ${large}`));
});

test("so have groups and rooms, also in nested objects and in unknown commands", () => {
  const conversation = (command: string, body: string) =>
    accepted({ query: queryFor(command), body }).event.conversation;
  assert.equal(conversation(recall, `{"GroupId":${large},"MsgSeqList":[]}`), `group:${large}`);
  assert.equal(conversation("Tea.CallbackAfterPour", `{"RoomId":${large}}`), `group:${large}`);
  assert.equal(conversation("Tea.CallbackAfterPour", `{"Cup_Account":-${large}}`), `account:-${large}`);
  const created = `{"RoomInfo":{"RoomId":${large},"Owner_Account":${large}}}`;
  assert.equal(conversation("Live.CallbackAfterCreateRoom", created), `group:${large}`);
  assert.equal(conversation(recall, `{"Group\\u0049d":${large},"MsgSeqList":[]}`), `group:${large}`);
  // If the exact id is unknown, there is no conversation rather than a wrong one.
  const deep = "[".repeat(30_000) + "]".repeat(30_000);
  assert.equal(conversation(recall, `{"GroupId":${large},"MsgSeqList":[],"x":${deep}}`), null);
});

test("a number that JSON has rounded is no part of an identity", () => {
  const told = (seq: string): Trial => ({
    query: queryFor(groupSend),
    body: JSON.stringify({ ...sentWithoutTime, MsgSeq: 0 }).replace('"MsgSeq":0', `"MsgSeq":${seq}`),
  });
  assert.ok(repeats(told("1"), told("1")));
  assert.ok(!repeats(told(large), told(larger)));
});

test("a group whose name has a lone surrogate is a group of its own", () => {
  const conversation = (name: string) =>
    accepted({ body: `{"GroupId":"${name}","MsgSeqList":[]}` }).event.conversation;
  assert.equal(conversation("a\\ud800"), "group:a\\ud800");
  assert.equal(conversation("a\\udbff"), "group:a\\udbff");
  assert.notEqual(conversation("a\\\\ud800"), conversation("a\\ud800"));
  assert.equal(conversation("a\\ud83d\\udc33"), "group:a🐳");
});

test("a conversation of an app goes to one shard; events without a conversation spread by content", () => {
  const key = (trial: Trial) => accepted(trial).shardKey;
  const other = { ...recalled, MsgSeqList: [{ MsgSeq: 131 }] };
  assert.equal(key({}), key({ body: other }));
  assert.equal(key({}), key({ query: queryFor(groupSend), body: { ...sent, GroupId: recalled.GroupId } }));
  assert.notEqual(key({}), key({ body: { ...recalled, GroupId: "@TGS#2OTHEREL" } }));
  assert.notEqual(key({}), key({ query: queryFor(recall).replace(app, "1400000001") }));
  const tea = queryFor("Tea.CallbackAfterPour");
  assert.notEqual(key({ query: tea, body: { Cup: 1 } }), key({ query: tea, body: { Cup: 2 } }));
  assert.equal(key({ query: tea, body: { Cup: 1 } }), key({ query: tea, body: { Cup: 1 } }));
});

/** Invariants of every result. */
function checkReading(request: Request, policy: ReceivingPolicy): ReadResult {
  const reading = readCallback(request, policy, now);
  if (reading.kind === "refused") {
    assert.ok(reading.sentence.length > 10, "says why");
    assert.match(String(reading.status), /^4(00|03|13)$/);
    if (reading.reason === "payload") assert.match(reading.sentence, /: \S+: (expected|is) /);
  }
  if (reading.kind === "accepted") {
    const { event, definition, body } = reading;
    assert.deepEqual(Buffer.from(event.body), Buffer.from(request.body!), "the same bytes");
    assert.equal(event.size, request.body!.byteLength);
    assert.ok(policy.apps.includes(event.app));
    assert.equal(event.valid, event.issues.length === 0);
    assert.doesNotMatch(`&${event.query}`, /&(sign|requesttime)=/i);
    for (const { message } of event.issues) assert.ok(message.length > 0);
    JSON.parse(definition ? okAnswer(definition.answer, body) : okText);
  }
  return reading;
}

const policies = fc.record<ReceivingPolicy>({
  apps: fc.constantFrom([app], ["1400000001", app]),
  tokens: fc.constantFrom([], [], ["a-token"]),
  allows: fc.constant(null),
  unknownCommands: fc.constantFrom("accept", "reject"),
  invalidPayloads: fc.constantFrom("quarantine", "forward", "reject"),
});

const commands = fc.constantFrom(...catalogue.keys());

test("property: no body and no query make readCallback throw", () => {
  const query = fc.oneof(
    fc.string(),
    fc.string({ unit: "binary" }),
    commands.map(queryFor),
    fc.tuple(commands, fc.string()).map(([command, rest]) => `${queryFor(command)}&${rest}`),
  );
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.string().map((text) => Buffer.from(text)),
    fc.json().map((text) => Buffer.from(text)),
    fc.dictionary(fc.string(), fc.jsonValue()).map((value) => Buffer.from(JSON.stringify(value))),
  );
  fc.assert(
    fc.property(query, fc.option(body), policies, (query, body, policy) => {
      checkReading({ query, body, address: null }, policy);
    }),
    { numRuns: 3_000 },
  );
});

/** Every path in a value, the value itself first. */
function placesIn(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: (string | number)[], by: unknown): unknown {
  if (key === undefined) return by;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  if (rest.length === 0 && by === undefined && !Array.isArray(copy)) delete copy[key];
  else copy[key] = replaced(copy[key], rest, by);
  return copy;
}

test("property: a valid body with one changed value is an event, or a refusal that names the value's path", () => {
  const mutation = commands.chain((name) => {
    const { example } = catalogue.get(name)!;
    const paths = placesIn(example).slice(1);
    return fc.record({
      name: fc.constant(name),
      example: fc.constant(example),
      path: paths.length > 0 ? fc.constantFrom(...paths) : fc.constant<(string | number)[]>(["More"]),
      by: fc.oneof(fc.constant(undefined), fc.jsonValue({ maxDepth: 2 })),
    });
  });
  fc.assert(
    fc.property(mutation, policies, ({ name, example, path, by }, policy) => {
      const body = Buffer.from(JSON.stringify(replaced(example, path, by)));
      const reading = checkReading({ query: queryFor(name), body, address: null }, { ...policy, tokens: [] });
      if (path[0] === "CallbackCommand") return;
      const [key] = path;
      if (reading.kind === "refused") assert.ok(reading.sentence.includes(String(key)), reading.sentence);
      else if (reading.kind === "accepted")
        for (const { path } of reading.event.issues) assert.ok(path.startsWith(String(key)), path);
    }),
    { numRuns: 3_000 },
  );
});

test("property: a sample with flipped bytes never makes readCallback throw", () => {
  const flipped = fc
    .tuple(
      fc.constantFrom(...Object.entries(samples)),
      fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 8 }),
    )
    .map(([[command, text], flips]) => {
      const body = Buffer.from(text);
      for (const [at, value] of flips) body[at % body.length] = value;
      return { command, body };
    });
  fc.assert(
    fc.property(flipped, policies, ({ command, body }, policy) => {
      checkReading({ query: queryFor(command), body, address: null }, policy);
    }),
    { numRuns: 2_000 },
  );
});
