/** Every block of code and every command of the documents is checked, here or by a test of its own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { commands } from "../../src/cli/commands.ts";
import { pages, placed, readPage } from "./pages.ts";
import { problemsOf } from "./samples.ts";

for (const page of pages)
  test(`the samples and commands of ${page.path} are right`, () => {
    assert.deepEqual(
      problemsOf(page).map((problem) => placed(problem, problem.problem)),
      [],
    );
  });

test("the examples in the help of the program are right", () => {
  const help = commands.flatMap((command) => {
    let text = "";
    command.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
    return (
      text
        .replace(/ \\\n +/g, " ")
        .match(/(?<=Examples?: |^ {10})npx tim-relay .*|`npx tim-relay [^`]*`/gm) ?? []
    );
  });
  assert.ok(help.length > 20);
  const page = readPage("help", help.map((line) => `\`${line.replaceAll("`", "")}\``).join("\n\n"));
  assert.deepEqual(problemsOf(page), []);
});

/** The mistakes of a page, each with its line. */
const mistakes = (...lines: string[]) =>
  problemsOf(readPage("docs/page.md", `${lines.join("\n")}\n`)).map(
    ({ line, problem }) => `${line}: ${problem}`,
  );

const shell = (line: string) => mistakes("```sh", line, "```");
const json = (text: string, language = "json") => mistakes(`\`\`\`${language}`, text, "```");

test("a mistake in a line of a shell is found", () => {
  for (const [line, problem] of [
    ["npm ci && npm run evnets", /^2: npm run evnets: package.json has no script evnets$/],
    ["npm run soak -- --speed 3", /--speed is no option of it: there are --minutes, --rate, --seed, --write/],
    ["npm run soak -- --minutes many", /--minutes: expected a number, got many/],
    ["npm run events --since 2h", /options of a script come after "--"/],
    ["npm run events -- --sinse 2h", /unknown option '--sinse'/],
    ["npx tim-relay paus audit", /unknown command 'paus'/],
    ["npx tim-relay skip", /missing required argument/],
    ["npx tim-relay events --since yesterdy # a comment", /--since: expected/],
    ["npx tim-relay rules test --last many", /expected a whole number above 0/],
    ["npx tim-rely events", /npx tim-rely is not known here/],
    ["TOKEN=1 sudo htop", /no check knows htop: add it to/],
    ['echo "$(openssl random 3)"', /^2: openssl random 3: expected rand/],
    ["sudo systemctl enable tim-rely", /is not one of the forms/],
    ["sudo -u tim-relay npm run evnets", /^2: npm run evnets: package.json has no script evnets|^2: sudo/],
    ["export CALBACK_TOKEN=1", /CALBACK_TOKEN: no setting/],
    ["node test/no-such-file.ts", /no-such-file.ts is no file of the project/],
    ["curl https://tim-relay.example.com/api/evnts", /is no path of docs\/openapi.json/],
    ["curl 'https://tim-relay.example.com/api/events?limt=3'", /has no parameter limt/],
    ["curl 'https://tim-relay.example.com/api/events?limit=many'", /limit=many: must be integer/],
    ["curl -X PUT https://tim-relay.example.com/api/events", /PUT \/api\/events: docs\/openapi.json has get/],
    ["curl $URL/api/replay -d '{\"destination\": 3}'", /\/destination must be string/],
    ['curl $URL/api/replay -d \'{"destnation": "audit"}\'', /must have required property 'destination'/],
  ] as const) {
    const found = shell(line);
    assert.equal(found.length, 1, `${line}: ${found}`);
    assert.match(found[0]!, problem);
  }
});

