/** Problems of a local run, named by their place in `tim-relay.jsonc`. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { locatedHere } from "../../src/cli/places.ts";
import { readLocalSettings, workerSettings } from "../../src/cli/settings.ts";
import { readConfig } from "../../src/config.ts";

const scratch = mkdtempSync(join(tmpdir(), "tim-relay-places-"));
after(() => rmSync(scratch, { recursive: true }));

/** The problems that `npm start` and `npm run serve` tell of a user's file. */
function problemsOf(userFile: string, devVars = "") {
  const folder = mkdtempSync(join(scratch, "case-"));
  writeFileSync(join(folder, "tim-relay.jsonc"), userFile);
  writeFileSync(join(folder, ".dev.vars"), `SDK_APP_ID=1400000000\nCALLBACK_TOKEN=token\n${devVars}`);
  const local = readLocalSettings(folder, {});
  return locatedHere(readConfig(workerSettings(local)).problems, local);
}

const rule = (name: string, more = "") => `{ "name": "${name}", "url": "https://a.example.com/"${more} }`;

test("a wrong rule, mask or variable has its line and its path in the file", () => {
  const problems = problemsOf(`{
    "vars": { "SHARDS": 0 },
    "rules": [
      ${rule("audit")},
      ${rule("feed", ', "timeoutMs": 0')},
      ${rule("audit")},
    ],
    "redact": [{ "on": "*", "path": ["Text"] }],
  }`);
  assert.deepEqual(
    problems.map((problem) => problem.replace(/[,;].*/, "")),
    [
      "tim-relay.jsonc:2: vars.SHARDS: expected a whole number from 1 to 256",
      "tim-relay.jsonc:8: redact[0].path: is not a key: did you mean paths?",
      "tim-relay.jsonc:8: redact[0].paths: is missing",
      "tim-relay.jsonc:5: rules[1].timeoutMs: expected a whole number from 1 to 60000",
      'tim-relay.jsonc:6: rules[2].name: "audit" is also the name of rules[0]',
    ],
  );
});

test("a rule keeps its place in the file, in whichever variable it is deployed", () => {
  const long = rule("long", `, "headers": { "x-long": "${"x".repeat(3000)}" }`);
  const [problem = ""] = problemsOf(`{
    "rules": [
      ${long},
      ${long.replace("long", "longer")},
      ${rule("last", ', "retry": ["soon"]')},
    ],
  }`);
  assert.match(problem, /^tim-relay\.jsonc:5: rules\[2\]\.retry\[0\]: /);
});

test("problems of another place keep the name that they have there", () => {
  const [shards = "", wrong = ""] = problemsOf(
    `{ "vars": { "SHARDS": 2 }, "rules": [${rule("audit")}] }`,
    `SHARDS=many\nFORWARD_RULES=[${rule("audit", ', "timeoutMs": 0')}]\n`,
  );
  assert.match(shards, /^SHARDS: /);
  assert.match(wrong, /^FORWARD_RULES\[0\]\.timeoutMs: /);
});
