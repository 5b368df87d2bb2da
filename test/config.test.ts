import assert from "node:assert/strict";
import { test } from "node:test";
import { pathOf, readConfig, settingNames } from "../src/config.ts";

const app = { SDK_APP_ID: "1400000000" };
const quiet = { ...app, CALLBACK_TOKEN: "a-token" };

test("with the least there can be, everything has its default", () => {
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
      adminToken: null,
      shards: 1,
      locationHint: null,
      retentionMs: 168 * 3_600_000,
      privateDestinations: false,
      problems: undefined,
    },
  );
});

test("each setting is read in every form that it may come in", () => {
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
    ["ADMIN_TOKEN", " secret ", ({ adminToken }) => adminToken, "secret"],
    ["ADMIN_TOKEN", 12345, ({ adminToken }) => adminToken, "12345"],
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

test("empty is unset", () => {
  const empty = Object.fromEntries(settingNames.map((name) => [name, ""]));
  const { problems, configured } = readConfig({ ...empty, ...quiet });
  assert.deepEqual(problems, []);
  assert.equal(configured, true);
  assert.deepEqual(readConfig({ ...empty }).problems, readConfig({}).problems);
});

test("a wrong setting is named, its default holds, and its value is not repeated", () => {
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
  ];
  const plain = readConfig({ ...quiet });
  for (const [name, given] of cases) {
    const { problems, receiving, rules, ...rest } = readConfig({ ...quiet, [name]: given });
    const what = `${name}=${JSON.stringify(given)}`;
    assert.equal(problems.length, 1, what);
    assert.ok(problems[0]!.startsWith(`${name}: `), problems[0]);
    if (typeof given === "string") assert.ok(!problems[0]!.includes(given), problems[0]);
    assert.ok(!problems[0]!.includes("inner-secret"));
    const { problems: _, receiving: receivingOfPlain, rules: __, ...restOfPlain } = plain;
    assert.deepEqual(rest, restOfPlain, what);
    assert.deepEqual(receiving, receivingOfPlain, what);
  }
});

test("what decides whom we believe stops everything while it is wrong", () => {
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

test("without a token everything works, and a problem says that signatures are not checked", () => {
  const { configured, problems } = readConfig({ ...app });
  assert.equal(configured, true);
  assert.deepEqual(problems, ["CALLBACK_TOKEN is not set: signatures are not checked"]);
});

test("ALLOW_FROM lets in addresses of its ranges, of both kinds, and nobody without an address", () => {
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

test("an ALLOW_FROM in which nothing can be read lets nobody in, and says so", () => {
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

test("rules come as text and as JSON values, from all of their variables, in order", () => {
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

test("a wrong rule leaves the good ones be, and waits if its name can be read", () => {
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
  assert.deepEqual(rules.waiting, ["unset", "twin"]);
  assert.ok(
    problems.some(
      (problem) => problem.startsWith("FORWARD_RULES[1].secret: ") && problem.includes("$NOT_THERE"),
    ),
  );
  assert.ok(problems.some((problem) => problem.startsWith("FORWARD_RULES_3: ")));
  assert.ok(problems.some((problem) => problem.startsWith("FORWARD_RULES_2[0].name: ")));
});

test("no secret's value is in any problem", () => {
  const secrets = {
    SDK_APP_ID: "sdk-app-secret",
    CALLBACK_TOKEN: { value: "token-secret" },
    ADMIN_TOKEN: ["admin-secret"],
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

test("a destination may not be the gateway itself", () => {
  const env = { ...quiet, FORWARD_RULES: [{ name: "loop", url: "https://relay.example.com/tim" }] };
  assert.equal(readConfig(env).rules.rules.length, 1);
  const { rules, problems } = readConfig(env, ["relay.example.com"]);
  assert.equal(rules.rules.length, 0);
  assert.match(problems.join(), /FORWARD_RULES\[0\]\.url: /);
  assert.equal(readConfig(env).rules.rules.length, 1);
});

test("the same environment is read once", () => {
  const env = { ...quiet };
  assert.equal(readConfig(env), readConfig(env));
  assert.notEqual(readConfig(env), readConfig({ ...env }));
});

test("paths are compared as they stand in a URL", () => {
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
