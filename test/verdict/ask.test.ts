import assert from "node:assert/strict";
import { test } from "node:test";
import { Webhook } from "standardwebhooks";
import { ask } from "../../src/verdict/ask.ts";
import { httpsAddress } from "../delivery/sample.ts";
import { askRule, type Backend, contextWith, hangs, questionOf, says } from "./sample.ts";

const invite = "Group.CallbackBeforeInviteJoinGroup";
const [a, b, c] = ["https://a.example.com/", "https://b.example.com/", "https://c.example.com/"];
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/** Asks several backends, each with its own behaviour. */
function askAll(backends: Record<string, Backend>, deadlineMs = 1200, command = invite) {
  const rule = askRule({ asks: Object.keys(backends).map((url) => httpsAddress(url)), deadlineMs });
  return ask(
    rule,
    questionOf(command),
    contextWith((url, init) => backends[url]!(url, init)),
  );
}

test("a backend gets the event's signed envelope, and must not redirect", async () => {
  const question = questionOf("C2C.CallbackBeforeSendMsg");
  let asked: RequestInit = {};
  const context = contextWith((_url, init) => {
    asked = init;
    return says({ ErrorCode: 0 });
  });
  await ask(askRule({ secrets: [secret], headers: { "X-Team": "safety" } }), question, context);
  assert.equal(asked.method, "POST");
  assert.equal(asked.redirect, "manual");
  const headers = asked.headers as Record<string, string>;
  assert.equal(headers["x-team"], "safety");
  assert.equal(headers["webhook-id"], question.event.id);
  const told = new Webhook(secret).verify(asked.body as string, headers) as Record<string, unknown>;
  assert.equal(told.type, "C2C.CallbackBeforeSendMsg");
  assert.deepEqual(told.data, question.body);
});

test("there is no verdict after the deadline or the request's own limit", async () => {
  assert.deepEqual(await askAll({ [a]: hangs }, 5), {
    how: "timeout",
    reason: "no verdict within 5 ms",
    alive: false,
  });
  const late = await ask(askRule(), questionOf(invite), contextWith(hangs, { until: Date.now() - 1 }));
  assert.deepEqual(late, { how: "timeout", reason: "no verdict within 0 ms", alive: false });
});

test("a backend that ignores the abort is not waited for", async () => {
  const deaf: Backend = () => new Promise(() => {});
  assert.equal(((await askAll({ [a]: deaf }, 5)) as { how: string }).how, "timeout");
});

test("the first refusal wins at once, and other requests are aborted", async () => {
  let letGo = false;
  const waiting: Backend = (url, init) => {
    init.signal!.addEventListener("abort", () => {
      letGo = true;
    });
    return hangs(url, init);
  };
  const answer = await askAll({ [a]: waiting, [b]: () => says({ ErrorCode: 1, ErrorInfo: "b says no" }) });
  assert.deepEqual(answer, { answer: { ActionStatus: "OK", ErrorInfo: "b says no", ErrorCode: 1 } });
  assert.ok(letGo);
});

test("a refusal counts whether other backends answer or fail", async () => {
  const answer = await askAll({ [a]: () => says("", 500), [b]: () => says({ ErrorCode: 1 }) });
  assert.ok("answer" in answer);
});

test("without a refusal all must allow", async () => {
  const allow = () => says({ ErrorCode: 0 });
  assert.ok("answer" in (await askAll({ [a]: allow, [b]: allow })));
  assert.deepEqual(await askAll({ [a]: allow, [b]: () => says("", 503) }), {
    how: "status",
    reason: "answered 503",
    alive: false,
  });
  assert.equal(((await askAll({ [a]: allow, [b]: hangs }, 5)) as { how: string }).how, "timeout");
});

test("answers that allow are merged, and the first rewriting in the rule's order counts", async () => {
  const refused = (...RefusedMembers_Account: string[]) => says({ ErrorCode: 0, RefusedMembers_Account });
  const answer = await askAll({
    [a]: () => says({ ErrorCode: 0 }),
    [b]: async () => refused("nobody_7", "nobody_8"),
    [c]: () => refused("nobody_8", "nobody_9"),
  });
  assert.ok("answer" in answer);
  assert.deepEqual(answer.answer.RefusedMembers_Account, ["nobody_7", "nobody_8", "nobody_9"]);

  const rewritten = await askAll(
    {
      [a]: () =>
        new Promise((resolve) => setTimeout(() => resolve(says({ ErrorCode: 0, CloudCustomData: "a" })), 5)),
      [b]: () => says({ ErrorCode: 0, CloudCustomData: "b" }),
    },
    1200,
    "C2C.CallbackBeforeSendMsg",
  );
  assert.ok("answer" in rewritten);
  assert.equal(rewritten.answer.CloudCustomData, "a");
});

