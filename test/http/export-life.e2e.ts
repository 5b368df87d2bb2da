/** An export that lasts: a slow reader, one that leaves, and a shard that ends in the middle of it. */
import assert from "node:assert/strict";
import { closeSync, openSync, statSync, writeSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import type { DetailedEvent } from "../support/api.ts";
import { adminToken } from "../support/client.ts";
import { shardFiles } from "../support/data-folder.ts";
import { withManyEvents } from "../support/many-events.ts";
import { privateBytes, untold } from "../support/process-stats.ts";
import { until } from "../support/until.ts";

/** Far more bytes than the buffers of a connection hold. */
const events = 12_000;
const gateway = await withManyEvents({}, { events, bytes: 4_000 });

/** Rows that the shard reads for a whole export. */
let wholeRows = 0;

/** Begins an export of which nothing is read but by the caller. */
function begin(): Promise<IncomingMessage> {
  const headers = { authorization: `Bearer ${adminToken}` };
  return new Promise((resolve, reject) => {
    get(`${gateway.url}/api/export`, { headers, agent: false }, resolve).on("error", reject);
  });
}

/** Reads so many characters, or all that are left. */
async function read(response: IncomingMessage, least = Number.POSITIVE_INFINITY): Promise<string> {
  let read = "";
  response.setEncoding("utf8");
  while (read.length < least) {
    const piece = response.read() as string | null;
    if (piece !== null) read += piece;
    else if (response.readableEnded || response.destroyed) break;
    else
      await new Promise((resolve) => {
        for (const event of ["readable", "end", "error"]) response.once(event, resolve);
      });
  }
  return read;
}

const parsed = (lines: string) =>
  lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as DetailedEvent);

/** Fails unless these are all events, oldest first, each once. */
function assertWhole(lines: string): void {
  const found = parsed(lines);
  assert.equal(found.length, events);
  const numbers = found.map(({ body }) => body.MsgSeq as number);
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => index + 1),
  );
}

/** Resolves as soon as the shard reads no more rows than the question for them takes. */
async function rowsAtRest(): Promise<number> {
  let last = await rowsRead();
  let still = 0;
  return until("the shard reads nothing any more", async () => {
    const now = await rowsRead();
    still = now - last < 50 ? still + 1 : 0;
    last = now;
    return still >= 10 && now;
  });
}

const rowsRead = async () => (await gateway.stats({ minutes: 1 })).rowsRead;

test("a reader gets every event once, in order", async () => {
  const before = await rowsAtRest();
  assertWhole(await text(await begin()));
  wholeRows = (await rowsAtRest()) - before;
  assert.ok(wholeRows > events / 16, `${wholeRows} rows`);
});

test("nothing is read ahead for a reader that does not read, which gets everything once it does", async () => {
  const before = await rowsAtRest();
  const memory = untold ? 0 : privateBytes(gateway.pid);
  const readers = await Promise.all(Array.from({ length: 4 }, begin));
  const rows = (await rowsAtRest()) - before;
  const each = rows / readers.length;
  assert.ok(each < wholeRows / 2, `${each} rows of ${wholeRows} were read`);
  const grown = untold ? 0 : privateBytes(gateway.pid) - memory;
  assert.ok(grown < 64e6, `the memory has grown by ${grown} bytes`);
  await gateway.accept("Test.CallbackAfterOne", { GroupId: "meanwhile" });
  const [first, ...others] = readers;
  for (const other of others) other.destroy();
  const lines = parsed(await text(first!));
  assert.equal(lines.filter(({ body }) => body.GroupId !== "meanwhile").length, events);
});

test("the shard reads nothing more for a reader that has left", async () => {
  const before = await rowsAtRest();
  const response = await begin();
  await read(response, 1_000_000);
  response.destroy();
  const rows = (await rowsAtRest()) - before;
  assert.ok(rows < wholeRows / 2, `${rows} rows of ${wholeRows} were read`);
});

test("what a killed gateway did not export follows from the time of the last event on", async () => {
  const response = await begin();
  let lines = await read(response, 10_000_000);
  await gateway.restart();
  lines += await read(response);
  assert.equal(response.complete, false, "the reader learns of it");
  const whole = parsed(lines.slice(0, lines.lastIndexOf("\n")));
  const since = whole.at(-1)!.receivedAt;
  const later = await gateway.request(`/api/export?${new URLSearchParams({ since })}`);
  const found = [...whole, ...parsed(await later.text())];
  const ids = found.flatMap(({ id, body }) => (body.GroupId === "meanwhile" ? [] : id));
  assert.equal(new Set(ids).size, events);
});

test("a shard that cannot be read any more ends the export with a line that says so", async () => {
  const response = await begin();
  let lines = await read(response, 1_000_000);
  const [file] = shardFiles(gateway.dataDir);
  const descriptor = openSync(file!, "r+");
  for (let at = 4_096; at < statSync(file!).size; at += 2 ** 20)
    writeSync(descriptor, Buffer.alloc(Math.min(2 ** 20, statSync(file!).size - at), 0xa7), 0, undefined, at);
  closeSync(descriptor);
  lines += await read(response);
  assert.ok(lines.endsWith("\n"));
  const all = lines.trimEnd().split("\n");
  const { error } = JSON.parse(all.at(-1)!);
  assert.equal(error.code, "export_stopped");
  assert.match(error.message, /since/);
  const before = parsed(all.slice(0, -1).join("\n"));
  assert.ok(before.length < events, "some are missing");
  assert.equal(new Set(before.map(({ id }) => id)).size, before.length);
  await gateway.seen(/export stopped/);
});
