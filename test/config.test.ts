import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfig, readOtherRules } from "../src/config.ts";
import { pathOf } from "../src/setting-kinds.ts";
import { localRun, settingNames } from "../src/settings.ts";

const app = { SDK_APP_ID: "1400000000" };
const quiet = { ...app, CALLBACK_TOKEN: "a-token" };

test("a configuration with the required settings only has all defaults", () => {
  const config = readConfig({ ...quiet });
  assert.deepEqual(config.problems, []);
  assert.equal(config.configured, true);
  const { receiving, rules, secrets, ...rest } = config;
  assert.ok(Array.isArray(secrets));
  assert.deepEqual(receiving, {
    apps: ["1400000000"],
    tokens: ["a-token"],
    allows: null,
    unknownCommands: "accept",
    invalidPayloads: "quarantine",
  });
  assert.deepEqual(rules.rules, []);
  assert.deepEqual(
    { ...rest, problems: undefined },
    {
      configured: true,
      callbackPath: "/",
      trustedProxy: null,
      adminTokens: [],
      readTokens: [],
      readTokenSees: "metadata",
      shards: 1,
      locationHint: null,
      retentionMs: 168 * 3_600_000,
      privateDestinations: false,
      redaction: null,
      logLevel: "info",
      logSample: 0.02,
      logFormat: "json",
      problems: undefined,
    },
  );
});

test("each setting is read from text and from JSON values", () => {
  type Config = ReturnType<typeof readConfig>;
  const cases: [name: string, given: unknown, read: (config: Config) => unknown, value: unknown][] = [
    ["SDK_APP_ID", 1400000000, ({ receiving }) => receiving.apps, ["1400000000"]],
    [
      "SDK_APP_ID",
      " 1400000000 , 1400000001,",
      ({ receiving }) => receiving.apps,
      ["1400000000", "1400000001"],
    ],
    [
      "SDK_APP_ID",
      [1400000000, "1400000001"],
      ({ receiving }) => receiving.apps,
      ["1400000000", "1400000001"],
    ],
    ["CALLBACK_TOKEN", "old, new", ({ receiving }) => receiving.tokens, ["old", "new"]],
    ["CALLBACK_TOKEN", "\nold\r\n,\tnew\u00a0", ({ receiving }) => receiving.tokens, ["old", "new"]],
    ["ADMIN_TOKEN", " secret\n", ({ adminTokens }) => adminTokens, ["secret"]],
    ["ADMIN_TOKEN", "A-z._~9,new", ({ adminTokens }) => adminTokens, ["A-z._~9", "new"]],
    ["READ_TOKEN", "A-z._~9,new", ({ readTokens }) => readTokens, ["A-z._~9", "new"]],
    ["LOG_LEVEL", " debug\n", ({ logLevel }) => logLevel, "debug"],
    ["LOG_SAMPLE", " 0.25\n", ({ logSample }) => logSample, 0.25],
    ["LOG_SAMPLE", 1, ({ logSample }) => logSample, 1],
    ["LOG_FORMAT", "text", ({ logFormat }) => logFormat, "text"],
    ["READ_TOKEN_SEES", "bodies", ({ readTokenSees }) => readTokenSees, "bodies"],
    ["ADMIN_TOKEN", 12345, ({ adminTokens }) => adminTokens, ["12345"]],
    [
      "TRUSTED_PROXY",
      " 203.0.113.7  X-Real-IP\n",
      ({ trustedProxy }) => trustedProxy?.header.toLowerCase(),
      "x-real-ip",
    ],
    ["CALLBACK_PATH", "/tim", ({ callbackPath }) => callbackPath, "/tim"],
    ["CALLBACK_PATH", "tim/", ({ callbackPath }) => callbackPath, "/tim"],
    ["CALLBACK_PATH", "/a/b", ({ callbackPath }) => callbackPath, "/a/b"],
    ["CALLBACK_PATH", "/回", ({ callbackPath }) => callbackPath, "/%E5%9B%9E"],
    ["CALLBACK_PATH", "/", ({ callbackPath }) => callbackPath, "/"],
    ["SHARDS", 4, ({ shards }) => shards, 4],
    ["SHARDS", " 4 ", ({ shards }) => shards, 4],
    ["LOCATION_HINT", "apac-se", ({ locationHint }) => locationHint, "apac-se"],
    ["RETENTION_HOURS", "24", ({ retentionMs }) => retentionMs, 24 * 3_600_000],
    ["RETENTION_HOURS", 0.5, ({ retentionMs }) => retentionMs, 1_800_000],
    ["UNKNOWN_COMMANDS", "reject", ({ receiving }) => receiving.unknownCommands, "reject"],
    ["INVALID_PAYLOADS", "forward", ({ receiving }) => receiving.invalidPayloads, "forward"],
    ["INVALID_PAYLOADS", "reject", ({ receiving }) => receiving.invalidPayloads, "reject"],
    ["ALLOW_PRIVATE_DESTINATIONS", "true", ({ privateDestinations }) => privateDestinations, true],
    ["ALLOW_PRIVATE_DESTINATIONS", true, ({ privateDestinations }) => privateDestinations, true],
    ["ALLOW_PRIVATE_DESTINATIONS", "false", ({ privateDestinations }) => privateDestinations, false],
  ];
  for (const [name, given, read, value] of cases) {
    const config = readConfig({ ...quiet, [name]: given });
    assert.deepEqual(config.problems, [], `${name}=${JSON.stringify(given)}`);
    assert.deepEqual(read(config), value, `${name}=${JSON.stringify(given)}`);
  }
});