const wrong: [what: string, backend: Backend, reason: RegExp, alive: boolean, how?: "status"][] = [
  [
    "a status without a body",
    () => new Response(null, { status: 204 }),
    /^answered 204, not 200; the answer is empty$/,
    true,
  ],
  ["its own failure", () => says({ ErrorCode: 1 }, 500), /^answered 500$/, false, "status"],
  ["too many requests", () => says("", 429), /^answered 429$/, false, "status"],
  ["not found", () => says("", 404), /^answered 404$/, true, "status"],
  ["a loop", () => says("", 508), /^answered 508: its url leads back to this gateway/, false, "status"],
  [
    "a redirect",
    () => new Response(null, { status: 302, headers: { location: "https://x.example.com/" } }),
    /^answered 302 to x\.example\.com: redirects are not followed$/,
    true,
    "status",
  ],
  ["no body", () => new Response(null), /^the answer is empty$/, true],
  ["white space", () => says(" \n"), /^the answer is empty$/, true],
  [
    "half an answer",
    () => says('{"ErrorCode":'),
    /^the answer is not JSON: it ends too early, at position 13$/,
    true,
  ],
  [
    "a mistake",
    () => says('{"ErrorCode":1,\n}'),
    /^the answer is not JSON: the mistake is at position 16 \(line 2, column 1\)$/,
    true,
  ],
  ["no object", () => says("[1]"), /^the answer is not a JSON object$/, true],
  [
    "too much",
    () => says(`{"ErrorCode":1,"ErrorInfo":"${"x".repeat(65_536)}"}`),
    /^the answer is larger than 64 KB$/,
    true,
  ],
  [
    "a field of another command",
    () => says({ ErrorCode: 0, RspData: "hello" }),
    /^RspData is not allowed here$/,
    true,
  ],
];

for (const [what, backend, reason, alive, how = "invalid"] of wrong)
  test(`no verdict: ${what}`, async () => {
    const answer = await askAll({ [a]: backend });
    assert.ok(!("answer" in answer));
    assert.equal(answer.how, how);
    assert.match(answer.reason, reason);
    assert.equal(answer.alive, alive);
  });

test("a connection that is lost before an answer is tried once more, with the same id", async () => {
  const ids: unknown[] = [];
  const loses = (times: number) =>
    askAll({
      "https://lost.example.com/": (_url, init) => {
        ids.push((init.headers as Record<string, string>)["webhook-id"]);
        if (ids.length <= times) throw new Error("Network connection lost.");
        return says({ ErrorCode: 1 });
      },
    });
  assert.ok("answer" in (await loses(1)));
  assert.equal(new Set(ids).size, 1);
  ids.length = 0;
  assert.deepEqual(await loses(2), {
    how: "unreachable",
    reason: "the connection was refused, was closed before an answer came, or the answer was not valid HTTP",
    alive: false,
  });
  assert.equal(ids.length, 2);
});

test("an answer that breaks off is no verdict and no sign of life", async () => {
  const half = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"ErrorCode":1,'));
    },
    pull(controller) {
      controller.error(new Error("Network connection lost."));
    },
  });
  assert.deepEqual(await askAll({ [a]: () => new Response(half) }), {
    how: "invalid",
    reason: "the connection was closed before the answer was whole",
    alive: false,
  });
});

test("any 2xx carries a verdict, and a status other than 200 is recorded", async () => {
  for (const status of [201, 202, 299])
    for (const ErrorCode of [0, 1])
      assert.deepEqual(await askAll({ [a]: () => says({ ErrorCode }, status) }), {
        answer: { ActionStatus: "OK", ErrorInfo: "", ErrorCode },
        odd: `answered ${status}, not 200`,
      });
});

test("elements that come back unchanged are valid, and all numbers stay exact", async () => {
  const face = '{"MsgContent":{"Index":"1"},"MsgType":"TIMFaceElem"}';
  const place = '{"MsgType":"TIMLocationElem","MsgContent":{"Latitude":39.90,"Id":144115200000000001}}';
  const text = (Text: string) => `{"MsgType":"TIMTextElem","MsgContent":{"Text":"${Text}"}}`;
  const send = "C2C.CallbackBeforeSendMsg";
  const asked = { MsgBody: JSON.parse(`[${face},${text("darn")},${place}]`) };
  const rewritten = `[${place},{"MsgType":"TIMFaceElem","MsgContent":{"Index":"1"}},${text("****")}]`;
  const said = async (MsgBody: string) =>
    ask(
      askRule(),
      questionOf(send, asked),
      contextWith(() => says(`{"ErrorCode":0,"MsgBody":${MsgBody}}`)),
    );
  const answer = await said(rewritten);
  assert.ok("answer" in answer, JSON.stringify(answer));
  assert.equal(JSON.stringify(answer.answer.MsgBody), rewritten);

  const changed = await said(`[{"MsgType":"TIMTextElem","MsgContent":{"Text":7}}]`);
  assert.ok(!("answer" in changed));
  assert.match(changed.reason, /^MsgBody\[0\]\.MsgContent\.Text: /);
});

