/** `npm run serve` on folders that it cannot use, that vanish, or that another gateway uses. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { callbackToken, ofManyGroups, sendCallback } from "../support/callbacks.ts";
import { clientOf } from "../support/client.ts";
import { alarmFile, objectsFolder } from "../support/data-folder.ts";
import { type Served, serve } from "../support/program.ts";
import { reply, startReceiver } from "../support/receiver.ts";
import { usualSettings } from "../support/settings.ts";
import { until } from "../support/until.ts";
import { damages, filesByShard } from "./files.ts";

const scratch = mkdtempSync(join(tmpdir(), "tim-relay-faults-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

const settings = { ...usualSettings, FORWARD_RULES: "[]" };
const onWindows = process.platform === "win32";
const onLinux = process.platform === "linux";

const folder = (name: string) => join(scratch, name);
const clientFor = ({ url }: Served) =>
  clientOf(
    () => url,
    () => callbackToken,
  );

/** The last line that a program prints before it ends with an error, and no stack trace. */
async function refusal(dataDir: string, more: Record<string, string> = {}): Promise<string> {
  const error = await serve({ settings: { ...settings, ...more }, dataDir }).then(
    () => assert.fail("it has started"),
    (error: Error) => error,
  );
  assert.doesNotMatch(error.message, /\n\s+at |Uncaught/);
  return error.message.trim().split("\n").at(-1)!;
}