test("an empty setting is not set", () => {
  const empty = Object.fromEntries(settingNames.map((name) => [name, ""]));
  const { problems, configured } = readConfig({ ...empty, ...quiet });
  assert.deepEqual(problems, []);
  assert.equal(configured, true);
  assert.deepEqual(readConfig({ ...empty }).problems, readConfig({}).problems);
});

test("a wrong setting is named without its value, and its default applies", () => {
  const cases: [name: string, given: unknown][] = [
    ["SHARDS", "many"],
    ["SHARDS", 0],
    ["SHARDS", 2.5],
    ["SHARDS", -1],
    ["SHARDS", 257],
    ["SHARDS", "0x10"],
    ["SHARDS", ["4"]],
    ["LOCATION_HINT", "moon-1"],
    ["RETENTION_HOURS", "a-week"],
    ["RETENTION_HOURS", 0],
    ["RETENTION_HOURS", 1e9],
    ["UNKNOWN_COMMANDS", "Accept!"],
    ["INVALID_PAYLOADS", "drop-them"],
    ["ALLOW_PRIVATE_DESTINATIONS", "yes-please"],
    ["ALLOW_PRIVATE_DESTINATIONS", 1],
    ["ADMIN_TOKEN", { secret: "inner-secret" }],
    ["ADMIN_TOKEN", true],
    ["ADMIN_TOKEN", "   "],
    ["ADMIN_TOKEN", "\u00a0"],
    ["ADMIN_TOKEN", "two words"],
    ["ADMIN_TOKEN", "caf\u00e9"],
  ];
  const plain = readConfig({ ...quiet });
  for (const [name, given] of cases) {
    const { problems, receiving, rules, secrets, ...rest } = readConfig({ ...quiet, [name]: given });
    const what = `${name}=${JSON.stringify(given)}`;
    assert.equal(problems.length, 1, what);
    assert.ok(problems[0]!.startsWith(`${name}: `), problems[0]);
    if (typeof given === "string" && given.trim() !== "")
      assert.ok(!problems[0]!.includes(given), problems[0]);
    assert.ok(!problems[0]!.includes("inner-secret"));
    const { problems: _, receiving: receivingOfPlain, rules: __, secrets: ___, ...restOfPlain } = plain;
    assert.deepEqual(rest, restOfPlain, what);
    assert.deepEqual(receiving, receivingOfPlain, what);
  }
});

