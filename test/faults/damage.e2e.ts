/**
 * One gateway, each of whose shards has a file that is damaged in another way. A shard that cannot be trusted refuses
 * its events with a sentence, and its file stays as it is for a rescue. A damaged row costs its own events alone.
 */
import assert from "node:assert/strict";
import { copyFileSync, cpSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { readEventId } from "../../src/callback/event-id.ts";
import { bodyOf, type Callback, ofManyGroups } from "../support/callbacks.ts";
import { inDatabase } from "../support/data-folder.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";
import { damages, filesByShard, firstRowEvents } from "./files.ts";

type Damage = keyof typeof damages;

/** The sentences that /health has for each damage; `#` stands for the shard's index. */
const refusing: Partial<Record<Damage, RegExp>> = {
  "is cut to a half": /^shard # does not answer: perhaps the runtime cannot open its file \w+\.sqlite/,
  "has a header of zeros": /^shard # does not answer: perhaps the runtime cannot open its file \w+\.sqlite/,
  "is another file": /^shard # does not answer: perhaps the runtime cannot open its file \w+\.sqlite/,
  "has noise in all pages but the first":
    /^shard # does not answer: perhaps the runtime cannot open its file/,
  "has noise in a page of its rows":
    /^the storage of shard # is damaged; .* restore \w+\.sqlite from a backup/,
  "has zeros in a page of its rows":
    /^the storage of shard # is damaged; .* restore \w+\.sqlite from a backup/,
  "is another program's database": /^the storage of shard # holds the database of another program; /,
  "holds rows of a later version": /^the storage of shard # holds rows of a later version of the gateway; /,
  "holds torn JSON in its metadata": /^the storage of shard # is damaged; /,
};
const passing: Partial<Record<Damage, RegExp>> = {
  "has a row with torn heads": /^shard # passes over damaged rows .*: \d+ events? in them cannot be read; /,
  "has a row with short bodies": /^shard # passes over damaged rows .*: \d+ events? in them cannot be read; /,
  "has a row with noise in a body":
    /^shard # passes over damaged rows .*: \d+ events? in them cannot be read; /,
  "has a torn progress record":
    /^shard # passes over damaged rows .*: deliveries of that time may be repeated; /,
};

const names = Object.keys(damages) as Damage[];
/** One shard more, whose file is whole. */
const shards = names.length + 1;
const about = (sentence: RegExp, shard: number) => new RegExp(sentence.source.replace("#", String(shard)));

/** Bodies are so long that a row of SQLite overflows into pages of their own. */
function longBodied(callbacks: readonly Callback[]): Callback[] {
  return callbacks.map(({ label, group = "" }) => {
    const body = JSON.parse(bodyOf("Group.CallbackAfterRecallMsg", group, label));
    return { label, group, body: JSON.stringify({ ...body, Padding: "x".repeat(16_000) }) };
  });
}

/** Sends a callback until it is accepted: many that come at once may be answered 503 by a busy machine. */
function accepted(gateway: Gateway, callback: Callback): Promise<boolean> {
  return until(`${callback.label} is accepted`, async () => (await gateway.sendLabelled(callback)) === 200);
}

test("each damaged file costs what it must: a shard refuses, or a row is passed over", {
  timeout: 300_000,
}, async () => {
  const receiver = await startReceiver();
  const rule = { name: "a", url: receiver.url };
  // A rule that is wrong lets its events wait.
  const gateway = await startGateway({ SHARDS: shards, FORWARD_RULES: [{ ...rule, retry: ["soon"] }] });
  const first = longBodied(ofManyGroups(6 * shards, "first-"));
  await Promise.all(first.map((callback) => accepted(gateway, callback)));
  const shardOfGroup = new Map<string, number>();
  const inShard = new Map<number, string[]>();
  for (const { id, platform, conversation } of (await gateway.allEvents()).reverse()) {
    const { shard } = readEventId(id)!;
    shardOfGroup.set(String(conversation), shard);
    inShard.set(shard, [...(inShard.get(shard) ?? []), String(platform)]);
  }
  assert.equal(inShard.size, shards, "each shard has events");
  await gateway.kill();
  const files = filesByShard(gateway.dataDir);
  cpSync(gateway.dataDir, `${gateway.dataDir}.before`, { recursive: true });
  const lost = names.flatMap((name, shard) =>
    name.startsWith("has a row") ? inShard.get(shard)!.slice(0, firstRowEvents(files[shard]!)) : [],
  );
  for (const [shard, name] of names.entries()) damages[name](files[shard]!);
  const damaged = files.map((file) => readFileSync(file));

  await gateway.start({ SHARDS: shards, FORWARD_RULES: [rule] });
  const second = longBodied(ofManyGroups(6 * shards, "second-"));
  const shardOf = ({ group }: Callback) => shardOfGroup.get(`group:${group}`)!;
  const refuses = (shard: number) => names[shard] !== undefined && names[shard] in refusing;
  const acknowledged = second.filter((callback) => !refuses(shardOf(callback)));
  await Promise.all(
    second.map(async (callback) => {
      const file = names[shardOf(callback)] ?? "is whole";
      if (acknowledged.includes(callback)) await accepted(gateway, callback);
      else assert.equal(await gateway.sendLabelled(callback), 503, `a shard whose file ${file}`);
    }),
  );

  const due = first.filter((callback) => !refuses(shardOf(callback)) && !lost.includes(callback.label));
  await until("all that can be read is delivered", () => due.every(({ label }) => receiver.has(label, 200)));
  const problems = await gateway.problems();
  for (const [shard, name] of names.entries()) {
    const sentence = about((refusing[name] ?? passing[name])!, shard);
    assert.ok(
      problems.some((problem) => sentence.test(problem)),
      `${name}: ${problems.join("\n")}`,
    );
  }
  const whole = new RegExp(`shard ${shards - 1}\\b`);
  assert.deepEqual(
    problems.filter((problem) => whole.test(problem)),
    [],
  );
  const { status, body } = await gateway.api("/api/events");
  assert.equal(status, 503);
  assert.match(body.error.message, /shards? /);

  // Nothing that could be rescued is overwritten.
  await gateway.kill();
  for (const [shard, name] of names.entries()) {
    if (!refuses(shard)) continue;
    if (name === "is another program's database")
      inDatabase(files[shard]!, (database) =>
        assert.deepEqual({ ...database.prepare("SELECT * FROM users").get() }, { name: "lan" }),
      );
    else assert.ok(readFileSync(files[shard]!).equals(damaged[shard]!), `the file that ${name} is changed`);
  }

  // The operator restores the files that no shard can use.
  for (const [shard, file] of files.entries())
    if (refuses(shard)) copyFileSync(file.replace(gateway.dataDir, `${gateway.dataDir}.before`), file);
  await gateway.start();
  // A report of health starts every shard, as `npm run serve` does.
  await gateway.health();
  await until("every event that can be read is delivered", () =>
    [...first, ...acknowledged].every(({ label }) => lost.includes(label) || receiver.has(label, 200)),
  );
  const kept = new Set(await gateway.keptLabels());
  for (const { label } of acknowledged) assert.ok(kept.has(label), `${label} was acknowledged and is gone`);
  assert.deepEqual(
    receiver.labels().filter((label) => !kept.has(label)),
    [],
    "sent, but not kept",
  );
  const mended = await gateway.problems();
  for (const [shard, name] of names.entries()) {
    const remembered = passing[name] && about(passing[name], shard);
    const found = mended.filter((problem) => new RegExp(`shard ${shard}\\b`).test(problem));
    if (remembered) assert.match(found.join("\n"), remembered);
    else assert.deepEqual(found, [], name);
  }
});
