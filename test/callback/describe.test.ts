import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue } from "../../src/callback/catalogue.ts";
import { describeCommands } from "../../src/callback/describe.ts";
import { relayEvents } from "../../src/callback/relay-events.ts";
import { misfits } from "./json-schema-check.ts";

const described = describeCommands();

test("every command is described in the published shape", () => {
  assert.deepEqual(
    described.map(({ command }) => command),
    [...catalogue.keys(), ...relayEvents.map(({ name }) => name)],
  );
  for (const description of described)
    assert.deepEqual(Object.keys(description), [
      "command",
      "phase",
      "family",
      "summary",
      "documentation",
      "schema",
      "example",
    ]);
});

for (const { command, schema, example } of described)
  test(`${command}: the example satisfies the JSON Schema, and every field is described`, () => {
    assert.deepEqual(misfits(schema, example), []);
    const undescribed: string[] = [];
    const look = (properties: Record<string, { description?: string }> = {}) => {
      for (const [name, property] of Object.entries(properties))
        if (!property.description) undescribed.push(name);
    };
    JSON.stringify(schema, (_, part) => {
      if (part?.type === "object") look(part.properties);
      return part;
    });
    assert.deepEqual(undescribed, []);
  });

test("a schema is JSON, and names the required fields", () => {
  const recall = described.find(({ command }) => command === "Group.CallbackAfterRecallMsg")?.schema;
  assert.deepEqual(JSON.parse(JSON.stringify(recall)), recall);
  assert.deepEqual(recall?.required, ["GroupId", "MsgSeqList"]);
  assert.deepEqual(recall?.properties?.EventTime?.type, ["number", "string"]);
  assert.equal(recall?.$defs, undefined);
});

test("the content of messages is described once by type, also for messages within messages", () => {
  const sent = described.find(({ command }) => command === "Group.CallbackAfterSendMsg")?.schema;
  assert.equal(sent?.properties?.MsgBody?.$ref, "#/$defs/message");
  const relay = sent?.$defs?.element?.allOf?.find(
    (part) => part.if?.properties?.MsgType?.const === "TIMRelayElem",
  );
  const list = relay?.then?.properties?.MsgContent?.properties?.MsgList;
  assert.equal(list?.items?.properties?.MsgBody?.$ref, "#/$defs/message");
});