test("a wrong setting that decides which callers are trusted stops all receiving", () => {
  const cases: [name: string, given: unknown][] = [
    ["SDK_APP_ID", undefined],
    ["SDK_APP_ID", ""],
    ["SDK_APP_ID", ","],
    ["SDK_APP_ID", "1400000000x"],
    ["SDK_APP_ID", "1400000000 1400000001"],
    ["SDK_APP_ID", {}],
    ["SDK_APP_ID", -5],
    ["SDK_APP_ID", 1.5],
    ["CALLBACK_TOKEN", " , "],
    ["CALLBACK_TOKEN", { token: "x" }],
    ["TRUSTED_PROXY", "203.0.113.7"],
    ["TRUSTED_PROXY", "x-real-ip"],
    ["TRUSTED_PROXY", "proxy.example.com x-real-ip"],
    ["TRUSTED_PROXY", "203.0.113.0/33 x-real-ip"],
    ["TRUSTED_PROXY", "203.0.113.7 x real ip"],
    ["TRUSTED_PROXY", "203.0.113.7 forwarded"],
    ["TRUSTED_PROXY", 5],
    ["CALLBACK_PATH", "/tim?key=secret-key"],
    ["CALLBACK_PATH", "/a b"],
    ["CALLBACK_PATH", "/api/tim"],
    ["CALLBACK_PATH", "/api"],
    ["CALLBACK_PATH", "/health/"],
    ["CALLBACK_PATH", "/metrics"],
    ["CALLBACK_PATH", "/openapi.json"],
  ];
  for (const [name, given] of cases) {
    const { configured, problems } = readConfig({ ...quiet, [name]: given });
    assert.equal(configured, false, `${name}=${JSON.stringify(given)}`);
    assert.equal(problems.length, 1, problems.join("\n"));
    assert.ok(problems[0]!.startsWith(name));
    assert.ok(!problems[0]!.includes("secret-key"));
  }
  assert.equal(readConfig({ ...quiet, CALLBACK_PATH: "/apiary" }).configured, true);
});

test("all problems are named together", () => {
  const { problems } = readConfig({
    SDK_APP_ID: "mine",
    SHARDS: "many",
    LOCATION_HINT: "moon",
    RETENTION_HOURS: "long",
    UNKNOWN_COMMANDS: "x",
    INVALID_PAYLOADS: "x",
    ALLOW_FROM: "203.0.113.0/24,everyone,203.0.113.300",
    FORWARD_RULES: "[{}",
    FORWARD_RULES_9: [{ name: "Audit", url: "https://audit.example.com/" }],
  });
  for (const name of [
    "SDK_APP_ID: ",
    "SHARDS: ",
    "LOCATION_HINT: ",
    "RETENTION_HOURS: ",
    "UNKNOWN_COMMANDS: ",
    "INVALID_PAYLOADS: ",
    "ALLOW_FROM: entry 2",
    "ALLOW_FROM: entry 3",
    "FORWARD_RULES: ",
    "FORWARD_RULES_9[0].name: ",
  ])
    assert.equal(
      problems.filter((problem) => problem.startsWith(name)).length,
      1,
      `${name}\n${problems.join("\n")}`,
    );
});

test("without a callback token the gateway works, and a problem says that signatures are not checked", () => {
  const { configured, problems } = readConfig({ ...app });
  assert.equal(configured, true);
  assert.deepEqual(problems, ["CALLBACK_TOKEN is not set: signatures are not checked"]);
});

