/** The look at the files in use: what is gone ends the gateway, and what is uncertain does not. */
import assert from "node:assert/strict";
import {
  closeSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { fileWatch } from "../../src/cli/file-watch.ts";

const scratch = realpathSync(mkdtempSync(join(tmpdir(), "tim-relay-watch-")));
after(() => rmSync(scratch, { recursive: true, force: true }));
let folders = 0;

const name = `${"a1".repeat(32)}.sqlite`;
const skip = process.platform !== "linux" && "only Linux tells which files a process has open";

/** A data folder with the file of a shard. */
function dataFolder() {
  const dataDir = join(scratch, String(++folders));
  const folder = join(dataDir, "tim-relay-Shard");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  writeFileSync(file, "x");
  return { dataDir, folder, file, look: fileWatch(dataDir, [folder], [process.pid]) };
}

/** Opens a file until the test ends. */
function open(t: TestContext, path: string): void {
  const descriptor = openSync(path, "a+");
  t.after(() => closeSync(descriptor));
}

test("a file that two looks in a row miss is gone", () => {
  const { file, look } = dataFolder();
  assert.equal(look(), null);
  renameSync(file, `${file}.away`);
  assert.equal(look(), null);
  renameSync(`${file}.away`, file);
  assert.equal(look(), null);
  renameSync(file, `${file}.away`);
  assert.equal(look(), null);
  assert.ok(look()?.startsWith(`${file} was removed or moved`));
});

test("a file or folder that the system cannot look at is not gone", () => {
  const { dataDir, folder, file, look } = dataFolder();
  assert.equal(look(), null);
  rmSync(file);
  symlinkSync(file, file); // ELOOP, which also the superuser gets
  assert.deepEqual([look(), look()], [null, null]);
  const unreadable = fileWatch(dataDir, [file, join(folder, "missing")], [process.pid]);
  assert.deepEqual([unreadable(), unreadable()], [null, null]);
  writeFileSync(join(dataDir, "file"), "");
  const noFolder = fileWatch(dataDir, [join(dataDir, "file")], [process.pid]);
  assert.deepEqual([noFolder(), noFolder()], [null, null]);
});

for (const [how, act] of Object.entries({
  removed: (log: string) => rmSync(log),
  replaced: (log: string) => {
    rmSync(log);
    writeFileSync(log, "another");
  },
  moved: (log: string) => renameSync(log, join(scratch, `${name}-wal`)),
}))
  test(`an open file that was ${how} is gone`, { skip }, (t) => {
    const { file, look } = dataFolder();
    open(t, `${file}-wal`);
    assert.deepEqual([look(), look()], [null, null]);
    act(`${file}-wal`);
    assert.equal(look(), null);
    assert.match(look() ?? "", /\.sqlite-wal was removed or moved/);
  });

test("an open file whose name the system has forgotten is not gone while it stands in its place", {
  skip,
}, (t) => {
  const { file, look } = dataFolder();
  linkSync(file, `${file} (deleted)`);
  open(t, `${file} (deleted)`);
  assert.deepEqual([look(), look()], [null, null]);
});

test("the data folder may be the root", { skip }, (t) => {
  const { folder, file } = dataFolder();
  open(t, file);
  const look = fileWatch("/", [folder], [process.pid]);
  assert.deepEqual([look(), look()], [null, null]);
});
