import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { commands } from "../../src/cli/commands.ts";
import { commandMeanings } from "../../src/generate/zh-CN/programs.ts";

const root = join(import.meta.dirname, "../..");
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

test("every command is an npm script", () => {
  // `npm test` runs the tests of the project.
  for (const name of commands.map((command) => command.name()).filter((name) => name !== "test"))
    assert.match(scripts[name] ?? "", new RegExp(`src/cli/tim-relay\\.js ${name}$`), name);
});

test("every command is called by the words of its Chinese", () => {
  const names = commands.flatMap((command) =>
    command.commands.length === 0
      ? [command.name()]
      : command.commands.map((one) => `${command.name()} ${one.name()}`),
  );
  assert.deepEqual(Object.keys(commandMeanings), [...names, "complete"]);
});

test("every command and option says what it does", () => {
  for (const command of commands) {
    assert.match(command.description(), /^[a-z].*[^.]$/);
    for (const { long, description } of command.options)
      assert.match(description, /^[a-zA-Z].*[^.]$/, `${command.name()} ${long}`);
  }
});

test("every command that asks a gateway shows an example", () => {
  for (const command of commands.filter(({ options }) => options.some(({ long }) => long === "--url"))) {
    let help = "";
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    assert.match(help, new RegExp(`Examples?: npx tim-relay ${command.name()}\\b`), command.name());
  }
});