test("a question names the gateways of its event, and this gateway", async () => {
  const question = questionOf(invite);
  question.event.via = "first";
  let headers: Record<string, string> = {};
  const backend: Backend = (_url, init) => {
    headers = init.headers as Record<string, string>;
    return says({ ErrorCode: 0 });
  };
  await ask(askRule(), question, contextWith(backend, { id: "us" }));
  assert.equal(headers["tim-relay-loop"], "first, us");
});

test("a secret in a backend's answer is in no reason", async () => {
  const key = "a-key-that-nobody-may-see";
  for (const backend of [
    () => new Response(null, { status: 302, headers: { location: `https://${key}.example.com/` } }),
    () => says({ ErrorCode: 0, [key]: 1 }),
    () => says({ ErrorCode: 0, RspData: "x", [key]: 1 }),
  ]) {
    const answer = await ask(askRule(), questionOf(invite), contextWith(backend, { secrets: [key] }));
    assert.doesNotMatch(JSON.stringify(answer), /a-key/);
  }
});

const friends = "Sns.CallbackPrevFriendAdd";
const item = (To_Account: string, ResultCode: number) => ({ To_Account, ResultCode, ResultInfo: "" });
const items = (...ResultItem: object[]) => says({ ErrorCode: 0, ResultItem });
const late =
  (answer: () => Response): Backend =>
  () =>
    new Promise((resolve) => setTimeout(() => resolve(answer()), 5));

test("each of several backends may refuse its own targets", async () => {
  const answer = await askAll(
    {
      [a]: () => items(item("minh", 38001), item("siti", 0)),
      [b]: late(() => items(item("minh", 0), item("siti", 38002))),
    },
    1200,
    friends,
  );
  assert.ok("answer" in answer);
  assert.deepEqual(answer.answer.ResultItem, [item("minh", 38001), item("siti", 38002)]);
});

test("a backend's own code beside its verdicts on targets drops no refusal by another backend", async () => {
  const consenting = () => says({ ErrorCode: 38000, ResultItem: [item("minh", 0), item("siti", 0)] });
  const refusing = late(() => items(item("minh", 0), item("siti", 38002)));
  for (const backends of [
    { [a]: consenting, [b]: refusing },
    { [a]: refusing, [b]: consenting },
  ]) {
    const answer = await askAll(backends, 1200, friends);
    assert.ok("answer" in answer);
    assert.deepEqual(answer.answer.ResultItem, [item("minh", 0), item("siti", 38002)]);
    assert.equal(answer.answer.ErrorCode, 0);
  }
});

test("a refusal of every target wins at once", async () => {
  const answer = await askAll(
    { [a]: hangs, [b]: () => items(item("siti", 38002), item("minh", 38001)) },
    1200,
    friends,
  );
  assert.ok("answer" in answer);
});

test("a target that one of several backends leaves out is not allowed", async () => {
  const answer = await askAll(
    {
      [a]: () => items(item("minh", 0), item("siti", 0)),
      [b]: () => items(item("siti", 0)),
    },
    1200,
    friends,
  );
  assert.ok("answer" in answer);
  assert.deepEqual(answer.answer.ResultItem, [item("siti", 0)]);
});

test("a refusal by one backend is kept when another backend fails or is late", async () => {
  for (const other of [hangs, () => says("", 503), () => says("<html>")] as Backend[]) {
    const refusals = async (refusing: Response, command: string) => {
      const answer = await askAll({ [a]: other, [b]: () => refusing }, 50, command);
      return "answer" in answer ? null : answer.refusals;
    };
    assert.deepEqual(await refusals(items(item("minh", 0), item("siti", 38002)), friends), {
      ResultItem: [item("siti", 38002)],
    });
    const RefusedMembers_Account = ["nobody_7"];
    assert.deepEqual(await refusals(says({ ErrorCode: 0, RefusedMembers_Account }), invite), {
      RefusedMembers_Account,
    });
    assert.equal(await refusals(items(item("minh", 0), item("siti", 0)), friends), undefined);
  }
});

test("an answer may be 64 KB", async () => {
  const frame = '{"ErrorCode":1,"ErrorInfo":""}'.length;
  const ErrorInfo = "x".repeat(65_536 - frame);
  assert.ok("answer" in (await askAll({ [a]: () => says({ ErrorCode: 1, ErrorInfo }) })));
});

test("an answer that is nested too deeply to be written is no verdict", async () => {
  const depth = 30_000;
  const MsgContent = `{"X":${"[".repeat(depth)}${"]".repeat(depth)}}`;
  const text = `{"ErrorCode":0,"MsgBody":[{"MsgType":"TIMOtherElem","MsgContent":${MsgContent}}]}`;
  const answer = await askAll({ [a]: () => says(text) }, 1200, "C2C.CallbackBeforeSendMsg");
  assert.deepEqual(answer, { how: "invalid", reason: "the answer is nested too deeply", alive: true });
});

test("no failure quotes an address or a secret", async () => {
  const answer = await askAll({
    [a]: () => {
      throw new TypeError(`cannot reach ${a} with ${secret}`);
    },
  });
  assert.ok(!("answer" in answer));
  assert.equal(answer.alive, false);
  assert.doesNotMatch(answer.reason, /example|whsec/);
});
