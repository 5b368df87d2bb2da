import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseEnv } from "node:util";
import { localSample } from "../../src/cli/local-sample.ts";
import { isSample } from "../../src/rule/sample.ts";

test("exactly the secrets of .dev.vars.example are samples", () => {
  const { SDK_APP_ID, FORWARD_RULES, ALLOW_PRIVATE_DESTINATIONS, ...secrets } = parseEnv(
    localSample(readFileSync(join(import.meta.dirname, "../../.dev.vars.example"), "utf8")),
  );
  assert.ok(Object.keys(secrets).length >= 3);
  for (const [name, secret] of Object.entries(secrets)) assert.equal(isSample(secret!), true, name);
  for (const other of [SDK_APP_ID!, FORWARD_RULES!, "", "test-admin-token", "local-admin-token-of-mine"])
    assert.equal(isSample(other), false, other);
});
