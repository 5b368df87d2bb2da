/** The settings of a local run: which place wins, and what is said about it. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readLocalSettings, tellOrigins, workerSettings } from "../../src/cli/settings.ts";

const scratch = mkdtempSync(join(tmpdir(), "tim-relay-settings-"));
after(() => rmSync(scratch, { recursive: true }));

function read(files: Readonly<Record<string, string>>, environment = {}) {
  const folder = mkdtempSync(join(scratch, "case-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return readLocalSettings(folder, environment);
}

const userFile = `{
  "vars": { "SHARDS": 4, "LOG_LEVEL": "warn", "RETENTION_HOURS": 24 },
  "rules": [{ "name": "audit", "url": "https://audit.example.com", "secret": "$AUDIT_SECRET" }],
}`;

test("the environment goes before .dev.vars, and .dev.vars before tim-relay.jsonc", () => {
  const settings = read(
    { "tim-relay.jsonc": userFile, ".dev.vars": "SHARDS=2\nLOG_LEVEL=debug\nADMIN_TOKEN=a" },
    { SHARDS: "1", PATH: "/bin" },
  );
  const { SHARDS, LOG_LEVEL, RETENTION_HOURS } = settings.values;
  assert.deepEqual([SHARDS, LOG_LEVEL, RETENTION_HOURS], ["1", "debug", "24"]);
  const places = ["SHARDS", "LOG_LEVEL", "RETENTION_HOURS", "FORWARD_RULES"].map((name) =>
    settings.origins.get(name),
  );
  assert.deepEqual(places, ["the environment", ".dev.vars", "tim-relay.jsonc", "tim-relay.jsonc"]);
  assert.deepEqual(tellOrigins(settings), [
    "settings: .dev.vars, tim-relay.jsonc",
    "settings of the environment: SHARDS",
  ]);
});

test("a copy of the sample by hand has its local lines too", () => {
  const example = readFileSync(join(import.meta.dirname, "../../.dev.vars.example"), "utf8");
  const { values } = read({ ".dev.vars": example });
  assert.match(values.FORWARD_RULES ?? "", /^\[\{"name":"local",/);
  assert.equal(values.ALLOW_PRIVATE_DESTINATIONS, "true");
});

test("a # that cuts a value of .dev.vars short is named with its line, and a comment is none", () => {
  const list = (group: string) => `[{"name":"a","match":{"body":{"GroupId":["${group}"]}},"answer":{}}]`;
  const cut = `SHARDS=1\nFORWARD_RULES=${list("@TGS#1")}`;
  assert.throws(
    () => read({ ".dev.vars": cut }),
    /^Error: \.dev\.vars:2: FORWARD_RULES: a # begins a comment here: write the value in quotes, '\[…\]'$/,
  );
  for (const value of [`'${list("@TGS#1")}'`, `${list("g")} # the group`, `${list("g")} # @TGS#1`]) {
    const { values } = read({ ".dev.vars": `FORWARD_RULES=${value}` });
    assert.equal(JSON.parse(values.FORWARD_RULES!).length, 1);
  }
});

test("the Worker is given its settings, the secrets of its rules and the files' variables, not the environment", () => {
  const settings = read(
    { "tim-relay.jsonc": userFile, ".dev.vars": "OWN=1\nLOG_LEVEL=" },
    { AUDIT_SECRET: "s", PATH: "/bin", HOME: "/root" },
  );
  const { FORWARD_RULES, ...others } = workerSettings(settings);
  assert.match(FORWARD_RULES ?? "", /^\[\{"name":"audit"/);
  const rest = Object.entries(others).filter(([name]) => !name.startsWith("FORWARD_RULES_"));
  assert.deepEqual(Object.fromEntries(rest), {
    SHARDS: "4",
    RETENTION_HOURS: "24",
    AUDIT_SECRET: "s",
    OWN: "1",
  });
});

test("rules of .dev.vars keep those of tim-relay.jsonc out, and that is said", () => {
  const local = '[{"name":"local","url":"http://localhost:8788"}]';
  const settings = read({ "tim-relay.jsonc": userFile, ".dev.vars": `FORWARD_RULES_2=${local}` });
  assert.deepEqual([settings.values.FORWARD_RULES, settings.values.FORWARD_RULES_2], [undefined, local]);
  assert.deepEqual(tellOrigins(settings), [
    "settings: .dev.vars, tim-relay.jsonc",
    "the rules of tim-relay.jsonc do not apply here: .dev.vars has rules of its own",
  ]);
});

test("without files that is said, and a wrong file is refused", () => {
  assert.deepEqual(tellOrigins(read({})), ["settings: there is no .dev.vars and no tim-relay.jsonc here"]);
  assert.throws(
    () => read({ "tim-relay.jsonc": '{"vars": {"SHRADS": 1}}' }),
    /^Error: tim-relay\.jsonc:1: vars\.SHRADS: /,
  );
});
