import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue } from "../../src/callback/catalogue.ts";
import { issuesOf } from "../../src/callback/issue.ts";
import { assign, callbackUrl, freshExample, nearest } from "../../src/cli/example.ts";

const sender = { url: "https://gw.example.com/tim?shop=7", app: "1400000000", token: "xxxxyyyy" };

test("a callback URL has Tencent's parameters and, with a token, Tencent's own signature vector", () => {
  assert.equal(
    callbackUrl(sender, "Group.CallbackAfterRecallMsg", 1669872112_999),
    "https://gw.example.com/tim?shop=7&SdkAppid=1400000000&CallbackCommand=Group.CallbackAfterRecallMsg" +
      "&contenttype=json&ClientIP=203.0.113.7&OptPlatform=Android" +
      "&Sign=17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061&RequestTime=1669872112",
  );
});

test("without a token there is neither Sign nor RequestTime", () => {
  const { searchParams } = new URL(callbackUrl({ ...sender, token: null }, "State.StateChange", 0));
  assert.ok(searchParams.has("SdkAppid"));
  assert.ok(!searchParams.has("Sign") && !searchParams.has("RequestTime"));
});

test("fresh examples of every command are valid, and no duplicates of each other", () => {
  for (const { name, body, identity, example } of catalogue.values()) {
    const now = 1_790_000_000_000;
    const [one, two] = [freshExample(example, now), freshExample(example, now + 1)];
    assert.deepEqual(issuesOf(body, one), [], name);
    if (JSON.stringify(one).includes('"EventTime"')) assert.notDeepEqual(one, two, name);
    if (identity?.(one)) assert.notDeepEqual(identity(one), identity(two), name);
  }
});

test("times keep their unit and type", () => {
  const old = { EventTime: "1670574414123", Events: [{ EventTime: 1670574414 }], MsgTime: 1670574414 };
  assert.deepEqual(freshExample(old, 1_790_000_000_789), {
    EventTime: "1790000000789",
    Events: [{ EventTime: 1790000000 }],
    MsgTime: 1790000000,
  });
});

const recall = () => ({ GroupId: "g", Type: null, MsgSeqList: [{ MsgSeq: 130 }, { MsgSeq: 131 }] });

test("a path leads to a value deep in the body", () => {
  const body = recall();
  assign(body, "MsgSeqList[1].MsgSeq=7");
  assert.deepEqual(body.MsgSeqList, [{ MsgSeq: 130 }, { MsgSeq: 7 }]);
});

test("a value is JSON if it can be parsed, else text", () => {
  const values = {
    n: "12",
    text: "twelve",
    quoted: '"12"',
    list: "[1,{}]",
    empty: "",
    equation: "a=b",
    no: "null",
  };
  const body: Record<string, never> = {};
  for (const [name, value] of Object.entries(values)) assign(body, `${name}=${value}`);
  assert.deepEqual(body, {
    n: 12,
    text: "twelve",
    quoted: "12",
    list: [1, {}],
    empty: "",
    equation: "a=b",
    no: null,
  });
});

test("a number beyond 2^53 is sent digit for digit", () => {
  const body = { SeatList: [{ Index: 0 }] };
  assign(body, "SeatList[0].Member_Account=144115200000000001");
  assign(body, 'SeatList[1]={"Member_Account":144115200000000003}');
  assert.equal(
    JSON.stringify(body),
    '{"SeatList":[{"Index":0,"Member_Account":144115200000000001},{"Member_Account":144115200000000003}]}',
  );
});

test("a list can be extended by one item", () => {
  const body = recall();
  assign(body, 'MsgSeqList[2]={"MsgSeq":132}');
  assert.equal(body.MsgSeqList.length, 3);
});

test("a path that does not exist is named, with its first missing part", () => {
  for (const [assignment, problem] of [
    ["MsgSeqLst[0].MsgSeq=7", "the example has no MsgSeqLst"],
    ["MsgSeqList[2].MsgSeq=7", "MsgSeqList has 2 elements, hence no MsgSeqList[2]"],
    ["MsgSeqList[3]=7", "MsgSeqList has 2 elements, hence no MsgSeqList[3]"],
    ["GroupId[0]=7", "GroupId is not a list"],
    ["MsgSeqList.MsgSeq=7", "MsgSeqList is not an object"],
    ["Type.x=7", "Type is not an object"],
    ["MsgSeqList[0].MsgSeq.x=7", "MsgSeqList[0].MsgSeq is not an object"],
    ["MsgSeqList[x]=7", '"MsgSeqList[x]" is not a path; write it as MsgSeqList[0].MsgSeq'],
    ["[0]=7", '"[0]" is not a path; write it as MsgSeqList[0].MsgSeq'],
    ["GroupId", "write it as path=value, for example MsgSeqList[0].MsgSeq=7"],
  ] as const) {
    assert.throws(() => assign(recall(), assignment), { message: `--set ${assignment}: ${problem}` });
  }
});

test("a path cannot reach inherited properties", () => {
  assert.throws(() => assign(recall(), "__proto__.x=7"), {
    message: "--set __proto__.x=7: the example has no __proto__",
  });
  assert.equal(({} as { x?: number }).x, undefined);
});

test("a mistyped command gets similar ones as suggestions", () => {
  const names = ["Group.CallbackAfterRecallMsg", "Group.CallbackAfterSendMsg", "State.StateChange"];
  assert.equal(nearest("group.callbackafterrecalmsg", names)[0], "Group.CallbackAfterRecallMsg");
  assert.deepEqual(nearest("statechange", names), ["State.StateChange"]);
  assert.deepEqual(nearest("nothing like it", names), []);
});
