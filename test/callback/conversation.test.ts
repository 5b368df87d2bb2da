import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue } from "../../src/callback/catalogue.ts";
import { between, guess, isConversation, pair, within } from "../../src/callback/conversation.ts";

test("both directions of a chat are one conversation", () => {
  assert.equal(pair({ From_Account: "minh", To_Account: "lan" }), "c2c:lan,minh");
  assert.equal(pair({ From_Account: "lan", To_Account: "minh" }), "c2c:lan,minh");
  assert.equal(
    between("Report_Account", "Peer_Account")({ Report_Account: "b", Peer_Account: "a" }),
    "c2c:a,b",
  );
});

test("a missing, empty or overlong name gives no conversation", () => {
  assert.equal(pair({ From_Account: "lan" }), null);
  assert.equal(pair({ From_Account: "lan", To_Account: "" }), null);
  assert.equal(guess({ GroupId: "" }), null);
  assert.equal(guess({ GroupId: "x".repeat(512) }), `group:${"x".repeat(512)}`);
  assert.equal(guess({ GroupId: "x".repeat(513) }), null);
});

test("an exact number names a conversation, a rounded one does not", () => {
  assert.equal(guess({ RoomId: 410233 }), "group:410233");
  assert.equal(guess({ RoomId: 2 ** 60 }), null);
  assert.equal(guess({ RoomId: 1.5 }), null);
  assert.equal(pair({ From_Account: 12, To_Account: "lan" }), "c2c:12,lan");
  assert.equal(
    pair({ From_Account: 12, To_Account: "lan" }),
    pair({ From_Account: "lan", To_Account: "12" }),
  );
  assert.equal(pair({ From_Account: 2 ** 60, To_Account: "lan" }), null);
  assert.equal(guess({ Odd_Account: null, Cup_Account: 0 }), "account:0");
});

test("a name with a lone surrogate gives a conversation of its own that survives UTF-8", () => {
  const halves = ["\ud800", "\ud801", "\udc00", "\udc00\ud800", "\\ud800", "\\\ud800", "\\\\ud800", "🐳"];
  const conversations = halves.map((half) => guess({ GroupId: `a${half}b` }));
  for (const conversation of conversations) {
    assert.ok(conversation);
    assert.equal(Buffer.from(conversation).toString(), conversation);
  }
  assert.equal(new Set(conversations).size, halves.length);
});

test("the conversation is found in an object of the body, or in the first item of a list", () => {
  const inside = within("PairList", pair);
  assert.equal(inside({ PairList: [{ From_Account: "a", To_Account: "b" }, {}] }), "c2c:a,b");
  assert.equal(inside({ PairList: { From_Account: "a", To_Account: "b" } }), "c2c:a,b");
  for (const PairList of [[], null, "a", 3, [null], undefined]) assert.equal(inside({ PairList }), null);
});

test("an unknown command's conversation is the first of the usual fields", () => {
  assert.equal(guess({ GroupId: "g", From_Account: "a", To_Account: "b" }), "group:g");
  assert.equal(guess({ From_Account: "a", To_Account: "b" }), "c2c:a,b");
  assert.equal(guess({ Official_Account: "o", Operator_Account: "a" }), "official:o");
  assert.equal(guess({ Empty_Account: "", Operator_Account: "a" }), "account:a");
  assert.equal(guess({}), null);
});

test("moderated content belongs to the conversation it was sent to, else to its author", () => {
  const { conversation } = catalogue.get("ContentCallback.ResultNotify")!;
  const From_Account = "minh";
  assert.equal(conversation({ From_Account, ContactItem: { ToGroupId: "g" } }), "group:g");
  assert.equal(conversation({ From_Account, ContactItem: { To_Account: "lan" } }), "c2c:lan,minh");
  assert.equal(conversation({ From_Account }), "account:minh");
  assert.equal(conversation({ From_Account, ContactItem: null }), "account:minh");
});

test("no command's conversation throws on a body of the wrong shape", () => {
  const odd = [null, 3, "x", [], {}, [null], [[]], true];
  for (const { conversation, example } of catalogue.values())
    for (const name of Object.keys(example))
      for (const value of odd) {
        const found = conversation({ ...example, [name]: value });
        assert.ok(found === null || typeof found === "string");
      }
});

test("a conversation matches its whole key, or its key without the kind", () => {
  assert.ok(isConversation("group:a:b", "group:a:b"));
  assert.ok(isConversation("group:a:b", "a:b"));
  assert.ok(!isConversation("group:a:b", "b"));
  assert.ok(!isConversation(null, "a"));
});
