import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { adminToken, clientOf } from "../support/client.ts";
import { server } from "../support/other-server.ts";
import { outputOf } from "../support/output.ts";
import { serve } from "../support/program.ts";

const scratch = mkdtempSync(join(tmpdir(), "tim-relay-serve-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

const secret = "whsec_dGhpcyBzZWNyZXQgbXVzdCBub3QgYmUgb24gZGlzaw==";
const settings = {
  SDK_APP_ID: "1400000000",
  CALLBACK_TOKEN: "token-that-must-not-be-on-disk",
  FORWARD_RULES: JSON.stringify([{ name: "a", url: "https://a.example.com/", secret: "$RULE_SECRET" }]),
  RULE_SECRET: secret,
};

const noted = (dataDir: string) => JSON.parse(readFileSync(join(dataDir, "gateway.json"), "utf8"));
const answers = async (url: string) => (await fetch(`${url}/health`)).status > 0;

test("serve prints its address, answers there, and stops on SIGTERM with exit code 0", async () => {
  const dataDir = join(scratch, "plain");
  const gateway = await serve({ settings, dataDir });
  assert.match(gateway.log(), /^listening on http:\/\/127\.0\.0\.1:[1-9]\d*$/m);
  assert.ok(await answers(gateway.url));
  assert.equal(await gateway.stop(), 0);
  await assert.rejects(answers(gateway.url));
});

test("serve reads lists of words from the folder of a KV namespace", async () => {
  const dataDir = join(scratch, "words");
  const namespace = join(dataDir, "kv", "WORDS");
  mkdirSync(namespace, { recursive: true });
  writeFileSync(join(namespace, "banned"), "darn\n笨蛋\n");
  const on = "C2C.CallbackBeforeSendMsg";
  const refusal = { ErrorCode: 120_001 };
  const rules = [
    { name: "missing", on, words: "kv:WORDS/missing", answer: refusal },
    { name: "unbound", on, words: "kv:OTHER/banned", answer: refusal },
    { name: "banned", on, words: "kv:WORDS/banned", answer: refusal },
  ];
  const FORWARD_RULES = JSON.stringify(rules);
  const gateway = await serve({ settings: { ...settings, FORWARD_RULES }, dataDir });
  const client = clientOf(
    () => gateway.url,
    () => settings.CALLBACK_TOKEN,
  );
  const send = async (Text: string) => {
    const MsgBody = [{ MsgType: "TIMTextElem", MsgContent: { Text } }];
    return JSON.parse((await client.send(on, { MsgBody })).text).ErrorCode;
  };
  assert.deepEqual([await send("what a 笨蛋"), await send("fine")], [120_001, 0]);
  const problems = await client.problems();
  const named = problems
    .filter((problem) => /kv:|words/.test(problem))
    .map((problem) => problem.split(" ", 4).join(" "));
  assert.deepEqual(named, ["FORWARD_RULES[1].words: there is no", "missing: kv:WORDS/missing is missing,"]);
  assert.doesNotMatch(gateway.log(), /FORWARD_RULES\[[02]\]/);
  assert.equal(await gateway.stop(), 0);
});

test("serve reads tim-relay.jsonc after .dev.vars, and says which files it read", async () => {
  const dataDir = join(scratch, "user-file");
  mkdirSync(dataDir);
  writeFileSync(
    join(dataDir, ".dev.vars"),
    `CALLBACK_PATH=/mine\nADMIN_TOKEN=${adminToken}\nRULE_SECRET=${secret}\n`,
  );
  writeFileSync(
    join(dataDir, "tim-relay.jsonc"),
    `{
      "vars": { "CALLBACK_PATH": "/theirs", "SHARDS": 2 }, // all
      "rules": [
        { "name": "audit", "url": "https://a.example.com/", "secret": "$RULE_SECRET" },
        { "name": "slow", "url": "https://b.example.com/", "timeoutMs": 0 },
      ],
    }`,
  );
  const gateway = await serve({ settings: { SDK_APP_ID: "1400000000" }, dataDir });
  assert.match(gateway.log(), /^settings: \.dev\.vars, tim-relay\.jsonc$/m);
  assert.match(gateway.log(), /^settings of the environment: SDK_APP_ID$/m);
  assert.match(
    gateway.log(),
    /^warning: tim-relay\.jsonc:5: rules\[1\]\.timeoutMs: expected a whole number/m,
  );
  assert.equal((await fetch(`${gateway.url}/mine`)).status, 200);
  assert.equal((await fetch(`${gateway.url}/theirs`)).status, 404);
  const headers = { authorization: `Bearer ${adminToken}` };
  const answer = await fetch(`${gateway.url}/api/destinations`, { headers });
  assert.match(await answer.text(), /"name":"audit"/);
  await gateway.stop();

  writeFileSync(join(dataDir, "tim-relay.jsonc"), '{\n"vars": { "SHRADS": 2 }\n}');
  await assert.rejects(serve({ settings, dataDir }), /\ntim-relay\.jsonc:2: vars\.SHRADS: is not a setting/);
});

test("serve logs lines for people, or JSON where LOG_FORMAT says so", async () => {
  const dataDir = join(scratch, "log");
  for (const [format, line] of [
    [{}, / info {2}callback command=State\.StateChange id=\S+ phase=after result=kept ms=\d+$/],
    [{ LOG_FORMAT: "json" }, /^\{.*"level":"info","at":"callback","command":"State\.StateChange",.*\}$/],
  ] as const) {
    const gateway = await serve({ settings: { ...settings, ...format }, dataDir });
    const client = clientOf(
      () => gateway.url,
      () => settings.CALLBACK_TOKEN,
    );
    await client.send("State.StateChange", { Info: { To_Account: "lan", Action: "Login" }, EventTime: 1 });
    await gateway.seen(line);
    await gateway.stop();
  }
});

test("serve says that changed settings need a start, and names the mistakes in them", async () => {
  const dataDir = join(scratch, "changed");
  const gateway = await serve({ settings, dataDir });
  writeFileSync(join(dataDir, ".dev.vars"), "SHARDS=many\n");
  await gateway.seen(/^warning: SHARDS: /);
  await gateway.seen(/^the files of settings changed: the gateway uses them after its next start$/);
  assert.ok(await answers(gateway.url));
  assert.equal(await gateway.stop(), 0);
});

test("serve continues after a SIGKILL of the whole process group", async () => {
  const dataDir = join(scratch, "group");
  const first = await serve({ settings, dataDir });
  await first.kill();
  await assert.rejects(answers(first.url));
  const second = await serve({ settings, dataDir });
  assert.ok(await answers(second.url));
  assert.equal(await second.stop(), 0);
});

test("serve ends the workerd of a killed gateway", async () => {
  const dataDir = join(scratch, "parent");
  const first = await serve({ settings, dataDir });
  process.kill(first.pid, "SIGKILL");
  // The orphan still answers, and would use the same files as the next gateway.
  assert.ok(await answers(first.url));
  const second = await serve({ settings, dataDir });
  await first.ended;
  await assert.rejects(answers(first.url));
  assert.ok(await answers(second.url));
  assert.equal(await second.stop(), 0);
});

test("serve does not end another process that has an old workerd's process id", async () => {
  const dataDir = join(scratch, "reused");
  const first = await serve({ settings, dataDir });
  await first.kill();
  writeFileSync(join(dataDir, "gateway.json"), JSON.stringify({ gateway: 1, workerd: process.pid }));
  const second = await serve({ settings, dataDir });
  assert.equal(await second.stop(), 0);
});

test("a data folder that another gateway uses is refused by name", async () => {
  const dataDir = join(scratch, "shared");
  const first = await serve({ settings, dataDir });
  await assert.rejects(serve({ settings, dataDir }), (error: Error) => {
    assert.match(error.message, new RegExp(`in use by the gateway with process id ${first.pid}:`));
    assert.doesNotMatch(error.message, /\n\s+at /);
    return true;
  });
  assert.ok(await answers(first.url));
  assert.equal(await first.stop(), 0);
});

test("a port that is in use or invalid is one sentence", async () => {
  const { port } = new URL(await server(() => {}));
  const dataDir = join(scratch, "port");
  await assert.rejects(
    serve({ settings: { ...settings, PORT: port }, dataDir }),
    new RegExp(`:\nport ${port} of 127.0.0.1 is in use by another program: .*\n$`),
  );
  await assert.rejects(
    serve({ settings: { ...settings, PORT: "http" }, dataDir }),
    /:\nPORT must be a whole number from 0 to 65535, not "http"\n$/,
  );
});

test("a full disk is reported with the folder's name, and serve starts once there is room", {
  skip: process.platform !== "linux" && "only Linux has a file that is always full",
}, async () => {
  const dataDir = join(scratch, "full");
  const first = await serve({ settings, dataDir });
  assert.equal(await first.stop(), 0);
  const kept = readdirSync(dataDir, { recursive: true }).sort();
  const config = join(dataDir, "workerd.capnp");
  rmSync(config);
  symlinkSync("/dev/full", config);
  await assert.rejects(
    serve({ settings, dataDir }),
    new RegExp(`:\nDATA_DIR ${dataDir} cannot be used: ENOSPC: .*\n$`),
  );
  assert.deepEqual(readdirSync(dataDir, { recursive: true }).sort(), kept);
  rmSync(config);
  const second = await serve({ settings, dataDir });
  assert.ok(await answers(second.url));
  assert.equal(await second.stop(), 0);
});

test("serve fails with a sentence when workerd ends", async () => {
  const dataDir = join(scratch, "crash");
  const gateway = await serve({ settings, dataDir });
  process.kill(noted(dataDir).workerd, "SIGKILL");
  assert.equal(await gateway.ended, 1);
  assert.match(gateway.log(), /workerd ended by itself \(SIGKILL\)/);
});

test("serve writes no secret to disk", async () => {
  const dataDir = join(scratch, "secrets");
  const gateway = await serve({ settings, dataDir });
  assert.ok(await answers(gateway.url));
  // Other folders beside the builds come and go.
  const files = [dataDir, join(import.meta.dirname, "../../dist")].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => !name.startsWith("bench-"))
      .map((name) => join(folder, name)),
  );
  let config = "";
  for (const path of files.filter((path) => statSync(path).isFile())) {
    const content = readFileSync(path, "utf8");
    if (path.startsWith(dataDir) && path.endsWith("workerd.capnp")) config = content;
    for (const value of [settings.CALLBACK_TOKEN, secret])
      assert.ok(!content.includes(value), `a secret is in ${path}`);
  }
  assert.match(config, /fromEnvironment = "CALLBACK_TOKEN"/);
  assert.match(config, /fromEnvironment = "RULE_SECRET"/);
  assert.match(config, /fromEnvironment = "TIM_RELAY_STOP_TOKEN"/);
  assert.equal(await gateway.stop(), 0);
});

test("serve stops when the npm that started it is killed, also with a shell between", {
  skip: process.platform === "win32" && "there is no telling",
  timeout: 180_000,
}, async () => {
  const dataDir = join(scratch, "npm");
  mkdirSync(dataDir);
  const program = join(import.meta.dirname, "../../src/cli/tim-relay.js");
  const script = `"${process.execPath}" "${program}" serve; exit $?`;
  const npm = `require("node:child_process").spawn("/bin/sh", ["-c", process.env.SCRIPT], { stdio: "inherit" })`;
  const child = spawn(process.execPath, ["-e", npm], {
    cwd: dataDir,
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      ...settings,
      npm_lifecycle_event: "serve",
      SCRIPT: script,
      PORT: "0",
      DATA_DIR: dataDir,
    },
  });
  after(() => child.kill("SIGKILL"));
  const line = await outputOf(child, "serve").seen(/^listening on /);
  const url = line.slice("listening on ".length);
  assert.ok(await answers(url));
  child.kill("SIGKILL");
  // Open as long as the shell, the gateway or its workerd lives.
  await once(child.stdout, "close");
  await assert.rejects(answers(url));
  assert.ok(!existsSync(join(dataDir, "gateway.json")), "it was not a clean stop");
});
