import assert from "node:assert/strict";
import { test } from "node:test";
import { filterKey, matcherOf, type TailFilter } from "../../../src/shard/tail/filter.ts";
import { eventWith } from "../../delivery/sample.ts";

const all: TailFilter = { command: null, conversation: null, account: null, destination: null };
const fits = (filter: Partial<TailFilter>, event: Parameters<typeof eventWith>[0]) =>
  matcherOf({ ...all, ...filter }).event(eventWith(event));

test("command, conversation and account narrow events together", () => {
  const event = {
    command: "Group.CallbackAfterSendMsg",
    conversation: "group:@TGS#1",
    body: '{"From_Account":"lan"}',
  };
  const fitting = { command: "Group.*", conversation: "@TGS#1", account: "lan" };
  assert.equal(fits({}, event), true);
  assert.equal(fits(fitting, event), true);
  for (const other of [{ command: "C2C.*" }, { conversation: "@TGS#2" }, { account: "minh" }])
    assert.equal(fits({ ...fitting, ...other }, event), false, JSON.stringify(other));
});

test("relay events fit only where command asks for them", () => {
  const event = { command: "Relay.DestinationDown", app: "relay" };
  for (const [command, expected] of [
    [null, false],
    ["*", false],
    ["*Down", false],
    ["Relay.*", true],
    ["Relay.DestinationDown", true],
    ["Relay.Test", false],
  ] as const)
    assert.equal(fits({ command }, event), expected, String(command));
});

test("destination narrows deliveries alone, which also fit the other filters", () => {
  const { event, delivery } = matcherOf({ ...all, destination: "audit" });
  assert.equal(event(eventWith({})), true);
  assert.equal(delivery("audit", true), true);
  assert.equal(delivery("audit", false), false);
  assert.equal(delivery("feed", true), false);
});

test("equal filters have the same key, others have not", () => {
  const filters = [
    all,
    { ...all, account: "a" },
    { ...all, conversation: "a" },
    { ...all, destination: "a" },
  ];
  assert.equal(new Set(filters.map(filterKey)).size, filters.length);
  assert.equal(filterKey({ ...all }), filterKey(all));
});