describe("a data folder", { concurrency: 3 }, () => {
  test("may have any name", { skip: onWindows && "Windows forbids most of these characters" }, async () => {
    const dataDir = folder(` it's 95% "数据" \\n #?$HOME;*\n🎉`);
    const first = await serve({ settings, dataDir });
    assert.equal(await sendCallback(first.url, { label: "kept" }), 200);
    assert.equal(await first.stop(), 0);
    const second = await serve({ settings, dataDir });
    assert.deepEqual(await clientFor(second).keptLabels(), ["kept"]);
    assert.equal(await second.stop(), 0);
  });

  test("that is a file, or has a file in the way, is refused by name", async () => {
    writeFileSync(folder("file"), "");
    // The `serve` of test/support makes the folder: here the gateway itself must fail.
    const run = (dataDir: string) => refusal(scratch, { DATA_DIR: dataDir });
    assert.match(await run(folder("file")), /^DATA_DIR .*file cannot be used: /);
    mkdirSync(join(folder("way"), "workerd.capnp"), { recursive: true });
    assert.match(await run(folder("way")), /^DATA_DIR .*way cannot be used: .*workerd\.capnp/);
    mkdirSync(folder("objects"));
    writeFileSync(objectsFolder(folder("objects")), "");
    assert.match(await run(folder("objects")), /tim-relay-Shard cannot be used: /);
  });

  test("with a lock file that a crash has spoilt can be used", async () => {
    const dataDir = folder("lock");
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, "gateway.lock"), "\0".repeat(5_000));
    const gateway = await serve({ settings, dataDir });
    assert.match(await refusal(dataDir), /in use by the gateway with process id \d+: /);
    assert.equal(await gateway.stop(), 0);
  });

  test("is used by one of several gateways that start at the same moment", async () => {
    const dataDir = folder("rivals");
    const rivals = await Promise.allSettled([1, 2, 3].map(() => serve({ settings, dataDir })));
    const won = rivals.flatMap((rival) => (rival.status === "fulfilled" ? [rival.value] : []));
    assert.equal(
      won.length,
      1,
      rivals.map((rival) => String(rival.status === "rejected" && rival.reason)).join(),
    );
    assert.equal(await won[0]!.stop(), 0);
  });

  test("is refused while its gateway is stopped by a signal, also by another path", {
    skip: onWindows && "Windows stops no process by a signal",
  }, async () => {
    const dataDir = folder("stopped");
    const gateway = await serve({ settings, dataDir });
    process.kill(gateway.pid, "SIGSTOP");
    symlinkSync(dataDir, folder("alias"));
    assert.match(
      await refusal(folder("alias")),
      new RegExp(`in use by the gateway with process id ${gateway.pid}: `),
    );
    process.kill(gateway.pid, "SIGCONT");
    assert.equal(await sendCallback(gateway.url, { label: "after" }), 200);
    assert.equal(await gateway.stop(), 0);
  });

  for (const [how, act] of Object.entries({
    removed: (dataDir: string) => rmSync(dataDir, { recursive: true }),
    moved: (dataDir: string) => renameSync(dataDir, `${dataDir}-elsewhere`),
    "robbed of a log": (dataDir: string) => {
      const objects = objectsFolder(dataDir);
      const log = readdirSync(objects).find((name) => /^[0-9a-f]{64}\.sqlite-wal$/.test(name));
      rmSync(join(objects, log!));
    },
  }))
    test(`that is ${how} under a running gateway ends it with a sentence`, {
      skip:
        (onWindows || (how === "robbed of a log" && !onLinux)) && "this system does not tell, or forbids it",
    }, async () => {
      const dataDir = folder(how);
      const gateway = await serve({ settings, dataDir });
      assert.equal(await sendCallback(gateway.url, { label: "kept" }), 200);
      act(dataDir);
      assert.equal(await gateway.ended, 1);
      assert.match(gateway.log(), /was removed or moved while the gateway used it, hence it ends: .*\n$/);
      await assert.rejects(sendCallback(gateway.url, { label: "late" }));
    });

  test("names damaged and missing files at the start, and goes on with the other shards", async () => {
    const dataDir = folder("damaged");
    const shards = { ...settings, SHARDS: "4" };
    const first = await serve({ settings: shards, dataDir });
    const statuses = () => Promise.all(ofManyGroups(16).map((one) => sendCallback(first.url, one)));
    assert.ok((await statuses()).every((status) => status === 200));
    assert.equal(await first.stop(), 0);
    const [whole, zeros, foreign, missing] = filesByShard(dataDir) as [string, string, string, string];
    damages["has a header of zeros"](zeros);
    damages["is another program's database"](foreign);
    for (const end of ["", "-wal", "-shm"]) rmSync(missing + end, { force: true });
    const second = await serve({ settings: shards, dataDir });
    const log = second.log();
    const warns = (file: string, sentence: string) =>
      assert.ok(
        log.includes(`warning: ${file} ${sentence}`),
        `no warning of ${file} ${sentence} in:\n${log}`,
      );
    warns(
      zeros,
      "is damaged (file is not a database); events of its shard are refused meanwhile: stop the gateway, and",
    );
    warns(foreign, "is the database of another program; events of its shard are refused meanwhile: ");
    warns(missing, "of shard-3 is missing or empty: the shard starts without the events that were in it. ");
    assert.ok(!log.includes(whole));
    const problems = await clientFor(second).problems();
    assert.equal(problems.length, 2, problems.join("\n"));
    await second.stop();
  });

  test("without the file of the alarms loses no retry", async () => {
    const dataDir = folder("alarms");
    const receiver = await startReceiver(reply(500));
    const rules = JSON.stringify([{ name: "a", url: receiver.url, retry: ["6s"] }]);
    const withRule = { ...settings, FORWARD_RULES: rules };
    const first = await serve({ settings: withRule, dataDir });
    assert.equal(await sendCallback(first.url, { label: "later" }), 200);
    await until("the first attempt has failed", () => receiver.has("later", 500));
    assert.equal(await first.stop(), 0);
    const file = alarmFile(dataDir);
    writeFileSync(file, "not a database".repeat(1_000));
    assert.match(await refusal(dataDir, withRule), /metadata\.sqlite is damaged \(.*\): .* move it away /);
    for (const end of ["", "-wal", "-shm"]) rmSync(file + end, { force: true });
    receiver.answer = reply(200);
    const second = await serve({ settings: withRule, dataDir });
    await receiver.delivered("later");
    await second.stop();
  });

  test("without the file of the alarms runs the alarm of a shard that the runtime has ended", {
    timeout: 300_000,
  }, async () => {
    const dataDir = folder("quiet");
    const receiver = await startReceiver();
    // The runtime ends an object that is idle for 10 s; then the alarm starts it.
    const rules = JSON.stringify([{ name: "a", url: receiver.url, retry: ["15s"] }]);
    const withRule = { ...settings, FORWARD_RULES: rules, ALLOW_PRIVATE_DESTINATIONS: "true" };
    const first = await serve({ settings: withRule, dataDir });
    assert.equal(await sendCallback(first.url, { label: "kept" }), 200);
    await receiver.delivered("kept");
    assert.equal(await first.stop(), 0);
    for (const end of ["", "-wal", "-shm"])
      rmSync(join(dataDir, "tim-relay-Shard", `metadata.sqlite${end}`), { force: true });
    receiver.answer = reply(500);
    const second = await serve({ settings: withRule, dataDir });
    assert.equal(await sendCallback(second.url, { label: "later" }), 200);
    await until("the first attempt has failed", () => receiver.has("later", 500));
    const alarms = async () =>
      Number(/^tim_relay_alarms_total (\d+)$/m.exec(await clientFor(second).metrics())?.[1]);
    const before = await alarms();
    receiver.answer = reply(200);
    await receiver.delivered("later");
    await until("the alarm has run", async () => (await alarms()) > before);
    await second.stop();
  });
});

