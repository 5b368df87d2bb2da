import assert from "node:assert/strict";
import { test } from "node:test";
import { firstSteps } from "../../src/cli/first-steps.ts";

test("the commands of the first steps name the gateway only where they would not find it", () => {
  const shown = (url: string, usual: string) =>
    firstSteps({ url, usual, settings: { ADMIN_TOKEN: "local-admin-token" }, receiver: null, typed: true });
  const url = "http://localhost:9000";
  assert.doesNotMatch(shown(url, url), /--url/);
  assert.match(shown(url, url), /^ {2}npx tim-relay events {2,}the latest events$/m);
  const other = shown(url, "http://localhost:8787");
  assert.match(other, /^ {2}npm run send -- \S+ --url http:\/\/localhost:9000$/m);
  assert.match(other, /^ {2}npx tim-relay doctor --url http:\/\/localhost:9000 +what to mend$/m);
});
