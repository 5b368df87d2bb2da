import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { mistakeIn, parseBody, readJson } from "../../src/callback/json.ts";
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

const mistakes: [text: string, position: number][] = [
  ["hello", 0],
  ["{'a':1}", 1],
  ['{"a":1,}', 7],
  ['{"a":NaN}', 5],
  ['{"a":1} // x', 8],
  ['{"a":01}', 6],
  ['{"a":1.}', 6],
  ['{"a":+1}', 5],
  ['{"a":"\\q"}', 7],
  ['{"a":"\\u12"}', 7],
  ['{"a":"b\nc"}', 7],
  ["[1 2]", 3],
  ['{"a" 1}', 5],
  ["{,}", 1],
  ["[,]", 1],
  ["[1,]", 3],
  ["}", 0],
  ['{"a":[}', 6],
  ['{"a":]', 5],
  ['"x" "y"', 4],
  ['{"a":\u00a01}', 5],
  ["{}{}", 2],
  ["[[[[]]]]]", 8],
];

for (const [text, position] of mistakes)
  test(`the mistake in ${JSON.stringify(text)} is at position ${position}`, () => {
    assert.throws(() => JSON.parse(text));
    assert.ok(mistakeIn(text).includes(`at position ${position} (`), mistakeIn(text));
  });

test("the mistake in a text that ends too early is at its end", () => {
  for (const text of ['{"a":"x', "[1,2", '{"a"', '{"a":', "{", "[[", '{"a":"\\', '{"a":1'])
    assert.equal(mistakeIn(text), `the body is not JSON: it ends too early, at position ${text.length}`);
  assert.equal(mistakeIn(""), "the body is empty");
  assert.equal(mistakeIn("", "the answer"), "the answer is empty");
  assert.equal(mistakeIn(" \r\n\t"), "the body is empty");
});

test("lines and columns of a mistake are counted from one", () => {
  assert.ok(mistakeIn('{\n  "a": x\n}').endsWith("at position 9 (line 2, column 8)"));
});

test("property: a mistake lies within the text, and is never quoted", () =>
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.string(), fc.nat(3), (json, position, inserted, removed) => {
      const at = position % (json.length + 1);
      const text = json.slice(0, at) + inserted + json.slice(at + removed);
      try {
        JSON.parse(text);
      } catch {
        const sentence = mistakeIn(text);
        const [, position] = /position (\d+)/.exec(sentence) ?? [];
        assert.match(
          sentence,
          /^the body is (empty|not JSON: (it ends too early, at position \d+|the mistake is at position \d+ \(line \d+, column \d+\)))$/,
        );
        if (position !== undefined) assert.ok(Number(position) <= text.length);
      }
    }),
    { numRuns: 5_000 },
  ));

test("a hundred thousand open brackets or escapes do not overflow the stack", () => {
  assert.match(mistakeIn("[".repeat(1_000_000)), /ends too early/);
  assert.match(mistakeIn(`{"a":"${"\\n".repeat(400_000)}\n`), /position 800006 /);
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
