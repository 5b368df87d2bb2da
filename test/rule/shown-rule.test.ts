import assert from "node:assert/strict";
import { test } from "node:test";
import type { Json } from "../../src/rule/json.ts";
import { shownRule, withoutMasks } from "../../src/rule/shown-rule.ts";

const shown = (written: Json, keysToo = false) => shownRule(written, ["hunter2"], keysToo);

test("names of secrets stay, and literal secrets are masked", () => {
  const rule = {
    name: "audit",
    url: "https://a.example.com/tim",
    secret: ["$SIGNING", "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH"],
    headers: { authorization: "Bearer $TOKEN", "x-key": "$KEY", "x-plain": "plain", "x-mixed": "a$KEY" },
    callbackToken: "plain",
  };
  assert.deepEqual(shown(rule), {
    ...rule,
    secret: ["$SIGNING", "***"],
    headers: { authorization: "Bearer $TOKEN", "x-key": "$KEY", "x-plain": "***", "x-mixed": "***" },
    callbackToken: "***",
  });
});

test("everything else of a rule stays as it is written", () => {
  const rule = {
    name: "links",
    on: ["Group.*"],
    match: {
      body: { Text: [{ wildcard: "*http*" }], Id: [144115200000000001n.toString()], "a.b": [1, null] },
    },
    answer: { ErrorCode: 1, ErrorInfo: "no" },
    enabled: false,
  };
  assert.deepEqual(shown(rule), rule);
  assert.deepEqual(Object.keys(shown(rule)!), Object.keys(rule));
});

test("credentials in a template are masked, unless the event fills them", () => {
  const template = {
    routing_key: "plain",
    dedup_key: "{{body.destination}}",
    keys: [{ Token: "plain", text: "plain" }],
  };
  assert.deepEqual(shown({ template }), {
    template: { ...template, routing_key: "***", keys: [{ Token: "***", text: "plain" }] },
  });
});

test("a secret of the settings is masked wherever it stands", () => {
  assert.deepEqual(shown({ name: "hunter2", match: { body: { hunter2: ["a hunter2"] } } }), {
    name: "***",
    match: { body: { "***": ["a ***"] } },
  });
  assert.deepEqual(shown({ on: "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH" }), { on: "whsec_***" });
});

test("the value of a key that no rule has is masked: it may be a misspelt secret", () => {
  assert.deepEqual(shown({ sercet: "plain", toString: ["plain"] }), { sercet: "***", toString: "***" });
});

test("the keys in an address are masked for a caller that sees metadata", () => {
  const rule = { url: "https://a.example.com/?key=plain&other=$KEY", ask: ["https://lan:pw@b.example.com/"] };
  assert.deepEqual(shown(rule), rule);
  assert.deepEqual(shown(rule, true), {
    url: "https://a.example.com/?key=***&other=$KEY",
    ask: ["https://***@b.example.com/"],
  });
});

test("an element that is no object, or is nested too deeply, is not shown", () => {
  const deep = Array.from({ length: 200 }).reduce<Json>((inner) => [inner], 1);
  for (const written of [null, "hunter2", [], 7, { match: deep }]) assert.equal(shown(written), null);
});

test("masked secrets are left out of rules on trial", () => {
  const rule = { name: "a", url: "https://a.example.com/***", secret: "***", callbackToken: "***" };
  const other = { secret: ["***", "$SIGNING"], match: { body: { Text: ["***"] } } };
  assert.deepEqual(withoutMasks([rule, other, 7]), [
    { name: "a", url: "https://a.example.com/***" },
    { match: other.match },
    7,
  ]);
  assert.equal(withoutMasks("rules"), "rules");
});
