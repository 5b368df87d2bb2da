/** New settings of a running gateway: a mistake keeps the old ones, a warning does not. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { mistakesIn, SettingsWatch } from "../../src/cli/settings-watch.ts";

const right = { SDK_APP_ID: "1400000000", CALLBACK_TOKEN: "token", FORWARD_RULES: "[]" };

test("right settings have no mistakes, and neither have settings without a token", () => {
  assert.deepEqual(mistakesIn(right, {}), []);
  assert.deepEqual(mistakesIn({ ...right, CALLBACK_TOKEN: "" }, {}), []);
});

test("a setting that is wrong or missing, and a wrong rule, are mistakes", () => {
  for (const [change, problem] of [
    [{ SDK_APP_ID: "" }, /^SDK_APP_ID is not set/],
    [{ SHARDS: "many" }, /^SHARDS: /],
    [{ FORWARD_RULES: "[{" }, /^FORWARD_RULES: is not JSON/],
    [{ FORWARD_RULES: '[{"name":"a","url":"https://a.example.com/","retries":1}]' }, /retries: is not a key/],
    [{ FORWARD_RULES: '[{"name":"a","url":"https://a.example.com/","secret":"$NONE"}]' }, /NONE/],
  ] as const) {
    const [first = "none"] = mistakesIn({ ...right, ...change }, {});
    assert.match(first, problem);
  }
});

test("a file that is made, changed or removed is noticed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tim-relay-settings-"));
  after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, ".dev.vars");
  let heard = () => {};
  // The watch does not keep a process alive.
  const alive = setInterval(() => {}, 1_000);
  const end = new SettingsWatch([file]).follow(async () => heard());
  const change = async (act: () => void) => {
    const noticed = new Promise<void>((resolve) => {
      heard = resolve;
    });
    act();
    await noticed;
  };
  await change(() => writeFileSync(file, "A=1"));
  await change(() => writeFileSync(file, "A=22"));
  await change(() => rmSync(file));
  end();
  clearInterval(alive);
});