test("ALLOW_FROM allows the IPv4 and IPv6 addresses of its ranges, and no caller without an address", () => {
  const { receiving, problems } = readConfig({
    ...quiet,
    ALLOW_FROM: "203.0.113.0/24, 198.51.100.7,2001:db8::/32, nonsense",
  });
  const { allows } = receiving;
  for (const address of ["203.0.113.0", "203.0.113.255", "198.51.100.7", "2001:db8::1", "::ffff:203.0.113.9"])
    assert.equal(allows!(address), true, address);
  for (const address of ["203.0.114.0", "198.51.100.8", "2001:db9::1", "nonsense", "", null])
    assert.equal(allows!(address), false, String(address));
  assert.equal(problems.length, 1);
});

test("an unreadable ALLOW_FROM allows no address, and is named", () => {
  for (const given of ["nonsense", ",", { cidr: "0.0.0.0/0" }]) {
    const { receiving, problems, configured } = readConfig({ ...quiet, ALLOW_FROM: given });
    assert.ok(!configured || receiving.allows?.("203.0.113.7") === false, JSON.stringify(given));
    assert.equal(
      problems.filter((problem) => problem.startsWith("ALLOW_FROM")).length,
      1,
      JSON.stringify(given),
    );
  }
});

const rule = (name: string) => ({ name, url: `https://${name}.example.com/` });

