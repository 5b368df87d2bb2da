/** An export over several shards, which restart or are damaged in the middle of it. */
import assert from "node:assert/strict";
import { closeSync, openSync, statSync, writeSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { basename } from "node:path";
import { test } from "node:test";
import { adminToken } from "../support/client.ts";
import { inDatabase, shardFiles } from "../support/data-folder.ts";
import { startGateway } from "../support/gateway.ts";
import { reply, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const receiver = await startReceiver();
receiver.answer = reply(500);
const gateway = await startGateway({
  SHARDS: 3,
  FORWARD_RULES: [{ name: "failing", on: "Test.CallbackFailing", url: receiver.url }],
});

/** Far more bytes of each shard than the buffers on the way hold. */
const padding = "x".repeat(48_000);
const rooms = Array.from({ length: 600 }, (_, index) => `room-${index}`).sort();

for (let first = 0; first < rooms.length; first += 10)
  await Promise.all(
    rooms
      .slice(first, first + 10)
      .map((GroupId) => gateway.accept("Test.CallbackPadded", { GroupId, padding })),
  );

const query = "/api/export?command=Test.CallbackPadded";

/** The lines of an export, of which the first megabytes are read before `meanwhile` happens, and the rest after it. */
async function exportedAround(meanwhile: () => unknown): Promise<string[]> {
  const headers = { authorization: `Bearer ${adminToken}` };
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(gateway.url + query, { headers, agent: false }, resolve).on("error", reject);
  });
  response.setEncoding("utf8");
  let text = "";
  let happened = false;
  for await (const piece of response) {
    text += piece;
    if (happened || text.length < 2_000_000) continue;
    happened = true;
    await meanwhile();
  }
  assert.ok(happened);
  assert.ok(text.endsWith("\n"));
  return text.trimEnd().split("\n");
}

const roomsOf = (lines: readonly string[]) =>
  lines.map((line): string => JSON.parse(line).body.GroupId).sort();

test("an export goes on over the restart of all shards, as in a deploy, without a gap or a repeat", async () => {
  assert.deepEqual(roomsOf(await exportedAround(() => gateway.abortShards())), rooms);
});

test("an export goes on over the restart of one shard, without a gap or a repeat", async () => {
  const [file] = shardFiles(gateway.dataDir);
  const lines = await exportedAround(async () => {
    const fails = "BEGIN SELECT RAISE(ABORT, 'a write that fails'); END";
    inDatabase(file!, (rows) => rows.exec(`CREATE TRIGGER fails BEFORE INSERT ON retry ${fails}`));
    for (let group = 0; group < 12; group++)
      await gateway.accept("Test.CallbackFailing", { GroupId: `failing-${group}` });
    await gateway.seen(/"at":"shard".*a write that fails/);
    inDatabase(file!, (rows) => rows.exec("DROP TRIGGER fails"));
    await until("the restarted shard retries", async () => {
      const { events } = await gateway.events({ command: "Test.CallbackFailing", state: "retrying" });
      return events.length === 12;
    });
  });
  assert.deepEqual(roomsOf(lines), rooms);
});

test("an export ends with a line that names the shard that cannot be read any more", async () => {
  const [file] = shardFiles(gateway.dataDir);
  const lines = await exportedAround(async () => {
    const descriptor = openSync(file!, "r+");
    const garbage = Buffer.alloc(statSync(file!).size - 4_096, 0xa7);
    writeSync(descriptor, garbage, 0, garbage.length, 4_096);
    closeSync(descriptor);
    await gateway.abortShards();
  });
  const { error } = JSON.parse(lines.at(-1)!);
  assert.equal(error.code, "export_stopped");
  // Either a shard reads the damage, or the runtime cannot open the file: which of them depends on its caches.
  const named = /^(?:the storage of )?shard (\d) (?:is damaged|does not answer: perhaps)/.exec(error.message);
  const silent = named?.[1] ?? assert.fail(error.message);
  assert.ok(error.message.includes(basename(file!)), error.message);
  assert.match(error.message, /`since`/);
  assert.ok(error.message.endsWith(`without=${silent}`), error.message);
  const found = roomsOf(lines.slice(0, -1));
  assert.equal(new Set(found).size, found.length);

  assert.ok(found.length < rooms.length, "some are missing");

  const others = await (await gateway.request(`${query}&without=${silent}`)).text();
  const ids = others
    .trimEnd()
    .split("\n")
    .map((line): string => JSON.parse(line).id);
  assert.deepEqual(
    [...new Set(ids.map(shardOf))].sort(),
    [0, 1, 2].filter((shard) => shard !== Number(silent)),
  );
});

/** The shard of an event's id. */
const shardOf = (id: string) => Number.parseInt(id.slice(14, 16), 32);
