/** The user's own file: what it gives, and how its mistakes are named. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseUserFile, partFor, plainVariables } from "../../src/cli/user-file.ts";
import { userFileSchema } from "../../src/generate/user-file-schema.ts";
import { ruleVariables } from "../../src/settings.ts";
import { isValid } from "../rule/json-schema.ts";

const parse = (text: string) => parseUserFile("tim-relay.jsonc", text);

/** The sentences about a file's mistakes. */
function mistakesOf(text: string): string[] {
  try {
    parse(text);
  } catch (error) {
    assert.ok(error instanceof Error);
    return error.message.split("\n");
  }
  return [];
}

const whole = `{
  "$schema": "./docs/tim-relay.schema.json", // completes
  "vars": {
    "CALLBACK_PATH": "/tim",
    "SHARDS": 4,
    "ALLOW_PRIVATE_DESTINATIONS": true,
    "ALLOW_FROM": ["203.0.113.0/24", "198.51.100.7"],
    "LOCATION_HINT": null,
  },
  /* the backend */
  "rules": [
    { "name": "audit", "url": "https://audit.example.com", "match": { "body": { "Id": [144115200000000001] } } },
  ],
  "redact": [{ "on": "*", "paths": ["Text"] }],
}`;

test("a file with comments and trailing commas gives variables as texts", () => {
  const { variables } = parse(whole);
  const { FORWARD_RULES, FORWARD_RULES_2, FORWARD_RULES_9, REDACT, ...vars } = variables;
  assert.deepEqual(
    Object.fromEntries(Object.entries(vars).filter(([name]) => !ruleVariables.includes(name))),
    {
      CALLBACK_PATH: "/tim",
      SHARDS: "4",
      ALLOW_PRIVATE_DESTINATIONS: "true",
      ALLOW_FROM: "203.0.113.0/24,198.51.100.7",
      LOCATION_HINT: "",
    },
  );
  assert.equal(REDACT, '[{"on":"*","paths":["Text"]}]');
  assert.equal(
    FORWARD_RULES,
    '[{"name":"audit","url":"https://audit.example.com","match":{"body":{"Id":[144115200000000001]}}}]',
  );
  assert.deepEqual([FORWARD_RULES_2, FORWARD_RULES_9], ["[]", "[]"]);
});

test("domains are hosts, and each deployment has its own", () => {
  const file = parse('{"domains": ["tim.example.com"], "environments": {"staging": {}}}');
  assert.deepEqual(partFor(file, null).domains, ["tim.example.com"]);
  assert.deepEqual(partFor(file, "staging").domains, []);
  assert.deepEqual(
    mistakesOf('{"domains": ["https://tim.example.com", "tim.example.com/a", "localhost", 7]}'),
    [
      "tim-relay.jsonc:1: domains[0]: expected a host such as tim.example.com",
      "tim-relay.jsonc:1: domains[1]: expected a host such as tim.example.com",
      "tim-relay.jsonc:1: domains[2]: expected a host such as tim.example.com",
      "tim-relay.jsonc:1: domains[3]: expected a host such as tim.example.com",
    ],
  );
});

test("a file without rules and redaction leaves those variables alone", () => {
  assert.deepEqual(Object.keys(parse('{"vars": {"SHARDS": 2}}').variables), ["SHARDS"]);
});

test("an environment has the variables of all and its own, and its own rules instead of theirs", () => {
  const file = parse(`{
    "vars": { "SHARDS": 4, "LOG_LEVEL": "warn" },
    "rules": [{ "name": "all", "url": "https://a.example.com" }],
    "environments": {
      "staging": { "vars": { "SHARDS": 1 }, "rules": [] },
      "canary": { "vars": { "LOG_LEVEL": "debug" } },
    },
  }`);
  const staging = partFor(file, "staging");
  assert.deepEqual(
    [
      staging.variables.SHARDS,
      staging.variables.LOG_LEVEL,
      staging.variables.FORWARD_RULES,
      staging.rules?.name,
    ],
    ["1", "warn", "[]", "environments.staging.rules"],
  );
  const canary = partFor(file, "canary");
  assert.deepEqual(
    [canary.variables.SHARDS, canary.variables.LOG_LEVEL, canary.rules?.name],
    ["4", "debug", "rules"],
  );
  assert.equal(canary.paths.get("LOG_LEVEL"), "environments.canary.vars.LOG_LEVEL");
});

test("a mistake in the JSON is named by its line", () => {
  assert.deepEqual(mistakesOf('{\n  "vars": {\n    "SHARDS": 4\n    "LOG_LEVEL": "warn"\n  }\n}'), [
    "tim-relay.jsonc:4: is not JSON: comma expected",
  ]);
  assert.deepEqual(mistakesOf(""), ["tim-relay.jsonc:1: is not JSON: value expected"]);
  assert.deepEqual(mistakesOf("[]"), [
    "tim-relay.jsonc:1: expected an object with $schema, vars, rules, redact, domains, environments, got an empty list",
  ]);
});

