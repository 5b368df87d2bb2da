/** A project whose build finds no room on the disk. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { run } from "../support/program.ts";
import { smallDisk } from "./small-disk.ts";

const project = join(import.meta.dirname, "../..");
const disk = await smallDisk(1);

test("a build that finds no room is reported without a stack trace, and leaves nothing on the disk", {
  skip: disk === null && "this system mounts no file system for a test",
  timeout: 300_000,
}, async () => {
  const copy = mkdtempSync(join(tmpdir(), "tim-relay-build-"));
  after(() => rmSync(copy, { recursive: true, force: true }));
  for (const name of [
    "docs",
    "src",
    "wrangler.toml",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "tsconfig.dashboard.json",
  ])
    cpSync(join(project, name), join(copy, name), { recursive: true });
  symlinkSync(join(project, "node_modules"), join(copy, "node_modules"));
  mkdirSync(join(disk!.path, "dist"));
  symlinkSync(join(disk!.path, "dist"), join(copy, "dist"));
  disk!.fill();
  const environment = {
    SDK_APP_ID: "1400000000",
    CALLBACK_TOKEN: "token",
    PORT: "0",
    DATA_DIR: join(copy, "data"),
  };
  const gateway = run("tim-relay.js", { cwd: copy, args: ["serve"], environment, project: copy });
  assert.equal(await gateway.ended, 1);
  assert.match(
    gateway.log(),
    /^building the Worker[^\n]*\nwrangler could not build the Worker:\n.*no space left on device/s,
  );
  assert.doesNotMatch(gateway.log(), /\n\s+at |\\u001b/);
  assert.deepEqual(readdirSync(join(disk!.path, "dist")), []);
});
