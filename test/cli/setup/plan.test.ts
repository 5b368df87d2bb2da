/** The plan of a first deployment: what would be written and sent, from the answers alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answers } from "../../../src/cli/setup/answers.ts";
import { planOf } from "../../../src/cli/setup/plan.ts";
import { planLines } from "../../../src/cli/setup/shown.ts";
import type { Standing } from "../../../src/cli/setup/standing.ts";
import { textsIn } from "../../../src/cli/setup/texts.ts";
import { parseUserFile, partFor } from "../../../src/cli/user-file.ts";

const nothing: Standing = {
  text: null,
  worker: "tim-relay",
  privateNetworks: false,
  path: null,
  location: null,
  domains: [],
  rules: null,
  rulesElsewhere: false,
  wanted: null,
  secrets: [],
};

const answers: Answers = {
  apps: "1400000000",
  environment: null,
  location: "apac-se",
  path: "/tim",
  destination: { name: "audit", url: "https://audit.example.com/tim" },
  domain: null,
  secrets: { CALLBACK_TOKEN: "callback-token", ADMIN_TOKEN: "admin-token", AUDIT_SECRET: "whsec_hidden" },
};

/** The text that a plan writes; null: it writes nothing. */
function written(answers: Answers, standing: Standing): string | null {
  const step = planOf(answers, standing, false).find(({ kind }) => kind === "write");
  return step?.kind === "write" ? step.text : null;
}

test("the file is written, then all is deployed, tried and printed", () => {
  const steps = planOf(answers, nothing, false);
  assert.deepEqual(
    steps.map(({ kind }) => kind),
    ["write", "deploy", "wait", "callback", "print"],
  );
  const [write, deploy] = steps;
  assert.ok(write?.kind === "write" && deploy?.kind === "deploy");
  assert.deepEqual(JSON.parse(write.text), {
    $schema: "./docs/tim-relay.schema.json",
    vars: { CALLBACK_PATH: "/tim", LOCATION_HINT: "apac-se" },
    rules: [{ name: "audit", url: "https://audit.example.com/tim", secret: "$AUDIT_SECRET" }],
  });
  assert.deepEqual(deploy.secrets, ["SDK_APP_ID", "CALLBACK_TOKEN", "ADMIN_TOKEN", "AUDIT_SECRET"]);
});

test("in both languages a plan shows files and commands, and no secret", () => {
  for (const language of ["en", "zh"] as const) {
    const shown = planLines(planOf(answers, nothing, false), textsIn(language), "tim-relay").join("\n");
    assert.match(shown, /^ +"CALLBACK_PATH": "\/tim",$/m);
    assert.match(shown, /^ +npm run deploy -- --secrets-file=/m);
    assert.ok(
      shown.includes({ en: "SDK_APP_ID, CALLBACK_TOKEN", zh: "SDK_APP_ID、CALLBACK_TOKEN" }[language]),
    );
    for (const secret of Object.values(answers.secrets)) assert.ok(!shown.includes(secret), secret);
  }
});

test("a deployment that is there is neither written nor deployed again", () => {
  const kinds = planOf(answers, nothing, true).map(({ kind }) => kind);
  assert.deepEqual(kinds, ["wait", "callback", "print"]);
});

test("comments, rules and variables of a file stay, and a second run changes nothing", () => {
  const text = `{
  // ours
  "vars": { "SHARDS": 4, /* four */ },
  "rules": [
    { "name": "audit", "url": "https://a.example.com" }, // the first
  ],
}
`;
  const { location, apps, secrets, environment } = answers;
  const more = { apps, secrets, environment, location, destination: { name: "feed", url: "listener:" } };
  const changed = written(more as Answers, { ...nothing, text, rules: ["audit"] })!;
  for (const part of ["// ours", '"SHARDS": 4', "/* four */", "// the first"])
    assert.ok(changed.includes(part), `${part}\n${changed}`);
  const file = parseUserFile("tim-relay.jsonc", changed);
  assert.equal(file.variables.LOCATION_HINT, "apac-se");
  assert.deepEqual(JSON.parse(file.rules!.value), [
    { name: "audit", url: "https://a.example.com" },
    { name: "feed", url: "listener:", secret: "$FEED_SECRET" },
  ]);
  const again = { ...nothing, text: changed, rules: ["audit", "feed"] };
  assert.equal(written(more as Answers, again), null);
});

test("a rule of an earlier run gets the URL that is given now, and no other", () => {
  const text =
    '{ "rules": [{ "name": "a", "url": "listener:" }, { "name": "audit", "url": "https://x.example.com" }] }';
  const standing = { ...nothing, text, rules: ["a", "audit"] };
  const { path: _, location: __, ...others } = answers;
  assert.equal(written(others, standing), null);
  const destination = { name: "audit", url: "https://audit.example.com/tim", renews: true };
  assert.deepEqual(JSON.parse(written({ ...others, destination }, standing)!).rules, [
    { name: "a", url: "listener:" },
    { name: "audit", url: destination.url },
  ]);
});

test("tabs and the ends of lines of Windows stay, and are shown as a terminal shows them", () => {
  const text = '{\r\n\t// ours\r\n\t"vars": {\r\n\t\t"SHARDS": 4\r\n\t}\r\n}\r\n';
  const standing = { ...nothing, text };
  const changed = written(answers, standing)!;
  assert.match(changed, /^\t\t"CALLBACK_PATH": "\/tim",?\r$/m);
  assert.doesNotMatch(changed, /[^\r]\n|^ /m);
  const shown = planLines(planOf(answers, standing, false), textsIn("en"), "tim-relay").join("\n");
  assert.match(shown, /^ {7}\/\/ ours$/m);
  assert.doesNotMatch(shown, /[\t\r]/);
});

test("a domain is added to those that are there", () => {
  const text = '{ "domains": ["a.example.com"], "rules": [] }';
  const standing = { ...nothing, text, rules: [], domains: ["a.example.com"] };
  const { path: _, location: __, destination: ___, ...others } = answers;
  const changed = written({ ...others, domain: "b.example.com" }, standing)!;
  assert.deepEqual(JSON.parse(changed).domains, ["a.example.com", "b.example.com"]);
  assert.equal(written({ ...others, domain: "a.example.com" }, standing), null);
});

test("an environment gets a part of its own, and none of production's rules", () => {
  const text =
    '{ "vars": { "CALLBACK_PATH": "/tim" }, "rules": [{ "name": "a", "url": "https://a.example.com" }] }';
  const { path: _, ...others } = answers;
  const staging = { ...others, environment: "staging", destination: null, domain: "staging.example.com" };
  const changed = written(staging, { ...nothing, text, path: "/tim" })!;
  const file = parseUserFile("tim-relay.jsonc", changed);
  const part = partFor(file, "staging");
  assert.deepEqual([part.rules?.value, part.domains], ["[]", ["staging.example.com"]]);
  assert.equal(part.variables.CALLBACK_PATH, "/tim");
  assert.equal(file.variables.LOCATION_HINT, undefined);
  const deploy = planOf(staging, nothing, false).find(({ kind }) => kind === "deploy");
  assert.ok(deploy?.kind === "deploy" && deploy.command.endsWith(" --env=staging"));
});
