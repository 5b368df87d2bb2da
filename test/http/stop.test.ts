import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { bundle } from "../../src/cli/bundle.ts";
import { listeningPort, startWorkerd, workerdConfig } from "../../src/cli/workerd.ts";

const built = await bundle(AbortSignal.timeout(120_000));

/** The Worker on workerd with the steward's socket; both addresses. */
async function start(settings: Record<string, string>) {
  const dataDir = mkdtempSync(join(tmpdir(), "tim-relay-stop-"));
  const configPath = join(dataDir, "workerd.capnp");
  writeFileSync(
    configPath,
    workerdConfig({
      bundle: built,
      dataDir,
      address: "127.0.0.1:0",
      settings: Object.keys(settings),
      allowPrivate: false,
      steward: "Steward",
    }),
  );
  const child = startWorkerd(configPath, built, settings);
  after(async () => {
    child.kill("SIGKILL");
    await once(child, "exit");
    rmSync(dataDir, { recursive: true });
  });
  const [front, steward] = await Promise.all([listeningPort(child), listeningPort(child, "steward")]);
  return { front: `http://127.0.0.1:${front}/`, steward: `http://127.0.0.1:${steward}/` };
}

async function statusOf(url: string, authorization?: string): Promise<number> {
  const response = await fetch(url, authorization === undefined ? {} : { headers: { authorization } });
  await response.text();
  return response.status;
}

test("only whoever knows the token of this start may stop the shards, and only on the socket of its own", async () => {
  const { front, steward } = await start({
    SDK_APP_ID: "1400000000",
    TIM_RELAY_STOP_TOKEN: "token-of-today",
  });
  assert.notEqual(front, steward);
  for (const header of [undefined, "", "Bearer", "Bearer ", "Bearer token-of-todaY", "token-of-today"])
    assert.equal(await statusOf(steward, header), 403, header);
  assert.equal(await statusOf(steward, "Bearer token-of-today"), 204);
  assert.equal(await statusOf(front, "Bearer token-of-today"), 200);
});

test("without a token nobody may stop them", async () => {
  const { steward } = await start({ SDK_APP_ID: "1400000000" });
  for (const header of [undefined, "Bearer ", "Bearer undefined"])
    assert.equal(await statusOf(steward, header), 403, header);
});
