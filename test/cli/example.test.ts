import assert from "node:assert/strict";
import { test } from "node:test";
import { callbackUrl, change, nearest } from "../../src/cli/example.ts";

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
  for (const [name, value] of Object.entries(values)) change(body, `${name}=${value}`);
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
  change(body, "SeatList[0].Member_Account=144115200000000001");
  change(body, 'SeatList[1]={"Member_Account":144115200000000003}');
  assert.equal(
    JSON.stringify(body),
    '{"SeatList":[{"Index":0,"Member_Account":144115200000000001},{"Member_Account":144115200000000003}]}',
  );
});

test("a mistake is named with the option", () => {
  for (const [assignment, problem] of [
    ["MsgSeqList[0].MsgSeq=7", "there is no MsgSeqList"],
    ["GroupId", "write it as path=value, for example MsgSeqList[0].MsgSeq=7"],
  ] as const) {
    assert.throws(() => change({ GroupId: "g" }, assignment), { message: `--set ${assignment}: ${problem}` });
  }
});

test("a mistyped command gets similar ones as suggestions", () => {
  const names = ["Group.CallbackAfterRecallMsg", "Group.CallbackAfterSendMsg", "State.StateChange"];
  assert.equal(nearest("group.callbackafterrecalmsg", names)[0], "Group.CallbackAfterRecallMsg");
  assert.deepEqual(nearest("statechange", names), ["State.StateChange"]);
  assert.deepEqual(nearest("nothing like it", names), []);
});