test("commands, options and requests of prose and tables are found, also where a line breaks", () => {
  const found = mistakes(
    "One of `tim-relay",
    "paus audit`, `pause NAME --for 3`.",
    "",
    '| `GET /api/evnts` | `ask /api/x` | `--sinse 2h` | `"order": "group"` | `"dryRun": "no"` | `-- --quick` |',
  );
  assert.deepEqual(
    found.map((one) => one.split(":", 2).join(":")),
    [
      "1: tim-relay paus audit",
      "2: tim-relay pause NAME --for 3",
      "4: GET /api/evnts",
      "4: --sinse 2h",
      '4: "order"',
      '4: "dryRun"',
      "4: ask /api/x",
    ],
  );
});

test("a mistake in a block of JSON is found by the kind of the block", () => {
  for (const [text, problem, language] of [
    ['[{ "name": "a", "url": "https://a.example.com", "tiemoutMs": 1 }]', /tiemoutMs/],
    ['{ "name": "a", "url": "ftp://a.example.com" }', /url: expected/],
    ['{ "vars": { "SHARD": 2 }, }', /vars.SHARD: is not a setting: did you mean SHARDS/, "jsonc"],
    ['{ "rules": [{ "name": "a", "answer": { "ErrorCode": "no" } }], }', /answer/, "jsonc"],
    ['[{ "on": "*.CallbackAfterSend", "paths": "MsgBody" }]', /fits no command/],
    ['{ "command": "Group.CallbackAfter", "body": {} }', /is no known command/],
    ['[{ "type": "delivery", "event": "evt_1", "state": "lost" }]', /must/],
    ['{ "command": "Group.CallbackAfterRecallMsg", "body": { "GroupID": "1" } }', /did you mean|GroupId/],
    ['{ "name": "a", "on": "Group.*", "match": { "body": { "Tyep": ["Public"] } }, "url": "poll:" }', /Type/],
    ['{ "name": "a", "on": "Group.*", "url": "https://a.example.com", "template": "{{body.Tyep}}" }', /Type/],
    ['{ "type": "Group.CallbackAfterRecallMsg", "data": {}, "client": "" }', /has no client/],
    ['{ "ErrorCod": 1 }', /is none of rules, .*: add its kind/],
    ['{ "name": ', /./],
  ] as const) {
    const found = json(text, language);
    assert.equal(found.length, 1, `${text}: ${found}`);
    assert.match(found[0]!, problem);
  }
});

test("a mistake in a file beside the gateway is found", () => {
  const lines = ["SDK_APP_ID=many", "SHARD=2", "PORT=80", "AUDIT_SECRET=whsec_…"];
  assert.match(
    mistakes("```ini file=a.env", ...lines, "```").join(),
    /^1: SHARD is no setting,1: SDK_APP_ID: expected/,
  );
  assert.match(
    mistakes("```text file=.containerignore", ".git", "node_modules", "dist", "```").join(),
    /\.data is missing.*\.dev\.vars is missing/,
  );
});

test("a block that no check takes is refused, with the ways to have it checked", () => {
  const [found] = mistakes("```sql", "SELECT 1", "```");
  assert.match(
    found!,
    /^1: no check takes a block of sql: let a test take it by documentedBlocks\("docs\/page.md", "sql"\)/,
  );
});

test("output that the gateway would write otherwise is found", () => {
  const time = "2026-11-27T08:00:00.123Z";
  assert.equal(mistakes("```text", `${time} info  callback id=evt_01… result=kept ms=4`, "```").length, 0);
  assert.match(
    mistakes("```text", `${time} info callback id=evt_01… result="kept" ms=4`, "```")[0]!,
    /the log would write/,
  );
  assert.match(
    mistakes("```text", "✔ signatur  is accepted", "3 checks: 3 fine", "```").join(),
    /no such check.*there are/,
  );
});

test("a slip in a diagram is found", () => {
  const drawn = (line: string) => mistakes("```mermaid", "flowchart LR", line, "```").length;
  assert.deepEqual(
    ['A[one] -- "two" --> B[(three)]', "A[one --> B", 'A -- "two --> B', "A -> B"].map(drawn),
    [0, 1, 1, 1],
  );
});
