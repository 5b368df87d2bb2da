import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue } from "../../src/callback/catalogue.ts";
import { relayEvents } from "../../src/callback/relay-events.ts";
import { reference } from "../../src/generate/reference.ts";
import { commandList, typeName, typings } from "../../src/generate/typings.ts";

const names = [...catalogue.values(), ...relayEvents].map(({ name }) => name);

test("every command has a section of its own, and every link within the page leads somewhere", () => {
  const page = reference();
  const headings = [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => heading);
  for (const name of names) assert.ok(headings.includes(name), name);
  const anchors = headings.map((heading) => heading.toLowerCase().replaceAll(/[^a-z0-9 -]/g, ""));
  assert.equal(new Set(anchors).size, anchors.length);
  for (const [, anchor = ""] of page.matchAll(/\]\(#([^)]+)\)/g)) assert.ok(anchors.includes(anchor), anchor);
});

test("no cell of a table holds a line break or a bar", () => {
  const rows = reference()
    .split("\n")
    .filter((line) => line.startsWith("|"));
  assert.ok(rows.length > 86);
  for (const row of rows) assert.ok([3, 4].includes(row.split(" | ").length), row);
});

test("types are named after their commands, each once", () => {
  assert.equal(typeName("Group.CallbackAfterSendMsg"), "GroupAfterSendMsg");
  assert.equal(typeName("State.StateChange"), "StateChange");
  assert.equal(typeName("Sns.CallbackFriendAdd"), "SnsFriendAdd");
  assert.equal(typeName("Bot.OnC2CMessage"), "BotOnC2CMessage");
  const types = names.map(typeName);
  assert.equal(new Set(types).size, 86 + 15);
  for (const name of types) assert.match(typings(), new RegExp(`^export interface ${name} \\{$`, "m"));
});

test("exactly the commands whose answer decides something have a type for it", () => {
  const decided = [...catalogue.values()].filter(({ answer }) => answer.refusal !== null);
  assert.ok(decided.length > 0);
  const described = [...typings().matchAll(/^ {2}"(.+)": (.+)Verdict;$/gm)].map(([, name]) => name);
  assert.deepEqual(
    described,
    decided.map(({ name }) => name),
  );
});

test("the list of commands is a module of its own", () => {
  const module = { commands: [] };
  new Function("exports", commandList())(module);
  assert.deepEqual(module.commands, names);
});
