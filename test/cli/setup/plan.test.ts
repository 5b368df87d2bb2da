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
