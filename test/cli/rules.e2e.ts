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
  const program = run("rules.ts", { cwd, args, environment });
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
    lines: ["1 rule, 0 mistakes", reading, "recalls: match sees body.Type as REDACT masks it"],
  });
  const wrong = '[{"on":"Group.*","path":"Type"}]';
  assert.deepEqual(await rules({}, ["check"], { FORWARD_RULES: community, SIGNING: secret, REDACT: wrong }), {
    code: 1,
    lines: [
      "1 rule, 2 mistakes",
      "REDACT[0].path: is not a key: did you mean paths?",
      "REDACT[0].paths: is missing",
      reading,
    ],
  });
});

test("check reads rules and secrets from .dev.vars", async () => {
  const devVars = `FORWARD_RULES=${community}\nSIGNING=${secret}\n`;
  const expected = { code: 0, lines: ["1 rule, 0 mistakes", reading] };
  assert.deepEqual(await rules({ ".dev.vars": devVars }, ["check"]), expected);
  assert.deepEqual(await rules({ "other.vars": devVars }, ["check", "other.vars"]), expected);
  assert.deepEqual(await rules({}, ["check"], { FORWARD_RULES: community, SIGNING: secret }), expected);
});

test("check reads rules from wrangler.toml, as text and as values", async () => {
  const toml = `name = "relay"
main = "index.ts"
compatibility_date = "2026-10-01"
[vars]
ALLOW_PRIVATE_DESTINATIONS = true
FORWARD_RULES = '''${community}'''
FORWARD_RULES_2 = [{ name = "local", url = "http://localhost:8788", secret = "${secret}" }]
`;
  assert.deepEqual(
    await rules({ "wrangler.toml": toml, "index.ts": "", ".dev.vars": `SIGNING=${secret}` }, ["check"]),
    {
      code: 0,
      lines: ["2 rules, 0 mistakes", "local: forwards every event to localhost:8788", reading],
    },
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
    const { code, lines } = await rules(files, ["test", "rules.json", "--event", event], { SIGNING: secret });
    return [code, ...lines];
  };
  assert.deepEqual(await tried("fits.json"), [0, "recalls: fits"]);
  assert.deepEqual(await tried("misses.json"), [
    0,
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

test("any other arguments print the usage", async () => {
  for (const args of [[], ["test"], ["check", "--event", "x"]]) {
    const { code, lines } = await rules({}, args);
    assert.equal(code, 1);
    assert.ok(lines.some((line) => line.startsWith("Usage: npm run rules")));
  }
});
