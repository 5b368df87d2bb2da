/** The look at the shards' files before the runtime opens them. */
import assert from "node:assert/strict";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { lacksAlarms, shardFileProblems } from "../../src/cli/shard-files.ts";
import { unreadableFrames } from "../../src/cli/wal.ts";
import { Chance } from "../support/chance.ts";
import { inDatabase } from "../support/data-folder.ts";
import { settleLog } from "./files.ts";

const scratch = mkdtempSync(join(tmpdir(), "tim-relay-files-"));
after(() => rmSync(scratch, { recursive: true, force: true }));
let folders = 0;

/** A folder with the file of a shard as a SIGKILL leaves it: its rows stand in the log. */
function folderWithShard(rows = 20): { folder: string; file: string } {
  const folder = join(scratch, String(++folders));
  mkdirSync(folder);
  const file = join(folder, `${"a1".repeat(32)}.sqlite`);
  const living = join(folder, "living");
  const database = new DatabaseSync(living);
  database.exec(
    "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE standing (name, value)",
  );
  for (let row = 0; row < rows; row++)
    database.prepare("INSERT INTO standing VALUES (?, ?)").run(row, "x".repeat(1_000));
  copyFileSync(living, file);
  copyFileSync(`${living}-wal`, `${file}-wal`);
  database.close();
  rmSync(living);
  return { folder, file };
}

function spoil(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at]! ^= 0xff;
  writeFileSync(file, bytes);
}

const frameBytes = 24 + 4096;

test("a folder that is missing, or whole after a kill, has no problem, and stays as it is", () => {
  assert.deepEqual(shardFileProblems(join(scratch, "missing")), []);
  const { folder, file } = folderWithShard();
  const [database, log] = [readFileSync(file), readFileSync(`${file}-wal`)];
  assert.deepEqual(shardFileProblems(folder), []);
  assert.ok(readFileSync(file).equals(database));
  assert.ok(readFileSync(`${file}-wal`).equals(log));
  // After a clean stop there is no log, and the look makes none.
  settleLog(file);
  const names = readdirSync(folder);
  assert.deepEqual(shardFileProblems(folder), []);
  assert.deepEqual(readdirSync(folder), names);
});

test("a log beside an empty or missing database is not left to SQLite, which would delete it", () => {
  for (const damage of [(file: string) => truncateSync(file), (file: string) => rmSync(file)]) {
    const { folder, file } = folderWithShard();
    damage(file);
    assert.throws(
      () => shardFileProblems(folder),
      /is missing or empty, but \S+-wal may hold all of its events/,
    );
    assert.ok(existsSync(`${file}-wal`));
  }
});

test("a log that is damaged in its middle or its header is named, and a copy of it put aside", () => {
  for (const at of [3, 20, 32 + 2 * frameBytes + 100, 32 + 2 * frameBytes + 9]) {
    const { folder, file } = folderWithShard();
    spoil(`${file}-wal`, at);
    const log = readFileSync(`${file}-wal`);
    const problems = shardFileProblems(folder);
    assert.equal(problems.length, 1, `byte ${at}`);
    assert.match(
      problems[0]!,
      /-wal is damaged: up to \d+ pages of the newest events cannot be read\. A copy /,
    );
    assert.ok(readFileSync(`${file}-wal.damaged`).equals(log));
  }
});

test("a log whose last frame a kill has torn is no damage: its events were not acknowledged", () => {
  const { folder, file } = folderWithShard();
  const log = readFileSync(`${file}-wal`);
  for (const cut of [1, 100, frameBytes - 1]) {
    writeFileSync(`${file}-wal`, log.subarray(0, log.length - cut));
    assert.deepEqual(shardFileProblems(folder), []);
  }
});

test("property: any damaged byte before the last frame of a log is found", () => {
  const { file } = folderWithShard(60);
  const log = readFileSync(`${file}-wal`);
  assert.equal(unreadableFrames(log), 0);
  const chance = new Chance(1);
  for (let round = 0; round < 300; round++) {
    const at = chance.between(0, log.length - frameBytes - 1);
    const spoilt = Buffer.from(log);
    spoilt[at]! ^= chance.between(1, 255);
    assert.ok(unreadableFrames(spoilt) > 0, `byte ${at}`);
  }
});

test("a file of alarms that cannot be read refuses the start with a way out", () => {
  const { folder } = folderWithShard();
  writeFileSync(join(folder, "metadata.sqlite"), "not a database".repeat(500));
  assert.throws(
    () => shardFileProblems(folder),
    /metadata\.sqlite is damaged \(.*\): .* move it away with its -wal and -shm/,
  );
});

/** Makes the runtime's file of alarms in a folder. */
function writeAlarms(folder: string, statements: string): void {
  inDatabase(join(folder, "metadata.sqlite"), (database) => database.exec(statements));
}

const alarmTable = "CREATE TABLE _cf_ALARM (actor_id TEXT PRIMARY KEY, scheduled_time INTEGER";

test("a file of alarms that is empty, or lacks its table, knows of no alarm", () => {
  const { folder } = folderWithShard();
  writeFileSync(join(folder, "metadata.sqlite"), "");
  writeFileSync(join(folder, "metadata.sqlite-wal"), "x");
  assert.deepEqual(shardFileProblems(folder), []);
  assert.ok(lacksAlarms(folder));
  assert.ok(existsSync(join(folder, "metadata.sqlite-wal")), "the look deletes nothing");
  rmSync(join(folder, "metadata.sqlite-wal"));
  writeAlarms(folder, "CREATE TABLE _cf_METADATA (key)");
  assert.deepEqual(shardFileProblems(folder), []);
  assert.ok(lacksAlarms(folder));
});

test("a file of alarms of an older runtime has no names of shards", () => {
  const { folder, file } = folderWithShard();
  const missing = "b2".repeat(32);
  const rows = `('${"a1".repeat(32)}', 1), ('${missing}', 1)`;
  writeAlarms(folder, `${alarmTable}) WITHOUT ROWID; INSERT INTO _cf_ALARM VALUES ${rows}`);
  const problems = shardFileProblems(folder);
  assert.equal(problems.length, 1);
  assert.match(problems[0]!, /b2\.sqlite of its shard is missing or empty: /);
  assert.ok(existsSync(file));
  assert.ok(!lacksAlarms(folder));
});

test("an alarm is lost where a shard's file has no row among the alarms", () => {
  const { folder, file } = folderWithShard();
  writeAlarms(folder, `${alarmTable}, actor_name TEXT) WITHOUT ROWID`);
  assert.ok(lacksAlarms(folder));
  writeAlarms(folder, `INSERT INTO _cf_ALARM VALUES ('${"a1".repeat(32)}', 1, 'shard-0')`);
  assert.ok(!lacksAlarms(folder));
  const other = join(folder, `${"b2".repeat(32)}.sqlite`);
  writeFileSync(other, "");
  assert.ok(!lacksAlarms(folder), "an empty file has no alarm to lose");
  copyFileSync(file, other);
  assert.ok(lacksAlarms(folder));
  assert.ok(!lacksAlarms(join(scratch, "missing")));
});
