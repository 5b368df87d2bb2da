/** Parts of a first deployment that need no terminal: places, secrets, language, remedies. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { is } from "valibot";
import { remedyFor } from "../../../src/cli/setup/cloudflare.ts";
import { languageOf } from "../../../src/cli/setup/language.ts";
import { nearestPlaces } from "../../../src/cli/setup/places.ts";
import { questionsIn, secretCheck } from "../../../src/cli/setup/questions.ts";
import {
  madeAdminToken,
  madeCallbackToken,
  madePath,
  madeSigningSecret,
  secretNameOf,
} from "../../../src/cli/setup/secrets.ts";
import { textsIn } from "../../../src/cli/setup/texts.ts";
import { settings } from "../../../src/settings.ts";

const texts = textsIn("en");
const questions = questionsIn(texts, { privateNetworks: false, isTaken: (name) => name === "taken" });

test("each data centre has a place that the settings know", () => {
  for (const place of Object.values(nearestPlaces))
    assert.ok(is(settings.LOCATION_HINT.schema(), place), place);
});

test("made secrets are accepted, and never the same", () => {
  for (const [name, make] of [
    ["CALLBACK_TOKEN", madeCallbackToken],
    ["ADMIN_TOKEN", madeAdminToken],
    ["AUDIT_SECRET", madeSigningSecret],
  ] as const) {
    assert.equal(secretCheck(name, texts)(make()), undefined);
    assert.notEqual(make(), make());
  }
  assert.equal(questions.path.check(madePath()), undefined);
  assert.deepEqual(["audit", "my-feed", "2nd"].map(secretNameOf), [
    "AUDIT_SECRET",
    "MY_FEED_SECRET",
    "_2ND_SECRET",
  ]);
});

test("samples, and answers that a gateway would refuse, are no answers", () => {
  assert.ok(secretCheck("CALLBACK_TOKEN", texts)("local-callback-token"));
  assert.ok(secretCheck("ADMIN_TOKEN", texts)("two words"));
  for (const [name, good, wrong] of [
    ["app", "1400000000, 1400000001", "abc"],
    ["env", "", "Staging"],
    ["location", "none", "moon"],
    ["path", "/tim", "/api/tim"],
    ["to", "listener:", "http://audit.example.com"],
    ["to", "https://audit.example.com/tim", "https://127.0.0.1/"],
    ["name", "audit", "taken"],
    ["domain", "tim.example.com", "https://tim.example.com"],
  ] as const) {
    assert.equal(questions[name].check(good), undefined, `${name} ${good}`);
    assert.equal(typeof questions[name].check(wrong), "string", `${name} ${wrong}`);
  }
});

test("the language is that of the environment, English unless it is Chinese", () => {
  assert.equal(languageOf({ LANG: "zh_CN.UTF-8" }), "zh");
  assert.equal(languageOf({ LANG: "zh_CN.UTF-8", LC_ALL: "C" }), "en");
  assert.equal(languageOf({}), "en");
});

test("known failures of a deploy have a remedy", () => {
  const of = (failure: string) => remedyFor(failure, texts);
  const { subdomain, login, network, zone, email } = texts.remedies;
  assert.equal(of("register a workers.dev subdomain here:"), subdomain);
  assert.equal(of("Authentication error [code: 10000]"), login);
  assert.equal(of("fetch failed"), network);
  assert.equal(of("Could not find zone for `tim.example.com`"), zone);
  assert.equal(of("You need to verify your email address to use Workers"), email);
  assert.equal(of("something else"), null);
});

test("the page on deploying gives each data centre the location that setup gives it", () => {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/deploying.md"), "utf8");
  const rows = [...page.matchAll(/^\| ([A-Z][\w ]+) \| `[\w.]+\.com` \| `([\w-]+)` \|$/gm)];
  const keyOf = (region: string) => region.replace(" ", "").replace(/^./, (first) => first.toLowerCase());
  assert.deepEqual(Object.fromEntries(rows.map(([, region, hint]) => [keyOf(region!), hint])), nearestPlaces);
});
