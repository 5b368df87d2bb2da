import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { run } from "../support/program.ts";

const folder = mkdtempSync(join(tmpdir(), "tim-relay-rules-"));
after(() => rmSync(folder, { recursive: true }));

/** The exit code in a folder with these files, and the printed lines, sorted because there are two outputs. */
async function rules(files: Readonly<Record<string, string>>, args: string[], environment = {}) {
  const cwd = mkdtempSync(join(folder, "case-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  const program = run("tim-relay.js", { cwd, args: ["rules", ...args], environment });
  return { code: await program.ended, lines: program.log().trimEnd().split("\n").sort() };
}

const community = JSON.stringify([
  {
    name: "recalls",
    on: "Group.CallbackAfterRecallMsg",
    match: { body: { Type: ["Community"] } },
    url: "https://feed.example.com",
    secret: "$SIGNING",
  },
]);
const reading =
  'recalls: forwards Group.CallbackAfterRecallMsg whose body.Type is "Community" to feed.example.com';
const secret = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;

test("check reads rules from a JSON file and names secrets that are not set", async () => {
  assert.deepEqual(await rules({ "rules.json": community }, ["check", "rules.json"]), {
    code: 0,
    lines: ["1 rule, 0 mistakes", "Not set here, and taken to be right: $SIGNING", reading],
  });
});

test("check shows what a template makes of an example, and test what it makes of the event", async () => {
  const rule = {
    name: "room",
    on: "*.CallbackAfterSendMsg",
    match: { body: { GroupId: [{ exists: true }] } },
    url: "https://bot.example.com",
    secret: "$SIGNING",
    template: { text: "{{command}} {{body.From_Account}}", at: "{{body.Gone}}" },
  };
  const files = {
    "rules.json": JSON.stringify([rule, { ...rule, name: "never", match: { app: ["x"] } }]),
    "event.json": '{"command":"C2C.CallbackAfterSendMsg","body":{"GroupId":"g","From_Account":"岚"}}',
  };
  const { code, lines } = await rules(files, ["check", "rules.json"]);
  assert.equal(code, 0);
  const filled = (command: string, from: string) =>
    `sends, of an example of ${command}: {"text":"${command} ${from}","at":null}`;
  assert.ok(lines.includes(`room ${filled("Group.CallbackAfterSendMsg", "minh")}`), lines.join("\n"));
  assert.ok(lines.includes(`never ${filled("C2C.CallbackAfterSendMsg", "lan")}`), lines.join("\n"));
  const told = await rules(files, ["test", "rules.json", "--event", "event.json"]);
  const line = 'room: fits, and sends {"text":"C2C.CallbackAfterSendMsg 岚","at":null}';
  assert.ok(told.lines.includes(line), told.lines.join("\n"));
});

test("an address that is an unset secret is assumed to be valid", async () => {
  const bots = JSON.stringify([
    { name: "bot", url: "$BOT/hook", secret: "$SIGNING" },
    { name: "keyed", url: "https://bots.example.com/$KEY", secret: "$SIGNING" },
  ]);
  assert.deepEqual(await rules({ "rules.json": bots }, ["check", "rules.json"]), {
    code: 0,
    lines: [
      "2 rules, 0 mistakes",
      "Not set here, and taken to be right: $BOT, $SIGNING, $KEY",
      "bot: forwards every event to $BOT",
      "keyed: forwards every event to bots.example.com",
    ],
  });
});

test("check names the mistakes of REDACT, and forward rules whose match looks at a masked field", async () => {
  const seen = JSON.stringify([{ on: "Group.*", paths: ["Type"] }]);
  assert.deepEqual(await rules({}, ["check"], { FORWARD_RULES: community, SIGNING: secret, REDACT: seen }), {
    code: 0,
    lines: [
      "1 rule, 0 mistakes",
      reading,
      "recalls: sees body.Type as REDACT masks it",
      "the environment, for local runs:",
    ],
  });
  const wrong = '[{"on":"Group.*","path":"Type"}]';
  assert.deepEqual(await rules({}, ["check"], { FORWARD_RULES: community, SIGNING: secret, REDACT: wrong }), {
    code: 1,
    lines: [
      "1 rule, 2 mistakes",
      "REDACT[0].path: is not a key: did you mean paths?",
      "REDACT[0].paths: is missing",
      reading,
      "the environment, for local runs:",
    ],
  });
});

test("check reads rules and secrets from .dev.vars and from the environment, and says from where", async () => {
  const devVars = `FORWARD_RULES=${community}\nSIGNING=${secret}\n`;
  const from = (...places: string[]) => ({
    code: 0,
    lines: [...places, "1 rule, 0 mistakes", reading].sort(),
  });
  assert.deepEqual(await rules({ ".dev.vars": devVars }, ["check"]), from(".dev.vars, for local runs:"));
  assert.deepEqual(
    await rules({}, ["check"], { FORWARD_RULES: community, SIGNING: secret }),
    from("the environment, for local runs:"),
  );
  assert.deepEqual(await rules({ "other.vars": devVars }, ["check", "other.vars"]), from());
});

const toml = `name = "relay"
main = "index.ts"
compatibility_date = "2026-10-01"
[vars]
ALLOW_PRIVATE_DESTINATIONS = true
FORWARD_RULES = '''${community}'''
FORWARD_RULES_2 = [{ name = "local", url = "http://localhost:8788", secret = "${secret}" }]
`;

test("check reads rules from wrangler.toml, as text and as values", async () => {
  assert.deepEqual(await rules({ "wrangler.toml": toml, ".dev.vars": `SIGNING=${secret}` }, ["check"]), {
    code: 0,
    lines: [
      "2 rules, 0 mistakes",
      "local: forwards every event to localhost:8788",
      reading,
      "wrangler.toml, for deploys and local runs:",
    ],
  });
});

const userFile = `{
  // the backend
  "rules": [
    { "name": "audit", "url": "https://audit.example.com", "secret": "$AUDIT_SECRET" },
    {
      "name": "slow",
      "url": "https://slow.example.com",
      "timeoutMs": 0,
    },
  ],
  "vars": { "SHARDS": 1000 },
  "redact": [{ "on": "*", "path": "Text" }],
  "environments": { "staging": { "rules": [{ "name": "b", "url": "http://b.example.com" }] } },
}`;

test("check names mistakes of tim-relay.jsonc by line and path, those of its environments too", async () => {
  const mistakes = [
    "tim-relay.jsonc:11: vars.SHARDS: expected a whole number from 1 to 256",
    "tim-relay.jsonc:12: redact[0].path: is not a key: did you mean paths?",
    "tim-relay.jsonc:12: redact[0].paths: is missing",
  ];
  const { code, lines } = await rules({ "tim-relay.jsonc": userFile }, ["check"]);
  assert.equal(code, 1);
  assert.deepEqual(
    lines,
    [
      "1 rule, 8 mistakes",
      "Not set here, and taken to be right: $AUDIT_SECRET",
      "audit: forwards every event to audit.example.com",
      "tim-relay.jsonc, for deploys and local runs:",
      "tim-relay.jsonc, for deploys with --env staging:",
      "tim-relay.jsonc:8: rules[1].timeoutMs: expected a whole number from 1 to 60000, got 0",
      "tim-relay.jsonc:13: environments.staging.rules[0].url: expected a URL that begins with https:// (http needs ALLOW_PRIVATE_DESTINATIONS)",
      ...mistakes,
      ...mistakes,
    ].sort(),
  );
});

test("rules of .dev.vars and those that a deploy takes are checked apart", async () => {
  const files = {
    ".dev.vars": `FORWARD_RULES=[{"name":"local","url":"http://localhost:8788"}]\nALLOW_PRIVATE_DESTINATIONS=true`,
    "tim-relay.jsonc": '{ "rules": [{ "name": "audit", "url": "http://audit.example.com" }] }',
    "fits.json": '{"command": "Group.CallbackAfterRecallMsg", "body": {"Type": "Community"}}',
  };
  const { code, lines } = await rules(files, ["check"]);
  assert.equal(code, 1);
  assert.deepEqual(lines.slice(0, 4), [
    ".dev.vars, for local runs:",
    "1 rule, 1 mistake",
    "local: forwards every event to localhost:8788, unsigned",
    "tim-relay.jsonc, for deploys:",
  ]);
  assert.match(lines[4]!, /^tim-relay\.jsonc:1: rules\[0\]\.url: /);
  const tried = await rules(files, ["test", "--event", "fits.json"]);
  assert.deepEqual(tried.lines.slice(0, 3), [
    ".dev.vars, for local runs:",
    "local: fits",
    "tim-relay.jsonc, for deploys:",
  ]);
  assert.match(tried.lines[3]!, /^tim-relay\.jsonc:1: rules\[0\]\.url: /);
});

test("a file that is named is read without this machine's settings and secrets", async () => {
  const masked = JSON.stringify([{ on: "Group.*", paths: ["Type"] }]);
  const here = {
    SIGNING: "hunter2",
    REDACT: masked,
    RETENTION_HOURS: "x",
    ALLOW_PRIVATE_DESTINATIONS: "true",
  };
  const devVars = Object.entries(here)
    .map(([name, value]) => `${name}=${value}`)
    .join("\n");
  const alone = {
    code: 0,
    lines: ["1 rule, 0 mistakes", "Not set here, and taken to be right: $SIGNING", reading],
  };
  const files = {
    ".dev.vars": devVars,
    "rules.json": community,
    "own.vars": `FORWARD_RULES=${community}`,
    "own.jsonc": `/* ours */ { "rules": ${community}, }`,
    "wrangler.own.toml": `[vars]\nFORWARD_RULES = '''${community}'''`,
  };
  for (const name of ["rules.json", "own.vars", "own.jsonc", "wrangler.own.toml"])
    assert.deepEqual(await rules(files, ["check", name], here), alone, name);
  const plain = JSON.stringify([{ name: "local", url: "http://localhost:8788" }]);
  assert.equal(
    (await rules({ "rules.json": plain, ".dev.vars": devVars }, ["check", "rules.json"], here)).code,
    1,
  );
});

test("check names every mistake, describes the other rules, and exits with 1", async () => {
  const wrong = JSON.stringify([
    { name: "first", url: "https://a.example.com", secret },
    {
      name: "second",
      url: "https://b.example.com",
      match: { body: { Type: [{ prefx: "C" }] } },
      retry: ["5d"],
    },
    { name: "third", on: "Group.CallbackAfterSendMessage", url: "https://c.example.com", secret },
  ]);
  const { code, lines } = await rules({ "rules.json": wrong }, ["check", "rules.json"]);
  assert.equal(code, 1);
  assert.match(lines[1]!, /^FORWARD_RULES\[1\]\.match\.body\.Type\[0\]: /);
  assert.match(lines[2]!, /^FORWARD_RULES\[1\]\.retry\[0\]: /);
  assert.deepEqual(
    [lines[0], ...lines.slice(3)],
    [
      "2 rules, 2 mistakes",
      "first: forwards every event to a.example.com",
      "third: Group.CallbackAfterSendMessage fits no command that is known",
      "third: forwards Group.CallbackAfterSendMessage to c.example.com",
    ],
  );
});

test("test prints the rules that match an event, and for other rules the field that does not", async () => {
  const files = {
    "rules.json": community,
    "fits.json": '{"command": "Group.CallbackAfterRecallMsg", "body": {"Type": "Community"}}',
    "misses.json": '{"CallbackCommand": "Group.CallbackAfterRecallMsg", "Type": "Private"}',
    "wrong.json": '{"body": []}',
    "torn.json": '{"body": ',
    "twice.json": '{"command": "Group.CallbackAfterRecallMsg", "body": {"Type": "A", "Type": "B"}}',
  };
  const tried = async (event: string) => {
    const { code, lines } = await rules(files, ["test", "rules.json", "--event", event]);
    return [code, ...lines];
  };
  const unset = "Not set here, and taken to be right: $SIGNING";
  assert.deepEqual(await tried("fits.json"), [0, unset, "recalls: fits"]);
  assert.deepEqual(await tried("misses.json"), [
    0,
    unset,
    'recalls: does not fit: body.Type is "Private", and should be "Community"',
  ]);
  assert.deepEqual(await tried("twice.json"), [1, "event.body.Type: is given twice"]);
  assert.deepEqual(await tried("wrong.json"), [
    1,
    "event.body: expected an object, got an array",
    "event.command: expected a command such as Group.CallbackAfterSendMsg, 128 characters at most, got null",
  ]);
  const [code, line] = await tried("torn.json");
  assert.equal(code, 1);
  assert.match(String(line), /^torn\.json is not JSON: /);
});

test("a wrong use ends with 2, and help is at hand", async () => {
  for (const [args, line] of [
    [[], /^Usage: tim-relay rules /],
    [["test"], /^give either --event or --last$/],
    [["test", "--event", "x", "--last", "1"], /^give either --event or --last$/],
    [["check", "--event", "x"], /^unknown option '--event'$/],
    [["chek"], /Did you mean check/],
  ] as const) {
    const { code, lines } = await rules({}, [...args]);
    assert.equal(code, 2);
    assert.ok(
      lines.some((one) => line.test(one)),
      lines.join("\n"),
    );
  }
});

test("with --json, check and test print one value", async () => {
  const cwd = mkdtempSync(join(folder, "case-"));
  writeFileSync(join(cwd, "rules.json"), community);
  writeFileSync(join(cwd, "event.json"), '{"command": "Group.CallbackAfterRecallMsg", "body": {}}');
  const printed = async (...args: string[]) => {
    const program = run("tim-relay.js", { cwd, args: ["rules", ...args, "--json"] });
    assert.equal(await program.ended, 0);
    return JSON.parse(program.log().replace(/^Not set here.*\n/, ""));
  };
  assert.deepEqual(await printed("check", "rules.json"), [
    { from: "rules.json", rules: [reading], mistakes: [], warnings: [], unset: ["SIGNING"] },
  ]);
  const [{ results }] = await printed("test", "rules.json", "--event", "event.json");
  assert.deepEqual(
    [results[0].rule, results[0].matches, results[0].failed.field],
    ["recalls", false, "body.Type"],
  );
});
