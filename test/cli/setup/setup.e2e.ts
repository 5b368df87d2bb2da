/** `tim-relay setup` beside a stand-in for wrangler, and a real gateway in the place of the deployed Worker. */
import assert from "node:assert/strict";
import { chmodSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { Webhook } from "standardwebhooks";
import { outcomeOf } from "../../support/command.ts";
import { type Settings, startGateway } from "../../support/gateway.ts";
import { startReceiver } from "../../support/receiver.ts";
import { inTerminal, noTerminal } from "../../support/terminal.ts";
import { standIn, type Told } from "./stand-in.ts";

const enter = "\r";
const down = "\u001b[B";
const ctrlC = "\u0003";
const one = { accounts: [{ id: "a1", name: "Harbour" }] };
const keptName = ".tim-relay.setup.json";
const secretsName = ".tim-relay.setup.secrets.json";

type Place = ReturnType<typeof standIn>;

/** A setup in a terminal. */
function conversation(place: Place, environment: Record<string, string>, ...args: string[]) {
  const command = [process.execPath, place.program, "setup", ...args];
  const terminal = inTerminal(command, { columns: 120, cwd: place.folder, environment });
  return {
    ...terminal,
    /** Waits for a question, and types the answer to it. */
    async answers(...turns: [question: RegExp, keys: string][]) {
      for (const [question, keys] of turns) {
        await terminal.seen(question);
        terminal.type(keys);
      }
    },
    shown: () => stripVTControlCharacters(terminal.log()),
  };
}

/** A gateway with exactly the settings with which a Worker was deployed. */
const gatewayAs = ({ config, secrets }: Told) => {
  const vars: Settings = { ...config!.vars, ...secrets! };
  return startGateway({ ALLOW_PRIVATE_DESTINATIONS: "", ...vars });
};

/** Without a terminal. */
const byOptions = (place: Place, args: readonly string[], environment: Record<string, string> = {}) =>
  outcomeOf(["setup", ...args], { cwd: place.folder, environment, from: place.program });

test("a conversation asks, shows what it will do, does it, and says what to enter", {
  skip: noTerminal,
}, async () => {
  const receiver = await startReceiver();
  const before = `{
  // a backend on this machine
  "vars": { "ALLOW_PRIVATE_DESTINATIONS": true },
}
`;
  const place = standIn(
    { "tim-relay.jsonc": before },
    { accounts: [...one.accounts, { id: "b2", name: "Pier" }] },
  );
  const setup = conversation(place, { LANG: "en_GB.UTF-8" });
  await setup.answers(
    [/SDKAppID of your app/, `abc${enter}`],
    [/Enter numbers/, `\b\b\b1400000000${enter}`],
    [/Environment; leave/, enter],
    [/Data centre of your app/, `${down}${enter}`],
    [/Path of the callback URL/, enter],
    [/Token with which Tencent signs/, enter],
    [/First destination/, enter],
    [/Address of the backend/, `${receiver.url}tim${enter}`],
    [/Name of the destination/, `${"\b".repeat(7)}audit${enter}`],
    [/Host of your own/, enter],
    [/Account at Cloudflare/, `${down}${enter}`],
    [/Do it\?/, enter],
  );
  const told = await place.deploy();
  const gateway = await gatewayAs(told);
  place.ends({ url: gateway.url });
  assert.equal(await setup.ended, 0, setup.shown());

  const { SDK_APP_ID, CALLBACK_TOKEN, ADMIN_TOKEN, AUDIT_SECRET, ...others } = told.secrets!;
  assert.deepEqual([SDK_APP_ID, others, told.account], ["1400000000", {}, "b2"]);
  assert.match(CALLBACK_TOKEN!, /^[0-9a-f]{32}$/);
  const { CALLBACK_PATH, LOCATION_HINT, FORWARD_RULES } = told.config!.vars;
  assert.match(CALLBACK_PATH!, /^\/[0-9a-f]{24}$/);
  assert.equal(LOCATION_HINT, "apac-se");
  assert.deepEqual(JSON.parse(FORWARD_RULES!), [
    { name: "audit", url: `${receiver.url}tim`, secret: "$AUDIT_SECRET" },
  ]);

  const [request] = await receiver.requests(1);
  new Webhook(AUDIT_SECRET!).verify(request!.body, request!.headers as Record<string, string>);
  assert.equal(JSON.parse(request!.body).type, "Group.CallbackAfterSendMsg");

  const shown = setup.shown();
  assert.match(shown, /secrets SDK_APP_ID, CALLBACK_TOKEN, ADMIN_TOKEN, AUDIT_SECRET/);
  assert.match(shown, /The first callback is kept as evt_/);
  assert.match(shown, /Destination audit: delivered, 200/);
  for (const line of [`${gateway.url}${CALLBACK_PATH}`, CALLBACK_TOKEN, ADMIN_TOKEN, AUDIT_SECRET])
    assert.ok(shown.split("\n").includes(`    ${line}`), `${line}\n${shown}`);
  const [plan = ""] = shown.split("Do it?");
  for (const secret of [CALLBACK_TOKEN, ADMIN_TOKEN, AUDIT_SECRET]) assert.ok(!plan.includes(secret!));

  assert.ok(!JSON.stringify(place.told().map(({ args }) => args)).includes(ADMIN_TOKEN!));
  assert.equal(told.mode, 0o600);
  const after = place.read("tim-relay.jsonc");
  assert.match(after, /^ {2}\/\/ a backend on this machine$/m);
  assert.ok(!after.includes("whsec_"));
  assert.deepEqual([place.has(keptName), place.has(secretsName)], [false, false]);
});

test("in Chinese, it is left, taken up after a failed deploy, and sends the same secrets again", {
  skip: noTerminal,
}, async () => {
  const place = standIn({}, one);
  const language = { LANG: "zh_CN.UTF-8" };
  const left = conversation(place, language);
  await left.answers(
    [/SDKAppID/, `1400000000${enter}`],
    [/环境，留空表示生产环境/, enter],
    [/应用所在的数据中心/, ctrlC],
  );
  assert.equal(await left.ended, 130);
  assert.match(left.shown(), /已离开。您的回答保存在/);
  assert.deepEqual(
    [place.has("tim-relay.jsonc"), place.told().map(({ args }) => args[0])],
    [false, ["whoami"]],
  );
  assert.equal(statSync(join(place.folder, keptName)).mode & 0o777, 0o600);

  const failing = conversation(place, language);
  await failing.answers(
    [/应用所在的数据中心/, enter],
    [/回调 URL 的路径/, `${"\b".repeat(25)}/tim${enter}`],
    [/腾讯云签名回调所用的令牌/, `${down}${enter}`],
    [/控制台的令牌/, `token-of-the-console${enter}`],
    [/事件的第一个目标/, `${down}${enter}`],
    [/目标的名称/, enter],
    [/主机名；留空/, enter],
    [/执行吗/, enter],
  );
  place.ends({ code: 1, failure: "You need to register a workers.dev subdomain before publishing" });
  assert.equal(await failing.ended, 1, failing.shown());
  assert.match(failing.shown(), /沿用 \.tim-relay\.setup\.json 中的回答/);
  assert.match(failing.shown(), /还没有 workers\.dev 地址/);
  assert.equal(place.has(secretsName), false);

  place.ends(null);
  const done = conversation(place, language, "--yes");
  const told = await place.deploy(2);
  assert.deepEqual(told.secrets, (await place.deploy(1)).secrets);
  assert.equal(told.secrets!.CALLBACK_TOKEN, "token-of-the-console");
  const gateway = await gatewayAs(told);
  place.ends({ url: gateway.url });
  assert.equal(await done.ended, 0, done.shown());
  assert.match(done.shown(), /第一个回调已保存为 evt_/);
  assert.ok(done.shown().includes(`${gateway.url}/tim`));
  assert.equal(place.has(keptName), false);
});

test("a wrong option or variable is told before the first question, and forgets nothing", {
  skip: noTerminal,
}, async () => {
  const place = standIn({ [keptName]: JSON.stringify({ answers: { app: "1400000000" } }) }, one);
  for (const [environment, args, told] of [
    [{}, ["--name=Audit"], /--name: Enter 1 to 40 characters/],
    [{ ADMIN_TOKEN: "two words" }, [], /ADMIN_TOKEN: Enter a token/],
  ] as const) {
    const setup = conversation(place, { LANG: "C", ...environment }, "--again", ...args);
    assert.equal(await setup.ended, 2, setup.shown());
    assert.match(setup.shown(), told);
  }
  assert.deepEqual([place.told(), place.has(keptName)], [[], true]);
});

test("Ctrl-C in a deploy ends it, and the secrets that were perhaps sent are kept", {
  skip: noTerminal,
}, async () => {
  const place = standIn({ [secretsName]: "{}" }, one);
  chmodSync(join(place.folder, secretsName), 0o644);
  const options = ["--app=1400000000", "--to=none", "--location=none", "--path=/tim", "--env=", "--domain="];
  const setup = conversation(place, { LANG: "C", CALLBACK_TOKEN: "callback-token" }, ...options, "--yes");
  const { secrets, mode } = await place.deploy();
  assert.equal(mode, 0o600);
  setup.type(ctrlC);
  assert.equal(await setup.ended, 130, setup.shown());
  assert.match(setup.shown(), /left during the deploy/);
  assert.equal(place.has(secretsName), false);
  const kept = JSON.parse(place.read(keptName));
  assert.deepEqual([kept.begun, { SDK_APP_ID: "1400000000", ...kept.secrets }], [true, secrets]);
});

test("a dry run shows the plan without a login, and does nothing", async () => {
  const place = standIn({}, null);
  const options = ["--app=1400000000", "--to=https://audit.example.com/tim", "--location=apac-se"];
  const { code, output } = await byOptions(place, [...options, "--dry-run", "--env=staging"]);
  assert.equal(code, 0, output);
  assert.match(output, /^ +"url": "https:\/\/audit\.example\.com\/tim",$/m);
  assert.match(output, /^ +npm run deploy -- --secrets-file=\S+ --env=staging$/m);
  assert.match(output, /A dry run: nothing was done\.\n$/);
  assert.deepEqual([place.has("tim-relay.jsonc"), place.has(keptName), place.told()], [false, false, []]);
});

test("without a terminal options answer, and the result is JSON", async () => {
  const rules = '[{ "name": "bot", "url": "$BOT" }]';
  const place = standIn(
    { "tim-relay.jsonc": `{ "vars": { "CALLBACK_PATH": "/tim" }, "rules": ${rules} }` },
    one,
  );
  const missing = await byOptions(place, ["--json"]);
  assert.deepEqual([missing.code, missing.output, place.told()], [2, "", []]);
  assert.match(missing.errors, /missing: --app, --location, BOT in the environment$/m);

  const options = ["--app=1400000000", "--location=none", "--json", "--yes"];
  const environment = { BOT: "https://bot.example.com/k/1", ADMIN_TOKEN: "an-admin-token", LANG: "zh_CN" };
  const running = byOptions(place, options, environment);
  const told = await place.deploy();
  const gateway = await gatewayAs({
    ...told,
    config: { vars: { ...told.config!.vars, FORWARD_RULES: "[]" } },
  });
  place.ends({ url: gateway.url });
  const { code, output, errors } = await running;
  assert.equal(code, 0, errors);
  const result = JSON.parse(output);
  assert.equal(result.callbackUrl, `${gateway.url}/tim`);
  assert.deepEqual(result.secrets, told.secrets);
  assert.deepEqual([told.secrets!.BOT, told.secrets!.ADMIN_TOKEN], [environment.BOT, "an-admin-token"]);
  assert.match(result.event.id, /^evt_/);
  assert.equal(place.read("tim-relay.jsonc").includes(rules), true);
});

test("a gateway that is there keeps its secrets, and without a login nothing begins", async () => {
  const options = ["--app=1400000000", "--location=none", "--to=none", "--yes"];
  const stranger = standIn({}, null);
  const refused = await byOptions(stranger, options);
  assert.equal(refused.code, 1);
  assert.match(refused.errors, /npx wrangler login/);
  const place = standIn({}, { ...one, secrets: ["SDK_APP_ID", "ADMIN_TOKEN"] });
  const there = await byOptions(place, options);
  assert.equal(there.code, 2);
  assert.match(
    there.errors,
    /tim-relay exists already, with the secrets SDK_APP_ID, ADMIN_TOKEN: .*--replace/,
  );
  assert.deepEqual(
    place.told().map(({ args }) => args[0]),
    ["whoami", "secret"],
  );
  const unsure = standIn({}, { ...one, refusal: "A request to the Cloudflare API failed." });
  const unknown = await byOptions(unsure, options);
  assert.equal(unknown.code, 1);
  assert.match(unknown.errors, /is not known: .*API failed/);
  for (const { has } of [stranger, place, unsure])
    assert.deepEqual([has("tim-relay.jsonc"), has(keptName)], [false, false]);
});
