import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { commands, isEvent, parseExactly } from "tim-relay/receiver";
import { catalogue } from "../../src/callback/catalogue.ts";
import { type JsonSchema, jsonSchemaOf } from "../../src/callback/json-schema.ts";
import { relayEvents } from "../../src/callback/relay-events.ts";

test("a number beyond 2^53 becomes a text of its digits at every depth", () => {
  const text = `{"a":144115200000000001,"b":[-9007199254740993,{"c" : 9007199254740992
},1e400],"d":18446744073709551615}`;
  assert.deepEqual(parseExactly<unknown>(text), {
    a: "144115200000000001",
    b: ["-9007199254740993", { c: "9007199254740992" }, "1e400"],
    d: "18446744073709551615",
  });
  assert.equal(parseExactly<unknown>("144115200000000001"), "144115200000000001");
});

test("a number that a double holds stays a number, and texts stay as they are", () => {
  const text = String.raw`{"a":9007199254740991,"b":-9007199254740991,"c":0.1234567890123456789,"d":1e3,
    "144115200000000001":"144115200000000001","e":"\"144115200000000001,\\","f":"\\","g":":144115200000000001"}`;
  assert.deepEqual(parseExactly<unknown>(text), JSON.parse(text));
});

test("property: every document is read as with a reviver that knows the source", () => {
  const revive = (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER ? context?.source : value;
  fc.assert(
    fc.property(fc.json(), fc.bigInt(), (json, id) => {
      const text = `{"id":${id},"value":${json}}`;
      assert.deepEqual(parseExactly<unknown>(text), JSON.parse(text, revive));
    }),
  );
});

test("a text that is not JSON throws, also if quotes would make it JSON", () => {
  for (const text of ["", "{", "01234567890123456789", "[1234567890123456789.]", "{1234567890123456789:1}"])
    assert.throws(() => parseExactly(text), SyntaxError, text);
});

test("a body of a megabyte of escapes or of nesting is read", () => {
  const escapes = JSON.stringify({ id: "1234567890123456", text: '\\"'.repeat(250_000) });
  assert.deepEqual(parseExactly<unknown>(escapes), JSON.parse(escapes));
  const nested = `${"[".repeat(100_000)}144115200000000001${"]".repeat(100_000)}`;
  let value = parseExactly<unknown>(nested);
  while (Array.isArray(value)) value = value[0];
  assert.equal(value, "144115200000000001");
});

test("every documented field that may exceed 2^53 may be a text", () => {
  const fields = [...catalogue.values()].flatMap(({ name, body }) => within(jsonSchemaOf(name, body)));
  // Accounts, groups and rooms, which may be any numbers of the app.
  const ids = fields.flatMap(({ properties = {} }) =>
    Object.entries(properties).filter(([name]) => /(_Account|^(To|Chat)?GroupId|RoomId)$/.test(name)),
  );
  const single = ids.filter(([, { items }]) => items === undefined);
  assert.ok(single.length >= 100, `${single.length} fields`);
  for (const [name, { type, anyOf = [] }] of single) {
    const types = [type, ...anyOf.map((one) => one.type)].flat().filter((one) => one !== undefined);
    // The body of a command that no page describes is unknown.
    if (types.length > 0) assert.deepEqual(types.sort(), ["integer", "string"], name);
  }
});

function within(schema: JsonSchema): JsonSchema[] {
  const { properties = {}, items, anyOf = [] } = schema;
  const parts = [...Object.values(properties), ...(items ? [items] : []), ...anyOf];
  return [schema, ...parts.flatMap(within)];
}

test("the commands are those of the catalogue", () => {
  assert.deepEqual(commands, [...catalogue.keys(), ...relayEvents.map(({ name }) => name)]);
});

const recall = {
  type: "Group.CallbackAfterRecallMsg",
  timestamp: "2026-11-22T03:00:00.000Z",
  id: "0-1",
  app: "1400000000",
  clientIp: null,
  platform: null,
  data: { GroupId: "@TGS#1", MsgSeqList: [{ MsgSeq: 130 }] },
};

test("isEvent narrows an event by its command", () => {
  assert.ok(isEvent(recall));
  assert.ok(isEvent(recall, "Group.CallbackAfterRecallMsg"));
  assert.ok(isEvent(recall, "State.StateChange", "Group.CallbackAfterRecallMsg"));
  assert.ok(!isEvent(recall, "State.StateChange"));
});

test("any other value is no event", () => {
  const { id, ...nameless } = recall;
  const cloud = { ...nameless, id, timestamp: undefined, specversion: "1.0", time: recall.timestamp };
  for (const value of [
    null,
    undefined,
    "Group.CallbackAfterRecallMsg",
    [recall],
    {},
    nameless,
    cloud,
    { ...recall, data: null },
    { ...recall, type: "Group.CallbackOfTomorrow" },
    { ...recall, type: ["Group.CallbackAfterRecallMsg"] },
    { ...recall, type: "constructor" },
  ])
    assert.ok(!isEvent(value), JSON.stringify(value));
});

test("parseExactly is exact also on a runtime whose JSON.parse gives no source", () => {
  const program = `
    const { parse } = JSON;
    JSON.parse = (text, reviver) => parse(text, reviver && ((key, value) => reviver(key, value)));
    console.log(require("tim-relay/receiver").parseExactly('{"a":144115200000000001}').a);`;
  const cwd = join(import.meta.dirname, "../..");
  assert.equal(
    execFileSync(process.execPath, ["-e", program], { cwd, encoding: "utf8" }),
    "144115200000000001\n",
  );
});
