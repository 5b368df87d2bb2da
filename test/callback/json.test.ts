import assert from "node:assert/strict";
import { test } from "node:test";
import { parseBody, readJson } from "../../src/callback/json.ts";
import { cpuTime } from "../support/cpu-time.ts";

const read = (text: string) => readJson(Buffer.from(text));

function bodyOf(text: string) {
  const found = read(text);
  if ("problem" in found) assert.fail(found.problem);
  return found.body;
}

test("accounts, groups and rooms beyond 2^53 keep their digits at every depth", () => {
  const text = `{"From_Account" : 144115200000000001, "GroupId":-9007199254740993, "RoomInfo":{"RoomId":9007199254740993},
    "List":[{"Member_Account":9007199254740993},{"Member_Account":9007199254740992}],"Owner_Account":7}`;
  assert.deepEqual(bodyOf(text), {
    From_Account: "144115200000000001",
    GroupId: "-9007199254740993",
    RoomInfo: { RoomId: "9007199254740993" },
    List: [{ Member_Account: "9007199254740993" }, { Member_Account: "9007199254740992" }],
    Owner_Account: 7,
  });
});

test("ids in lists of accounts and rooms keep their digits too, other lists do not", () => {
  const text = `{"ScheduleInviteeList_Account" : [ "z]", 144115200000000007, 7,
    144115200000000008],"Info":{"ToRoomIdList":[-9007199254740993],"None_Account":[]},"Other":[9007199254740993]}`;
  assert.deepEqual(bodyOf(text), {
    ScheduleInviteeList_Account: ["z]", "144115200000000007", 7, "144115200000000008"],
    Info: { ToRoomIdList: ["-9007199254740993"], None_Account: [] },
    Other: [9007199254740992],
  });
});

test("a long list of long accounts is read in linear time", () => {
  const list = Array.from({ length: 50_000 }, (_, index) => `14411520000${1_000_000 + index}`);
  const began = cpuTime();
  assert.deepEqual(bodyOf(`{"To_Account":[${list}]}`), { To_Account: list });
  assert.ok(cpuTime() - began < 2_000);
});

test("other numbers and fractions are parsed as usual", () => {
  const text = '{"A_Account":9007199254740993,"B_Account":1.5,"MsgSeq":9007199254740993,"Big":1e300}';
  assert.deepEqual(bodyOf(text), {
    A_Account: "9007199254740993",
    B_Account: 1.5,
    MsgSeq: 9007199254740992,
    Big: 1e300,
  });
});

test("a large account in a body nested deeper than the stack throws nothing", () => {
  const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
  assert.ok("body" in read(`{"A_Account":144115200000000001,"More":${deep}}`));
});

const long = "144115200000000001";

test("ids beyond 2^53 become texts, also in lists of ids; other numbers are rounded, in lists too", () => {
  const rounded = Number(long);
  const cases: [text: string, expected: unknown][] = [
    [`{"To_Account":${long}}`, { To_Account: long }],
    [`{"Admin_Account":["m", -${long},7]}`, { Admin_Account: ["m", `-${long}`, 7] }],
    [`{"ToRoomIdList":[${long}]}`, { ToRoomIdList: [long] }],
    [`{"UserId":${long},"SubscribeAccountList":[${long}]}`, { UserId: long, SubscribeAccountList: [long] }],
    [`{"Sizes":[${long}],"Admin_Account":[1]}`, { Sizes: [rounded], Admin_Account: [1] }],
    [`{"Admin_Account":[[${long}],{"MsgSeq":${long}}]}`, { Admin_Account: [[rounded], { MsgSeq: rounded }] }],
    [`[${long}]`, [rounded]],
  ];
  for (const [text, expected] of cases) assert.deepEqual(parseBody(text), expected, text);
});
