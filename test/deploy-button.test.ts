/** Cloudflare's deploy button: it asks for the entries of `.dev.vars.example`, and explains them from `package.json`. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseEnv } from "node:util";
import { declaredBindings } from "../src/cli/declared-bindings.ts";
import { readWranglerConfig } from "../src/cli/wrangler-config.ts";
import { isSample } from "../src/rule/sample.ts";
import { settings } from "../src/settings.ts";

const root = join(import.meta.dirname, "..");
const read = (name: string) => readFileSync(join(root, name), "utf8");
const asked = parseEnv(read(".dev.vars.example"));
const { cloudflare, repository } = JSON.parse(read("package.json"));

test("the button asks for secrets alone, and offers no value that a deployment accepts as a secret", () => {
  assert.deepEqual(Object.keys(asked).sort(), ["ADMIN_TOKEN", "CALLBACK_TOKEN", "SDK_APP_ID"]);
  for (const [name, value] of Object.entries(asked)) {
    assert.equal(settings[name as keyof typeof settings].kind, "secret", name);
    assert.ok(name === "SDK_APP_ID" || isSample(value!), name);
  }
});

test("each secret and each binding is explained, and nothing else", () => {
  const config = readWranglerConfig(join(root, "wrangler.toml"));
  const { assets } = config as { assets: { binding: string } };
  const bindings = [...Object.keys(declaredBindings(config, null)), assets.binding];
  assert.deepEqual(Object.keys(cloudflare.bindings).sort(), [...Object.keys(asked), ...bindings].sort());
  for (const [name, { description }] of Object.entries<{ description: string }>(cloudflare.bindings))
    assert.match(description, /^[A-Z].*\.$/, name);
  for (const name of config.secrets?.required ?? []) assert.ok(name in asked, name);
});

test("the button leads to the repository of package.json, or says that its address is to be filled in", () => {
  const url = repository?.url ?? "https://github.com/OWNER/tim-relay";
  for (const page of ["docs/deploying.md", "docs/zh-CN/deploying.md"])
    assert.ok(read(page).includes(`: https://deploy.workers.cloudflare.com/?url=${url}\n`), page);
});