test("a name or a value that does not belong is named by line and path, all together", () => {
  const wrong = `{
  "var": {},
  "vars": {
    "SHRADS": 4,
    "SHARDS": { "count": 4 },
    "REDACT": [],
    "FORWARD_RULES_2": "[]",
    "CALLBACK_TOKEN": "t",
    "AUDIT_SECRET": "whsec_",
    "LOG_LEVEL": "warn",
    "LOG_LEVEL": "info"
  },
  "rules": [
    { "name": "audit", "url": "https://audit.example.com", "secret": "$AUDIT_SECRET", "name": "twice" }
  ],
  "redact": {},
  "environments": {
    "staging": { "vras": {}, "vars": { "ADMIN_TOKEN": "t" } },
    "Prod": 1
  }
}`;
  const secret = (name: string) =>
    `is a secret, and does not belong into a file: npx wrangler secret put ${name}; for local runs, put it into .dev.vars`;
  assert.deepEqual(mistakesOf(wrong), [
    "tim-relay.jsonc:2: var: is not known here: did you mean vars?",
    "tim-relay.jsonc:4: vars.SHRADS: is not a setting: did you mean SHARDS?",
    "tim-relay.jsonc:5: vars.SHARDS: expected a text, a number, true, false, or a list of texts, got an object",
    'tim-relay.jsonc:6: vars.REDACT: goes into "redact", beside vars',
    'tim-relay.jsonc:7: vars.FORWARD_RULES_2: goes into "rules", beside vars',
    `tim-relay.jsonc:8: vars.CALLBACK_TOKEN: ${secret("CALLBACK_TOKEN")}`,
    `tim-relay.jsonc:9: vars.AUDIT_SECRET: ${secret("AUDIT_SECRET")}`,
    "tim-relay.jsonc:16: redact: expected a list, got an object",
    "tim-relay.jsonc:18: environments.staging.vras: is not known here: did you mean vars?",
    `tim-relay.jsonc:18: environments.staging.vars.ADMIN_TOKEN: ${secret("ADMIN_TOKEN")}`,
    "tim-relay.jsonc:19: environments.Prod: expected a name of a-z, 0-9 and -, 40 characters at most",
    "tim-relay.jsonc:19: environments.Prod: expected an object, got a number",
    "tim-relay.jsonc:10: vars.LOG_LEVEL: is given twice",
  ]);
});

test("no mistake repeats a value", () => {
  const text = '{"vars": {"CALLBACK_TOKEN": "hunter2", "SHARDS": {"a": "hunter2"}}, "rules": "hunter2"}';
  const all = mistakesOf(text);
  assert.equal(all.length, 3);
  assert.doesNotMatch(all.join(), /hunter2/);
});

test("long rules are spread over the variables in their order, none of them over the limit", () => {
  const rules = Array.from({ length: 40 }, (_, index) => ({
    name: `rule-${index}`,
    url: `https://a.example.com/${"é".repeat(400)}`,
  }));
  const { variables } = parse(JSON.stringify({ rules }));
  const texts = ruleVariables.map((name) => variables[name]!);
  assert.deepEqual(
    texts.flatMap((text) => JSON.parse(text)),
    rules,
  );
  for (const text of texts) assert.ok(Buffer.byteLength(text) <= 5_000);
  assert.ok(Buffer.byteLength(texts[0]!) > 4_000);
  assert.equal(texts.at(-1), "[]");
});

test("a rule that no variable holds, and more rules than all variables hold, are mistakes", () => {
  const rule = (bytes: number) => ({ name: "a", url: `https://a.example.com/${"x".repeat(bytes)}` });
  assert.deepEqual(
    mistakesOf(`{\n"rules": [${JSON.stringify(rule(10))},\n${JSON.stringify(rule(5_000))}]}`),
    ["tim-relay.jsonc:3: rules[1]: takes 5045 bytes, and a variable holds 5000 at most"],
  );
  assert.deepEqual(mistakesOf(JSON.stringify({ rules: Array(10).fill(rule(4_000)) })), [
    "tim-relay.jsonc:1: rules: take 10 variables of 5000 bytes, and there are 9",
  ]);
});

test("the schema for editors takes what the reader takes, and refuses what it refuses", () => {
  const schema = userFileSchema();
  const right = [
    {},
    { $schema: "./docs/tim-relay.schema.json" },
    { vars: { SHARDS: 4, LOG_LEVEL: "warn", ALLOW_FROM: ["203.0.113.0/24"], LOCATION_HINT: null } },
    { vars: { ALLOW_PRIVATE_DESTINATIONS: true }, rules: [{ name: "a", url: "https://a.example.com" }] },
    { redact: [{ on: "*", paths: ["Text"] }], environments: { staging: { vars: { SHARDS: 1 } } } },
  ];
  const wrong = [
    [],
    { var: {} },
    { vars: { SHRADS: 1 } },
    { vars: { CALLBACK_TOKEN: "t" } },
    { vars: { REDACT: [] } },
    { vars: { SHARDS: {} } },
    { rules: {} },
    { redact: {} },
    { environments: { staging: { environments: {} } } },
    { environments: { Prod: {} } },
  ];
  for (const one of right) {
    assert.deepEqual(mistakesOf(JSON.stringify(one)), []);
    assert.equal(isValid(one, schema), true, JSON.stringify(one));
  }
  for (const one of wrong) {
    assert.notDeepEqual(mistakesOf(JSON.stringify(one)), []);
    assert.equal(isValid(one, schema), false, JSON.stringify(one));
  }
  assert.equal(isValid({ vars: { LOG_LEVEL: "loud" } }, schema), false);
  assert.equal(isValid({ rules: [{ name: "a", ulr: "https://a.example.com" }] }, schema), false);
  for (const name of plainVariables)
    assert.ok(
      (schema as never as { properties: { vars: { properties: object } } }).properties.vars.properties,
      name,
    );
});
