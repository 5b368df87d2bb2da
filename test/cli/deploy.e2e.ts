/** `npm run deploy`, with a stand-in for wrangler that notes down its arguments and its configuration, and with wrangler. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkout as checkoutWith } from "../support/checkout.ts";
import { run } from "../support/program.ts";

/** Notes down what it was told, and ends with the code that the environment gives. */
const standIn = `
const { readFileSync, statSync, writeFileSync } = require("node:fs");
const args = process.argv.slice(2);
const config = args.find((one) => one.startsWith("--config=")).slice("--config=".length);
const { mode } = statSync(config);
writeFileSync("told.json", JSON.stringify({ args, mode: mode & 0o777, config: JSON.parse(readFileSync(config, "utf8")) }));
process.exit(Number(process.env.STAND_IN_CODE || 0));
`;

const checkout = (files: Readonly<Record<string, string>>, { real = false } = {}) =>
  checkoutWith(files, real ? null : standIn);

interface Told {
  args: string[];
  mode: number;
  config: {
    name: string;
    main: string;
    vars: Record<string, unknown>;
    secrets: { required: string[] };
    keep_vars?: boolean;
    env?: Record<string, Told["config"] & { durable_objects: object }>;
    routes?: unknown;
  };
}

async function deploy(folder: string, args: readonly string[] = [], environment = {}) {
  const program = run("deploy.ts", { project: folder, cwd: folder, args, environment });
  const code = await program.ended;
  const note = join(folder, "told.json");
  const told: Told | null = existsSync(note) ? JSON.parse(readFileSync(note, "utf8")) : null;
  return {
    code,
    log: program.log(),
    told,
    left: readdirSync(folder).filter((name) => name.startsWith(".wrangler.")),
  };
}

const userFile = `{
  "$schema": "./docs/tim-relay.schema.json",
  // "quotes", $dollars and 'apostrophes' must arrive
  "vars": { "CALLBACK_PATH": "/a-$path", "SHARDS": 4 },
  "rules": [
    { "name": "audit", "url": "https://audit.example.com/?a=\\"b\\"&c='d e'%20", "secret": "$AUDIT_SECRET" },
    { "name": "bot", "url": "$FEISHU_BOT" },
  ],
  "redact": [{ "on": "*.CallbackAfterSendMsg", "paths": ["MsgBody.MsgContent.Text"] }],
  "domains": ["tim.example.com"],
  "environments": {
    "staging": { "vars": { "SHARDS": 1 }, "rules": [] },
    "trial": { "domains": ["trial.example.com"] },
  },
}`;

test("the file's variables and rules reach wrangler whole, and what comes from where is said", async () => {
  const folder = checkout({ "tim-relay.jsonc": userFile });
  const before = readFileSync(join(folder, "wrangler.toml"), "utf8");
  const { code, log, told, left } = await deploy(folder, ["--dry-run", "--message=a b"]);
  assert.equal(code, 0, log);
  assert.deepEqual(told?.args.slice(0, 1), ["deploy"]);
  assert.deepEqual(told?.args.slice(2), ["--dry-run", "--message=a b"]);
  const { FORWARD_RULES, FORWARD_RULES_2, FORWARD_RULES_9, REDACT, CALLBACK_PATH, SHARDS } =
    told!.config.vars;
  assert.deepEqual([CALLBACK_PATH, SHARDS, FORWARD_RULES_2, FORWARD_RULES_9], ["/a-$path", "4", "[]", "[]"]);
  assert.deepEqual(JSON.parse(String(FORWARD_RULES)), [
    { name: "audit", url: `https://audit.example.com/?a="b"&c='d e'%20`, secret: "$AUDIT_SECRET" },
    { name: "bot", url: "$FEISHU_BOT" },
  ]);
  assert.deepEqual(JSON.parse(String(REDACT)), [
    { on: "*.CallbackAfterSendMsg", paths: ["MsgBody.MsgContent.Text"] },
  ]);
  assert.deepEqual(told!.config.secrets.required, ["SDK_APP_ID", "AUDIT_SECRET", "FEISHU_BOT"]);
  assert.deepEqual(
    [told!.config.name, told!.config.main, told!.config.keep_vars],
    ["tim-relay", "src/index.ts", true],
  );
  assert.deepEqual(told!.config.routes, [{ pattern: "tim.example.com", custom_domain: true }]);
  if (process.platform !== "win32") assert.equal(told!.mode, 0o600);

  assert.match(log, /^read wrangler\.toml, tim-relay\.jsonc$/m);
  assert.match(log, /^from tim-relay\.jsonc: CALLBACK_PATH, SHARDS, FORWARD_RULES, REDACT$/m);
  assert.match(log, /FORWARD_RULES_2, .*, FORWARD_RULES_9$/m);
  assert.match(log, /^audit: forwards every event to audit\.example\.com$/m);
  assert.match(log, /^needs the secrets: SDK_APP_ID, AUDIT_SECRET, FEISHU_BOT$/m);
  assert.deepEqual(left, [], "the generated configuration is removed");
  assert.equal(readFileSync(join(folder, "wrangler.toml"), "utf8"), before);
});

