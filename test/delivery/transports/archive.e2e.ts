/**
 * Many events, archived in R2 and read back. `ARCHIVED_EVENTS=100000 npm test -- test/delivery/transports/archive.e2e.ts`
 * archives so many.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type MiniflareGateway, startMiniflare } from "../../support/miniflare.ts";
import { until } from "../../support/until.ts";
import { type ArchivedObject, archivedObjects } from "./archive.ts";

const events = Number(process.env.ARCHIVED_EVENTS ?? 1_200);
const command = "Test.CallbackAfterThing";
const senders = 64;

/** Everyday's objects are small, so that there are some. */
const batch = events > 10_000 ? { ms: 5_000 } : { size: 300, ms: 1_000 };

const start = (storage?: string) =>
  startMiniflare([{ name: "archive", url: "r2:ARCHIVE/tim", batch }], {
    bindings: { ARCHIVE: { type: "r2", name: "archive" } },
    settings: { LOG_LEVEL: "error" },
    ...(storage !== undefined && { storage }),
  });

const bodyOf = (index: number) =>
  `{"CallbackCommand":"${command}","MsgSeq":${9007199254740993n + BigInt(index)},"Text":"第${index}条 — 你好"}`;

/** Sends the events from one number on and before another. Resolves with those that were accepted. */
async function send(gateway: MiniflareGateway, from: number, to: number): Promise<number[]> {
  const accepted: number[] = [];
  let next = from;
  const sender = async () => {
    while (next < to) {
      const index = next++;
      const answer = await gateway.send(command, bodyOf(index)).catch(() => null);
      if (answer?.status === 200) accepted.push(index);
    }
  };
  await Promise.all(Array.from({ length: senders }, sender));
  return accepted;
}

const waitingIsOver = (gateway: MiniflareGateway) =>
  until(
    "all is archived",
    async () => {
      const { waiting, retrying } = await gateway.destination("archive");
      return waiting + retrying === 0;
    },
    600_000,
  );

/** How often each event is archived, by its number. Fails where an object or a line is not as promised. */
function counted(objects: readonly ArchivedObject[]): Map<number, number> {
  const times = new Map<number, number>();
  for (const { name, metadata, lines } of objects) {
    const ids = lines.map((line) => /"id":"(evt_\w+)"/.exec(line)![1]!);
    assert.deepEqual(metadata, { first: ids[0], last: ids.at(-1), count: String(lines.length) });
    const at = /"timestamp":"([^"]+)"/.exec(lines[0]!)![1]!;
    const hour = at.slice(0, 13).replace(/[-T]/g, "/");
    assert.match(name, new RegExp(`^tim/${hour}/0-${ids[0]}-${lines.length}-[0-9a-f]{8}\\.ndjson\\.gz$`));
    for (const line of lines) {
      const index = Number(/第(\d+)条/.exec(line)![1]);
      assert.ok(line.endsWith(`,"data":${bodyOf(index)}}`), line);
      times.set(index, (times.get(index) ?? 0) + 1);
    }
  }
  return times;
}

test(`${events} events are archived and read back: each once, byte for byte`, async () => {
  const gateway = await start();
  const accepted = await send(gateway, 0, events);
  // A busy machine may lose an answer: such an event is kept, or not.
  assert.ok(accepted.length >= events * 0.99);
  await waitingIsOver(gateway);
  const objects = await archivedObjects(gateway.miniflare);
  const times = counted(objects);
  assert.deepEqual(
    accepted.filter((index) => times.get(index) !== 1),
    [],
  );
  assert.ok([...times.values()].every((count) => count === 1));
  const { delivered, failed } = await gateway.destination("archive");
  assert.deepEqual([delivered, failed], [times.size, 0]);
  // The attempt of an event in a large batch is found, too.
  const id = /"id":"(evt_\w+)"/.exec(objects[0]!.lines.at(-1)!)![1]!;
  const { state, deliveries } = await gateway.event(id);
  const statuses = deliveries.flatMap(({ attempts }) => attempts.map(({ status }) => status));
  assert.deepEqual([state, statuses], ["delivered", [200]]);
});

test("a crash repeats events of the archive, and loses none", async () => {
  const storage = mkdtempSync(join(tmpdir(), "tim-relay-archive-"));
  after(() => rmSync(storage, { recursive: true, force: true, maxRetries: 5 }));
  const first = await start(storage);
  const sent = send(first, 0, events);
  await until("some are archived", async () => (await archivedObjects(first.miniflare)).length > 0, 600_000);
  await first.miniflare.dispose();
  const accepted = await sent;
  assert.ok(accepted.length > 0);

  const second = await start(storage);
  accepted.push(...(await send(second, events, events + 100)));
  await waitingIsOver(second);
  const times = counted(await archivedObjects(second.miniflare));
  assert.deepEqual(
    accepted.filter((index) => !times.has(index)),
    [],
  );
});