/** Root may write everywhere: there the program runs without that privilege. */
const privileged = process.getuid?.() === 0;
const canDrop = privileged && spawnSync("setpriv", ["--version"]).status === 0;

test("files without permission are named, and used once they are mended", {
  skip: (onWindows || (privileged && !canDrop)) && "this process may write to every file",
  timeout: 300_000,
}, async () => {
  const dataDir = folder("permission");
  const wrapper = canDrop
    ? [
        "setpriv",
        "--bounding-set=-dac_override,-dac_read_search",
        "--inh-caps=-dac_override,-dac_read_search",
      ]
    : [];
  const start = () => serve({ settings: { ...settings, SHARDS: "2" }, dataDir, wrapper });
  const first = await start();
  await Promise.all(ofManyGroups(8).map((one) => sendCallback(first.url, one)));
  assert.equal(await first.stop(), 0);
  const [, file] = filesByShard(dataDir) as [string, string];
  const refused = async (path: string, mode: number, sentence: RegExp) => {
    chmodSync(path, mode);
    await assert.rejects(start(), sentence);
    chmodSync(path, 0o700);
  };
  await refused(dataDir, 0o500, /:\nDATA_DIR .* cannot be used: EACCES: /);
  await refused(objectsFolder(dataDir), 0o500, /tim-relay-Shard cannot be used: EACCES: /);

  chmodSync(file, 0o400);
  const second = await start();
  assert.match(
    second.log(),
    /^warning: \S+\.sqlite cannot be used \(EACCES: .*\); events of its shard are refused /m,
  );
  const statuses = await Promise.all(ofManyGroups(8, "second").map((one) => sendCallback(second.url, one)));
  assert.ok(statuses.includes(503) && statuses.includes(200), statuses.join());
  const client = clientFor(second);
  await client.problem(/^shard 1 cannot read or write its file \w+\.sqlite; /);
  for (const end of ["", "-wal", "-shm"]) chmodSync(file + end, 0o600);
  await client.noProblem(/^shard/);
  const later = await Promise.all(ofManyGroups(8, "third").map((one) => sendCallback(second.url, one)));
  assert.ok(
    later.every((status) => status === 200),
    later.join(),
  );
  await second.stop();
});

test("a restored older copy of the folder goes on, and nothing that it kept is lost", async () => {
  const dataDir = folder("backup");
  const receiver = await startReceiver();
  const rules = JSON.stringify([{ name: "a", url: receiver.url }]);
  const withRule = { ...settings, SHARDS: "2", FORWARD_RULES: rules };
  const first = await serve({ settings: withRule, dataDir });
  const send = (url: string, prefix: string) =>
    Promise.all(ofManyGroups(8, prefix).map((one) => sendCallback(url, one)));
  await send(first.url, "old");
  await first.kill();
  cpSync(dataDir, `${dataDir}-copy`, { recursive: true });
  const second = await serve({ settings: withRule, dataDir });
  await send(second.url, "gone");
  await receiver.delivered(16);
  await clientFor(second).pause("a");
  assert.equal(await second.stop(), 0);
  rmSync(dataDir, { recursive: true });
  renameSync(`${dataDir}-copy`, dataDir);
  const third = await serve({ settings: withRule, dataDir });
  assert.deepEqual([...new Set(await send(third.url, "new"))], [200]);
  await receiver.delivered(24);
  assert.deepEqual(
    (await clientFor(third).keptLabels()).filter((label) => label.startsWith("gone")),
    [],
  );
  assert.deepEqual(await clientFor(third).problems(), []);
  assert.equal(await third.stop(), 0);
});
