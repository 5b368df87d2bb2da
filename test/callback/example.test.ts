import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue } from "../../src/callback/catalogue.ts";
import { freshBody } from "../../src/callback/example.ts";
import { issuesOf } from "../../src/callback/issue.ts";
import { parseJson } from "../../src/rule/json.ts";
import { Chance } from "../support/chance.ts";

const chance = new Chance(1);
const fresh = (body: object, now: number) => freshBody(body, now, () => chance.next());

test("fresh examples of every command are valid, and no duplicates of each other", () => {
  for (const { name, body, identity, example } of catalogue.values()) {
    const now = 1_790_000_000_000;
    const [one, two] = [fresh(example, now), fresh(example, now + 1)];
    assert.deepEqual(issuesOf(body, one), [], name);
    if (JSON.stringify(one).includes('"EventTime"')) assert.notDeepEqual(one, two, name);
    if (identity?.(one)) assert.notDeepEqual(identity(one), identity(two), name);
  }
});

test("times keep their unit and type", () => {
  const old = { EventTime: "1670574414123", Events: [{ EventTime: 1670574414 }], MsgTime: 1670574414 };
  assert.deepEqual(fresh(old, 1_790_000_000_789), {
    EventTime: "1790000000789",
    Events: [{ EventTime: 1790000000 }],
    MsgTime: 1790000000,
  });
});

test("fields of lists and objects are renewed, and every other value stays as it is", () => {
  const text =
    '{"MsgSeq":1,"List":[{"Random":"2","Id":144115200000000001},[{"MsgKey":"a_b_c"}],"MsgSeq"],"TaskId":"t"}';
  const body = fresh(parseJson(text) as object, 1_790_000_000_000);
  assert.match(
    JSON.stringify(body),
    /^\{"MsgSeq":\d+,"List":\[\{"Random":"\d+","Id":144115200000000001\},\[\{"MsgKey":"\d+_\d+_1790000000"\}\],"MsgSeq"\],"TaskId":"t-\d+"\}$/,
  );
  assert.ok(Number(body.MsgSeq) > 1);
});
