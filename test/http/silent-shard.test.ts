/** A gateway with a shard that cannot start. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { startGateway } from "../cli/gateway.ts";
import { clientOf, eventually } from "./worker.ts";

const dataDir = mkdtempSync(join(tmpdir(), "tim-relay-silent-"));
after(() => rmSync(dataDir, { recursive: true, force: true }));

test("a shard that does not answer is named, and the others are asked all the same", async () => {
  const settings = {
    SDK_APP_ID: "1400000000",
    CALLBACK_TOKEN: "",
    ADMIN_TOKEN: "test-admin-token",
    SHARDS: "2",
    FORWARD_RULES: JSON.stringify([{ name: "hooks", on: "Never.*", url: "https://hooks.example.com/tim" }]),
  };
  const first = await startGateway({ dataDir, settings });
  assert.equal((await clientOf(first.url).api("/api/destinations/hooks/pause", {})).status, 200);
  const folder = join(dataDir, "tim-relay-Shard");
  const isShard = (name: string) => name.endsWith(".sqlite") && !name.startsWith("metadata");
  const [file, ...others] = await eventually(() => {
    const files = readdirSync(folder).filter(isShard);
    return files.length === 2 && files;
  });
  assert.equal(others.length, 1);
  await first.kill();
  for (const name of readdirSync(folder)) if (name.startsWith(file!)) rmSync(join(folder, name));
  mkdirSync(join(folder, file!));

  const second = await startGateway({ dataDir, settings });
  const { status, body } = await clientOf(second.url).api("/health");
  assert.deepEqual([status, body.status], [200, "degraded"]);
  const [signatures, silent, paused, ...more] = body.problems;
  assert.equal(signatures, "CALLBACK_TOKEN is not set: signatures are not checked");
  assert.match(silent, /^shard [01] does not answer: /);
  assert.equal(paused, "hooks: is paused until it is resumed; nothing waits");
  assert.deepEqual(more, []);
});