test("without the file nothing but wrangler.toml is deployed", async () => {
  const { code, log, told } = await deploy(checkout({}));
  assert.equal(code, 0, log);
  assert.deepEqual(told?.config.vars, {});
  assert.match(log, /^there is no tim-relay\.jsonc: other variables stay as they are$/m);
});

test("with a mistake nothing is deployed, and each is named by file, line and path", async () => {
  const wrong = `{
  "rules": [
    { "name": "good", "url": "https://good.example.com" },
    { "name": "slow", "url": "https://slow.example.com", "timeoutMs": 0 },
  ],
  "vars": { "SHARDS": 0 },
}`;
  const folder = checkout({ "tim-relay.jsonc": wrong });
  writeFileSync(join(folder, "wrangler.toml"), '\n[vars]\nLOG_LEVL = "warn"\nADMIN_TOKEN = "hunter2"\n', {
    flag: "a",
  });
  const { code, log, told } = await deploy(folder);
  assert.deepEqual([code, told], [1, null]);
  for (const line of [
    "tim-relay.jsonc:4: rules[1].timeoutMs: expected a whole number from 1 to 60000, got 0",
    "tim-relay.jsonc:6: vars.SHARDS: expected a whole number from 1 to 256",
    "wrangler.toml: LOG_LEVL is not a setting: did you mean LOG_LEVEL?",
    "wrangler.toml: ADMIN_TOKEN is a secret, and does not belong into a file: npx wrangler secret put ADMIN_TOKEN; for local runs, put it into .dev.vars",
    "4 mistakes: nothing was deployed",
  ])
    assert.ok(log.split("\n").includes(line), `${line}\n\n${log}`);
  assert.doesNotMatch(log, /hunter2/);

  writeFileSync(join(folder, "wrangler.toml"), 'name = "a"\nADMIN_TOKEN = "hunter2\n');
  const torn = await deploy(folder);
  assert.deepEqual([torn.code, torn.told], [1, null]);
  assert.match(torn.log, /^wrangler\.toml:2: is not TOML: /m);
  assert.doesNotMatch(torn.log, /hunter2/);

  const token = await deploy(checkout({ "tim-relay.jsonc": '{ "vars": { "CALLBACK_TOKEN": "hunter2" } }' }));
  assert.deepEqual([token.code, token.told], [1, null]);
  assert.match(
    token.log,
    /^tim-relay\.jsonc:1: vars\.CALLBACK_TOKEN: .*npx wrangler secret put CALLBACK_TOKEN/m,
  );
});

