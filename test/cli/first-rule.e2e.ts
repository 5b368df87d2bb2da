/** A user's first rule in a fresh clone: deployed by dry run, unseen by tests and checks, the only change in Git. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { outputOf } from "../support/output.ts";

const root = join(import.meta.dirname, "../..");

function git(folder: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync("git", args, { cwd: folder, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return stdout;
}

const noRepository =
  spawnSync("git", ["rev-parse", "--git-dir"], { cwd: root }).status === 0
    ? false
    : "this is no checkout of Git";

/** A clone of the project as it is here, with all that is committed or could be. */
function clone(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "tim-relay-clone-")));
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const files = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard");
  const own = ["tim-relay.jsonc", ""];
  for (const name of files.split("\0").filter((one) => !own.includes(one)))
    cpSync(join(root, name), join(folder, name));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
  git(folder, "init", "-q");
  git(folder, "add", "--all");
  const author = ["-c", "user.name=Minh", "-c", "user.email=minh@example.com"];
  git(folder, ...author, "commit", "-q", "--no-gpg-sign", "-m", "Clone");
  return folder;
}

/** Runs `npm run` in a folder, with the environment of a user. */
async function npm(folder: string, ...args: string[]) {
  const { PATH, HOME, TMPDIR, SystemRoot } = process.env;
  const child = spawn("npm", ["run", "--silent", ...args], {
    cwd: folder,
    shell: process.platform === "win32",
    stdio: ["ignore", "pipe", "pipe"],
    detached: process.platform !== "win32",
    env: { PATH, HOME, TMPDIR, SystemRoot },
  });
  after(() => child.exitCode === null && process.kill(-child.pid!, "SIGKILL"));
  const output = outputOf(child, "npm");
  return { code: await output.ended, log: output.log() };
}

/** The file that the page on deploying shows first. */
function firstFile(): string {
  const [, text] =
    /^```jsonc\n([\s\S]*?)^```/m.exec(readFileSync(join(root, "docs/deploying.md"), "utf8")) ?? [];
  return text ?? assert.fail("the page shows no tim-relay.jsonc");
}

test("the page's first rule is deployed by dry run, and Git, tests and the linter see no other change", {
  skip: noRepository,
}, async () => {
  const folder = clone();
  const isOnlyChange = () => assert.equal(git(folder, "status", "--porcelain"), "?? tim-relay.jsonc\n");
  writeFileSync(join(folder, "tim-relay.jsonc"), firstFile());

  const deployed = await npm(folder, "deploy", "--", "--dry-run");
  assert.equal(deployed.code, 0, deployed.log);
  for (const line of [
    /^read wrangler\.toml, tim-relay\.jsonc$/m,
    /^from tim-relay\.jsonc: CALLBACK_PATH, LOCATION_HINT, FORWARD_RULES, REDACT$/m,
    /^audit: forwards every event to audit\.example\.com$/m,
    /^needs the secrets: SDK_APP_ID, AUDIT_SECRET$/m,
    /--dry-run: exiting now/,
  ])
    assert.match(deployed.log, line);
  isOnlyChange();

  // A test that saw the file would send to another path than the gateway receives on.
  const files = ["test/config.test.ts", "test/cli/settings.test.ts", "test/cli/export.e2e.ts"];
  const tested = await npm(folder, "test", "--", ...files);
  assert.equal(tested.code, 0, tested.log);
  assert.match(tested.log, /^ℹ fail 0$/m);
  const { status, stdout, stderr } = spawnSync("npx", ["biome", "check", "."], {
    cwd: folder,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  assert.equal(status, 0, stdout + stderr);
  isOnlyChange();
});
