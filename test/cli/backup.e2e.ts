/** `tim-relay backup`, beside a gateway that goes on receiving. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { adminToken, type Client, clientOf } from "../support/client.ts";
import { shardFiles } from "../support/data-folder.ts";
import { run, serve } from "../support/program.ts";
import { until } from "../support/until.ts";

const scratch = mkdtempSync(join(tmpdir(), "tim-relay-backup-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

const settings = { SDK_APP_ID: "1400000000", ADMIN_TOKEN: adminToken, SHARDS: "3" };
const command = "Group.CallbackAfterRecallMsg";

/** What a backup prints, and its exit code. */
async function backedUp(...args: string[]) {
  const program = run("tim-relay.js", { cwd: scratch, args: ["backup", ...args] });
  return { code: await program.ended, log: program.log() };
}

const accept = (gateway: Client, GroupId: string) =>
  gateway.accept(command, { GroupId, Type: "Public", MsgSeqList: [{ MsgSeq: 1 }] });

test("a copy of a running gateway holds all that was accepted before it, and starts as another one", async () => {
  const dataDir = join(scratch, "data");
  mkdirSync(join(dataDir, "kv", "WORDS"), { recursive: true });
  writeFileSync(join(dataDir, "kv", "WORDS", "banned"), "darn\n");
  const served = await serve({ settings, dataDir });
  const gateway = clientOf(
    () => served.url,
    () => "",
  );
  for (let group = 0; group < 30; group++) await accept(gateway, `before-${group}`);

  // The gateway receives while its files are copied.
  let ended = false;
  let during = 0;
  const receiving = (async () => {
    for (; !ended; during++) await accept(gateway, `during-${during}`);
  })();
  await until("events come", () => during > 5);
  const copy = join(scratch, "copy");
  const { code, log } = await backedUp(copy, "--data-dir", dataDir);
  ended = true;
  await receiving;
  assert.equal(code, 0, log);
  assert.match(log, /^\d+ databases, \d+\.\d MB in /m);
  assert.equal(shardFiles(copy).length, 3);
  assert.deepEqual(readdirSync(join(copy, "kv", "WORDS")), ["banned"]);
  assert.deepEqual(
    readdirSync(copy).filter((name) => name.startsWith("gateway")),
    [],
  );
  await served.stop();

  const restored = await serve({ settings, dataDir: copy });
  const again = clientOf(
    () => restored.url,
    () => "",
  );
  const events = await again.allEvents({ command });
  const before = events.filter(({ conversation }) => conversation!.startsWith("group:before-"));
  assert.equal(before.length, 30);
  await accept(again, "after");
  assert.deepEqual(
    (await again.health()).problems.filter((problem) => /damaged|missing|storage/.test(problem)),
    [],
  );
  await restored.stop();
});

test("a backup tells of its mistakes: no gateway's folder, a folder that exists, a damaged database", async () => {
  const empty = join(scratch, "empty");
  mkdirSync(empty);
  assert.deepEqual(await backedUp(join(scratch, "x"), "--data-dir", empty), {
    code: 1,
    log: `${empty} holds no events: is it the DATA_DIR of a gateway?\n`,
  });
  const dataDir = join(scratch, "damaged");
  const folder = join(dataDir, "tim-relay-Shard");
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "abc.sqlite"),
    "no database, but longer than a header of one hundred bytes".repeat(100),
  );
  const existing = await backedUp(empty, "--data-dir", dataDir);
  assert.match(existing.log, /empty exists: a backup goes into a folder of its own/);
  const damaged = await backedUp(join(scratch, "y"), "--data-dir", dataDir);
  assert.equal(damaged.code, 1);
  assert.match(damaged.log, /abc\.sqlite/);
  assert.ok(!readdirSync(scratch).includes("y"));
});
