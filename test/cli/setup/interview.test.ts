/** The order in which answers count, with a person who is asked and without. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type Given, interview } from "../../../src/cli/setup/interview.ts";
import { nothingKept } from "../../../src/cli/setup/kept.ts";
import type { Prompts } from "../../../src/cli/setup/prompts.ts";
import { textsIn } from "../../../src/cli/setup/texts.ts";

const texts = textsIn("en");

/** An interview in a folder with this `tim-relay.jsonc`. A person answers by the beginning of the question. */
async function interviewed({
  file = null as string | null,
  config = "",
  given = {} as Given,
  environment = {},
  kept = nothingKept(),
  person = null as Readonly<Record<string, string>> | null,
}) {
  const folder = mkdtempSync(join(tmpdir(), "tim-relay-interview-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(
    join(folder, "wrangler.toml"),
    `name = "tim-relay"\n[env.trial]\nname = "trial-relay"\n${config}`,
  );
  if (file !== null) writeFileSync(join(folder, "tim-relay.jsonc"), file);
  const asked: string[] = [];
  const said = (message: string) => {
    asked.push(message);
    const [, answer] = Object.entries(person!).find(([start]) => message.startsWith(start)) ?? [];
    return Promise.resolve(answer ?? assert.fail(`was asked: ${message}`));
  };
  const prompts: Prompts = { text: said, hidden: said, choice: said, agrees: () => Promise.resolve(true) };
  const told: string[] = [];
  const tell = (line: string) => void told.push(line);
  const people = person === null ? null : prompts;
  const result = await interview({
    folder,
    given,
    environment,
    kept,
    keep: () => {},
    prompts: people,
    texts,
    tell,
  });
  return { ...result, asked, told, kept };
}

const given = { app: "1400000000", to: "none", location: "none" };

test("what files and options decide is not asked", async () => {
  const file = `{
    "vars": { "CALLBACK_PATH": "/tim", "LOCATION_HINT": "weur" },
    "rules": [{ "name": "bot", "url": "https://bot.example.com/$BOT_KEY", "secret": "$BOT_SECRET" }],
  }`;
  const person = {
    [texts.environment]: "",
    [texts.token]: "made",
    [texts.secret("BOT_KEY")]: "k1",
    [texts.domain]: "",
  };
  const { answers, standing, asked, told } = await interviewed({
    file,
    given: { app: "1400000000" },
    person,
  });
  assert.deepEqual(asked, Object.keys(person));
  assert.equal(answers.secrets.BOT_KEY, "k1");
  assert.match(answers.secrets.BOT_SECRET!, /^whsec_/);
  assert.deepEqual([answers.path, answers.location, answers.destination], [undefined, undefined, undefined]);
  assert.deepEqual([standing.path, standing.rules], ["/tim", ["bot"]]);
  assert.match(told.join("\n"), /decides already: LOCATION_HINT weur, CALLBACK_PATH, rules \(bot\)/);
});

test("all options that are missing are named together, and a wrong one by its name", async () => {
  await assert.rejects(interviewed({}), { message: texts.missing("--app, --location, --to") });
  await assert.rejects(interviewed({ given: { ...given, path: "/api/tim" } }), {
    message: texts.wrong("--path", texts.pathWrong),
  });
  await assert.rejects(interviewed({ given, environment: { ADMIN_TOKEN: "local-admin-token" } }), {
    message: texts.wrong("ADMIN_TOKEN", texts.adminTokenWrong),
  });
});

test("secrets come from the environment, and those of an earlier run before it", async () => {
  const first = await interviewed({ given, environment: { ADMIN_TOKEN: "own-token" } });
  assert.equal(first.answers.secrets.ADMIN_TOKEN, "own-token");
  const environment = { ADMIN_TOKEN: "another-token" };
  const { answers } = await interviewed({ given, environment, kept: first.kept });
  assert.deepEqual(answers.secrets, first.answers.secrets);
  assert.equal(answers.path, first.answers.path);
});

test("another answer deploys again, and another environment is another setup", async () => {
  const { kept } = await interviewed({ given });
  kept.url = "https://tim-relay.example.com";
  await interviewed({ given, kept });
  assert.equal(kept.url, "https://tim-relay.example.com");
  await interviewed({ given: { ...given, app: "1400000001" }, kept });
  assert.equal(kept.url, null);
  await assert.rejects(interviewed({ given: { ...given, env: "staging" }, kept }), {
    message: texts.otherEnvironment(".tim-relay.setup.json"),
  });
});

test("once a deploy was begun, another app is another setup", async () => {
  const { kept } = await interviewed({ given });
  kept.begun = true;
  await assert.rejects(interviewed({ given: { ...given, app: "1400000001" }, kept }), {
    message: texts.otherApp(".tim-relay.setup.json", "1400000000"),
  });
});

test("a kept answer that is none is asked again, and a standard name that is taken must be given", async () => {
  const kept = { ...nothingKept(), answers: { app: "abc", path: "/tim" } };
  const { answers } = await interviewed({ given, kept });
  assert.deepEqual([answers.apps, answers.path], ["1400000000", "/tim"]);
  await assert.rejects(
    interviewed({ kept: { ...kept, answers: { app: "abc" } }, given: { ...given, app: undefined } }),
    {
      message: texts.missing("--app"),
    },
  );
  const file = '{ "rules": [{ "name": "backend", "url": "listener:" }] }';
  await assert.rejects(interviewed({ file, given: { ...given, to: "https://audit.example.com" } }), {
    message: texts.missing("--name"),
  });
});

test("rules in wrangler.toml are not replaced by a destination", async () => {
  const rules = `FORWARD_RULES = '[{"name":"a","url":"listener:"}]'`;
  const to = { ...given, to: "https://audit.example.com" };
  const message = texts.rulesElsewhere("wrangler.toml", "tim-relay.jsonc");
  for (const [config, env] of [
    [`[env.trial.vars]\n${rules}\n`, "trial"],
    [`[vars]\n${rules}\n`, ""],
  ] as const) {
    await assert.rejects(interviewed({ config, given: { ...to, env } }), { message });
    const { standing } = await interviewed({ config, given: { ...given, env } });
    assert.deepEqual(standing.rules, ["a"]);
  }
});

test("an environment is a Worker of its own, without production's rules", async () => {
  const file = `{ "rules": [{ "name": "audit", "url": "https://audit.example.com" }], "domains": ["tim.example.com"] }`;
  const staging = await interviewed({ file, given: { ...given, env: "staging" } });
  assert.deepEqual([staging.standing.worker, staging.standing.rules], ["tim-relay-staging", null]);
  assert.deepEqual(staging.standing.domains, []);
  const trial = await interviewed({ given: { ...given, env: "trial" } });
  assert.equal(trial.standing.worker, "trial-relay");
});
