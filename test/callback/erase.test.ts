import assert from "node:assert/strict";
import { test } from "node:test";
import { concerns, erased } from "../../src/callback/erase.ts";
import { eventWith } from "../delivery/sample.ts";

const named = (body: object, more = {}) =>
  concerns(eventWith({ body: JSON.stringify(body), conversation: null, query: "", ...more }), "lan");

test("an event names an account in any field of accounts, also in lists and deep within", () => {
  for (const body of [
    { From_Account: "lan" },
    { Info: { To_Account: "lan" } },
    { MemberList: [{ Member_Account: "minh" }, { Member_Account: "lan" }] },
    { MemberList_Account: ["minh", "lan"] },
    { SubscribeAccountList: ["lan"] },
    { UserId: "lan" },
  ])
    assert.ok(named(body), JSON.stringify(body));
  assert.ok(concerns(eventWith({ body: '{"From_Account":"l\\u0061n"}' }), "lan"), "with escapes");
  const long = "12345678901234567890";
  for (const body of [`{"From_Account":${long}}`, `{"UserId":${long}}`, `{"SubscribeAccountList":[${long}]}`])
    assert.ok(concerns(eventWith({ body }), long), body);
});

test("other fields, other accounts and groups of that name do not name it", () => {
  for (const body of [
    { From_Account: "lana" },
    { Text: "lan" },
    { GroupId: "lan" },
    { From_Account: ["alan"] },
  ])
    assert.ok(!named(body), JSON.stringify(body));
  for (const conversation of ["group:lan", "c2c:lana,minh", "c2c:minh,alan", "account:la"])
    assert.ok(!named({}, { conversation }), conversation);
});

test("an event names an account by its conversation or by a parameter of its query", () => {
  for (const conversation of ["c2c:lan,minh", "c2c:hoa,lan", "account:lan", "official:lan"])
    assert.ok(named({}, { conversation }), conversation);
  for (const query of ["SdkAppid=1&User=lan", "a=l%61n"]) assert.ok(named({}, { query }), query);
  assert.ok(!named({}, { query: "SdkAppid=1&User=alan" }));
});

test("accounts may hold commas: the body tells of which accounts a chat is", () => {
  const event = eventWith({
    body: '{"From_Account":"a,b","To_Account":"c"}',
    conversation: "c2c:a,b,c",
    query: "",
  });
  for (const account of ["a", "b", "b,c"]) assert.ok(!concerns(event, account), account);
  for (const account of ["a,b", "c"]) {
    assert.ok(concerns(event, account), account);
    assert.equal(erased(event, account).conversation, "***", account);
  }
  for (const conversation of ["account:a,b", "official:b,a"])
    assert.ok(!concerns({ ...event, body: "{}", conversation }, "a"), conversation);
  assert.ok(concerns({ ...event, body: "{}", conversation: "account:a,b" }, "a,b"));
  // Two accounts of one chat with nothing else.
  assert.ok(concerns({ ...event, body: "{}", conversation: "c2c:a,a" }, "a"));
});

test("an erased event keeps its id, command and times, and holds the account nowhere", () => {
  const event = eventWith({
    body: '{"From_Account":"lan","To_Account":"minh"}',
    conversation: "c2c:lan,minh",
    query: "SdkAppid=1&User=lan",
    issues: [{ path: "lan", message: "lan is odd" }],
    verdict: { rule: "one", code: 0, ms: 3, how: "invalid", reason: "lan is odd", shadows: [] },
  });
  const result = erased(event, "lan");
  assert.doesNotMatch(JSON.stringify(result), /lan|minh/);
  const { id, command, receivedAt } = result;
  assert.deepEqual(
    { id, command, receivedAt },
    { id: event.id, command: event.command, receivedAt: event.receivedAt },
  );
  assert.deepEqual(
    [result.body, result.size, result.conversation, result.query, result.erased],
    ["{}", 2, "***", "***", true],
  );
  assert.ok(!concerns(result, "lan"));
  assert.equal(erased(eventWith({ conversation: "group:@TGS#1" }), "lan").conversation, "group:@TGS#1");
});