test("an environment is a Worker of its own, with the shard's binding and without the routes of the others", async () => {
  const folder = checkout({ "tim-relay.jsonc": userFile });
  const toml = join(folder, "wrangler.toml");
  writeFileSync(toml, `routes = ["relay.example.com/*"]\n${readFileSync(toml, "utf8")}`);
  const { code, log, told } = await deploy(folder, ["--env", "staging"]);
  assert.equal(code, 0, log);
  assert.deepEqual(told?.args.slice(2), ["--env", "staging"]);
  const { vars, secrets, durable_objects } = told!.config.env!.staging!;
  assert.deepEqual([vars.SHARDS, vars.CALLBACK_PATH, vars.FORWARD_RULES], ["1", "/a-$path", "[]"]);
  assert.deepEqual(secrets.required, ["SDK_APP_ID"]);
  assert.ok(durable_objects);
  assert.equal(told!.config.routes, undefined);
  const trial = await deploy(folder, ["--env=trial"]);
  assert.deepEqual(trial.told!.config.env!.trial!.routes, [
    { pattern: "trial.example.com", custom_domain: true },
  ]);

  const missing = await deploy(checkout({ "tim-relay.jsonc": userFile }), ["-e", "stagin"]);
  assert.deepEqual([missing.code, missing.told], [1, null]);
  assert.match(missing.log, /^there is no environment stagin: did you mean staging\?$/m);
});

test("variables of the command line go before the files, and are checked too", async () => {
  const folder = checkout({ "tim-relay.jsonc": userFile });
  const { told, log } = await deploy(folder, ["--var", "SHARDS:8", "LOG_LEVEL:warn"]);
  assert.deepEqual([told?.config.vars.SHARDS, told?.config.vars.LOG_LEVEL], ["8", "warn"]);
  assert.match(log, /^from --var: SHARDS, LOG_LEVEL$/m);
  const wrong = await deploy(checkout({}), ["--var=SHARDS:0"]);
  assert.deepEqual([wrong.code, wrong.told], [1, null]);
  assert.match(wrong.log, /^SHARDS: expected a whole number from 1 to 256$/m);
});

test("--no-keep-vars lets wrangler remove what neither file has; wrangler's exit code is ours", async () => {
  const { told, code } = await deploy(checkout({}), ["--no-keep-vars"], { STAND_IN_CODE: "3" });
  assert.deepEqual([told?.config.keep_vars, code], [false, 3]);
});

test("another configuration is read in place of wrangler.toml", async () => {
  const folder = checkout({ "other.jsonc": '{ "name": "other", /* ours */ "main": "src/index.ts", }' });
  const { told } = await deploy(folder, ["-c", "other.jsonc", "--dry-run"]);
  assert.deepEqual([told?.config.name, told?.args.slice(2)], ["other", ["--dry-run"]]);
  const missing = await deploy(folder, ["--config=none.toml"]);
  assert.match(missing.log, /^there is no .*none\.toml$/m);
});

test("wrangler itself takes the configuration, of an environment too", async () => {
  const long = Array.from({ length: 30 }, (_, index) => ({
    name: `rule-${index}`,
    url: `https://a.example.com/${"x".repeat(300)}`,
    secret: "$AUDIT_SECRET",
  }));
  const folder = checkout(
    {
      "tim-relay.jsonc": userFile
        .replace("rules", "rulez")
        .replace('"rulez": [', `"rules": [${JSON.stringify(long).slice(1, -1)},`),
    },
    { real: true },
  );
  const { code, log, left } = await deploy(folder, ["--dry-run"]);
  assert.equal(code, 0, log);
  assert.match(log, /env\.FORWARD_RULES \(/);
  assert.match(log, /env\.FORWARD_RULES_3 \(/);
  assert.match(log, /env\.SHARD \(/);
  assert.match(log, /env\.ASSETS /);
  assert.match(log, /--dry-run: exiting now/);
  assert.ok(readdirSync(join(folder, "dist/dashboard")).includes("index.html"), "the page was built");
  assert.doesNotMatch(log, /WARNING|ERROR/);
  assert.deepEqual(left, []);
  const staging = await deploy(folder, ["--dry-run", "--env=staging"]);
  assert.equal(staging.code, 0, staging.log);
  assert.match(staging.log, /env\.SHARD \(/);
  assert.doesNotMatch(staging.log, /WARNING|ERROR/);
});