test("rules are read from all their variables in order, as text and as JSON values", () => {
  const { rules, problems } = readConfig({
    ...quiet,
    FORWARD_RULES_2: JSON.stringify([rule("b"), rule("c")]),
    FORWARD_RULES: [rule("a")],
    FORWARD_RULES_9: JSON.stringify([rule("d")]),
    FORWARD_RULES_10: JSON.stringify([rule("e")]),
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(
    rules.rules.map(({ name }) => name),
    ["a", "b", "c", "d"],
  );
});

test("a wrong rule does not affect right rules, and its events are held if its name can be read", () => {
  const { rules, problems } = readConfig({
    ...quiet,
    FORWARD_RULES: [rule("good"), { ...rule("unset"), secret: "$NOT_THERE" }, { url: 7 }, rule("twin")],
    FORWARD_RULES_2: [rule("twin")],
    FORWARD_RULES_3: "not json",
    FORWARD_RULES_4: JSON.stringify([rule("also-good")]),
  });
  assert.deepEqual(
    rules.rules.map(({ name }) => name),
    ["good", "also-good"],
  );
  assert.deepEqual(rules.heldNames, ["unset", "twin"]);
  assert.ok(
    problems.some(
      (problem) => problem.startsWith("FORWARD_RULES[1].secret: ") && problem.includes("$NOT_THERE"),
    ),
  );
  assert.ok(problems.some((problem) => problem.startsWith("FORWARD_RULES_3: ")));
  assert.ok(problems.some((problem) => problem.startsWith("FORWARD_RULES_2[0].name: ")));
});

test("no problem contains the value of a secret", () => {
  const secrets = {
    SDK_APP_ID: "sdk-app-secret",
    CALLBACK_TOKEN: { value: "token-secret" },
    ADMIN_TOKEN: { value: "admin-secret" },
    SIGNING: "signing-secret",
  };
  const { problems } = readConfig({
    ...secrets,
    FORWARD_RULES: JSON.stringify([
      { ...rule("a"), secret: "$SIGNING" },
      { ...rule("b"), secret: "inline-secret" },
      { ...rule("c"), headers: { authorization: "Bearer header-secret\n" } },
      { ...rule("d"), format: "raw", callbackToken: ["raw-secret"] },
    ]),
    FORWARD_RULES_2: '[{"name":"e","secret":"torn-secret"',
  });
  assert.ok(problems.length >= 8, problems.join("\n"));
  assert.doesNotMatch(problems.join("\n"), /-secret/);
});

for (const [name, of] of [
  ["ADMIN_TOKEN", "adminTokens"],
  ["READ_TOKEN", "readTokens"],
] as const)
  test(`a token of ${name} that no request can carry is ignored, and the other tokens apply`, () => {
    const { problems, ...config } = readConfig({ ...quiet, [name]: "good-token, bad token,b\u00e4d" });
    assert.deepEqual(config[of], ["good-token"]);
    assert.equal(problems.length, 1);
    assert.match(problems[0]!, new RegExp(`^${name}: `));
    assert.doesNotMatch(problems[0]!, /bad|b\u00e4d|good/);
  });

test("a token that may read and do everything is named", () => {
  const { problems } = readConfig({ ...quiet, ADMIN_TOKEN: "one-token", READ_TOKEN: "other, one-token" });
  assert.deepEqual(problems, ["READ_TOKEN: a token that is an ADMIN_TOKEN too may do everything"]);
});

const samples = {
  SDK_APP_ID: "1400000000",
  CALLBACK_TOKEN: "local-callback-token",
  ADMIN_TOKEN: "local-admin-token",
  RECEIVER_SECRET: "whsec_bG9jYWwtc2FtcGxlLXNlY3JldC1mb3ItbnBtLXN0YXJ0",
  FORWARD_RULES: '[{"name":"local","url":"http://localhost:8788/","secret":"$RECEIVER_SECRET"}]',
  ALLOW_PRIVATE_DESTINATIONS: "true",
};

test("sample secrets are refused and named outside of a local run", () => {
  const config = readConfig({ ...samples });
  assert.equal(config.configured, false);
  assert.deepEqual(config.receiving.tokens, []);
  assert.deepEqual(config.adminTokens, []);
  assert.equal(config.privateDestinations, false);
  assert.deepEqual(config.rules.rules, []);
  assert.deepEqual(config.rules.heldNames, ["local"]);
  for (const path of [
    "CALLBACK_TOKEN",
    "ADMIN_TOKEN",
    "ALLOW_PRIVATE_DESTINATIONS",
    "FORWARD_RULES[0].url",
    "FORWARD_RULES[0].secret",
  ])
    assert.equal(
      config.problems.filter((problem) => problem.startsWith(`${path}: `)).length,
      1,
      `${path}\n${config.problems.join("\n")}`,
    );
  assert.doesNotMatch(config.problems.join(), /local-|whsec_\w/);
});

test("a sample secret beside a real one is refused, and the real one applies", () => {
  const { adminTokens, receiving, configured } = readConfig({
    ...app,
    CALLBACK_TOKEN: "my-own, local-callback-token\n",
    ADMIN_TOKEN: "local-admin-token,my-own-token",
  });
  assert.deepEqual(adminTokens, ["my-own-token"]);
  assert.deepEqual(receiving.tokens, ["my-own"]);
  assert.equal(configured, false);
});

test("private destinations are allowed where no sample secret is set", () => {
  const { privateDestinations, problems } = readConfig({ ...quiet, ALLOW_PRIVATE_DESTINATIONS: "true" });
  assert.equal(privateDestinations, true);
  assert.deepEqual(problems, []);
});

test("sample secrets are accepted in a local run", () => {
  const { problems, configured, adminTokens, rules } = readConfig({ ...samples, [localRun]: "true" });
  assert.deepEqual(problems, []);
  assert.equal(configured, true);
  assert.deepEqual(adminTokens, ["local-admin-token"]);
  assert.equal(rules.rules.length, 1);
});

test("the configuration lists all secrets of the settings, to be masked", () => {
  const signing = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
  const { secrets, problems } = readConfig({
    ...app,
    CALLBACK_TOKEN: "callback-one, callback-two",
    ADMIN_TOKEN: "admin-one,admin-two,tiny,abc",
    KEY: " header-key\n",
    BOT: "https://bots.example.com/hook/7?key=abc",
    UNUSED: "not-a-secret-of-ours",
    RAW: "raw-token",
    FORWARD_RULES: [
      { ...rule("a"), secret: signing, headers: { authorization: "Bearer $KEY" } },
      { name: "b", url: "$BOT", format: "raw", callbackToken: "$RAW" },
      { ...rule("c"), format: "raw", callbackToken: "in-the-clear" },
      { ...rule("d"), headers: { a: "$NOT_SET" } },
    ],
  });
  assert.equal(problems.length, 1);
  assert.deepEqual(
    [...secrets].sort(),
    [
      "admin-one",
      "admin-two",
      "tiny",
      "callback-one",
      "callback-two",
      "header-key",
      "https://bots.example.com/hook/7?key=abc",
      "/hook/7?key=abc",
      "raw-token",
      "in-the-clear",
      signing,
    ].sort(),
  );
});

test("a secret in the wrong place is masked in the path of a problem", () => {
  const { problems } = readConfig({
    ...quiet,
    KEY: "hunter2-key",
    FORWARD_RULES: [{ ...rule("a"), headers: { "x-key": "$KEY" }, "hunter2-key": 1, whsec_abcdefgh: 2 }],
  });
  assert.equal(problems.length, 2);
  assert.doesNotMatch(problems.join("\n"), /hunter2|abcdefgh/);
});

test("a secret in place of a key or a name is masked, and a mistyped key is named", () => {
  const bearer = "Bearer sk-live-1234";
  const misplaced = [
    { headers: { [`authorization: ${bearer}`]: "x" } },
    { "sk-live-1234": true },
    { batch: { "sk-live-1234": 5 } },
    { match: { body: { "sk-live-1234": 5 } } },
    { match: { body: { a: [{ "sk-live-1234": "x" }] } } },
    { match: { "sk-live-1234": ["x"] } },
    { headers: { "x-sk-live-1234": "1", "X-sk-live-1234": "1" } },
    { secret: "$hunter2" },
    { headers: { authorization: "p$hunter2" } },
    { url: "https://a.example.com/p$hunter2" },
    { format: "raw", callbackToken: "p$hunter2" },
  ];
  for (const more of misplaced) {
    const { problems } = readConfig({ ...quiet, FORWARD_RULES: [{ ...rule("a"), ...more }] });
    assert.equal(problems.length, 1, JSON.stringify(more));
    assert.doesNotMatch(problems[0]!, /live|1234|hunter2/);
    assert.match(problems[0]!, /^FORWARD_RULES\[0\]./);
  }
  const mistyped = { timeoutMS: 5, headers: { "X-Api-Key": 5 }, match: { body: { MsgBody: { prefx: 5 } } } };
  const { problems } = readConfig({ ...quiet, FORWARD_RULES: [{ ...rule("a"), ...mistyped }] });
  for (const name of ["timeoutMS", "headers.X-Api-Key", "match.body.MsgBody.prefx"])
    assert.ok(
      problems.some((one) => one.startsWith(`FORWARD_RULES[0].${name}: `)),
      problems.join("\n"),
    );
});

test("an environment is read once, its rules included", () => {
  let reads = 0;
  const env = {
    ...quiet,
    get FORWARD_RULES() {
      reads++;
      return [rule("a")];
    },
  };
  const config = readConfig(env);
  const readsOfOne = reads;
  assert.ok(readsOfOne > 0);
  assert.deepEqual(
    readOtherRules(env, "rule", [rule("b")]).rules.map(({ name }) => name),
    ["b"],
  );
  assert.equal(readConfig(env), config);
  assert.equal(reads, readsOfOne);
  assert.notEqual(readConfig({ ...env }), config);
});

test("a callback path has the form of a URL's path", () => {
  for (const [given, path] of [
    ["/", "/"],
    ["", "/"],
    ["/tim", "/tim"],
    ["/tim/", "/tim"],
    ["tim", "/tim"],
    ["/tim//", "/tim/"],
    ["/回调", "/%E5%9B%9E%E8%B0%83"],
  ] as const)
    assert.equal(pathOf(given), path);
});
