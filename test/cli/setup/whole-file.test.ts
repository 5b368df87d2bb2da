/** Files of a first deployment: who may read them, and what is left of those that were there. */
import assert from "node:assert/strict";
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { keep, nothingKept, readKept } from "../../../src/cli/setup/kept.ts";
import { replaceFile, writePrivate } from "../../../src/cli/setup/whole-file.ts";

function scratch() {
  const folder = mkdtempSync(join(tmpdir(), "tim-relay-whole-file-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const onWindows = process.platform === "win32" && "Windows has no such modes";

test("a private file is its owner's alone, also where another was", { skip: onWindows }, () => {
  const path = join(scratch(), "secrets.json");
  writeFileSync(path, "old", { mode: 0o644 });
  writePrivate(path, "new");
  assert.deepEqual([readFileSync(path, "utf8"), statSync(path).mode & 0o777], ["new", 0o600]);
});

test("a file that is replaced keeps its mode, and a link stays a link", { skip: onWindows }, () => {
  const folder = scratch();
  const [target, link] = [join(folder, "target"), join(folder, "link")];
  writeFileSync(target, "old", { mode: 0o640 });
  symlinkSync(target, link);
  replaceFile(link, "new");
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.deepEqual([readFileSync(target, "utf8"), statSync(target).mode & 0o777], ["new", 0o640]);
  assert.deepEqual(readdirSync(folder).sort(), ["link", "target"]);
});

test("answers are read as they were kept, and a file of another form is none", () => {
  const folder = scratch();
  const kept = { ...nothingKept(), answers: { app: "1400000000" }, begun: true };
  keep(folder, kept);
  assert.deepEqual(readKept(folder), kept);
  for (const text of ["", "[]", "null", '{ "answers": null }', '{ "secrets": { "ADMIN_TOKEN": 1 } }']) {
    writeFileSync(join(folder, ".tim-relay.setup.json"), text);
    assert.deepEqual(readKept(folder), nothingKept(), text);
  }
});
