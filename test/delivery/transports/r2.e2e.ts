/** Archives in R2, by a real bucket. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startMiniflare } from "../../support/miniflare.ts";
import { until } from "../../support/until.ts";
import { type ArchivedObject, whenArchived } from "./archive.ts";

const command = "Test.CallbackAfterThing";

const startWithBucket = (rule: object) =>
  startMiniflare([{ name: "archive", url: "r2:ARCHIVE/tim", ...rule }], {
    bindings: { ARCHIVE: { type: "r2", name: "archive" } },
  });

const body = (seq: string) =>
  `{"CallbackCommand":"${command}","GroupId":"@TGS#1",\r\n"MsgSeq":${seq},"Text":"你好\\n${seq}"}`;

const idOf = (line: string) => JSON.parse(line).id as string;

test("a batch is one object: an event a line, named by the hour, the shard and the first event", async () => {
  const gateway = await startWithBucket({ batch: { size: 3, ms: 60_000 } });
  const seqs = ["9007199254740993", "2", "3"];
  for (const seq of seqs) await gateway.accept(command, body(seq));
  const [{ name, metadata, lines }, ...others] = (await whenArchived(gateway.miniflare, 3)) as [
    ArchivedObject,
  ];
  assert.deepEqual(others, []);
  assert.deepEqual(
    lines.map((line) => line.slice(line.indexOf(`"data":`))),
    seqs.map((seq) => `"data":${body(seq).replaceAll("\r\n", "  ")}}`),
  );
  const ids = lines.map(idOf);
  assert.deepEqual(metadata, { first: ids[0], last: ids[2], count: "3" });
  const { receivedAt } = await gateway.event(ids[0]!);
  const hour = receivedAt.slice(0, 13).replace(/[-T]/g, "/");
  assert.match(name, new RegExp(`^tim/${hour}/0-${ids[0]}-3-[0-9a-f]{8}\\.ndjson\\.gz$`));
});

test("without a full batch, what has come is archived when the time is up", async () => {
  const gateway = await startWithBucket({ batch: { ms: 300 } });
  await gateway.accept(command, body("1"));
  const [object] = (await whenArchived(gateway.miniflare, 1)) as [ArchivedObject];
  assert.equal(object.metadata.count, "1");
  assert.match((await gateway.get("/api/rules"))[0].says, /to r2:ARCHIVE, up to 10000 in one request/);
});

test("a replay of single events replaces no object", async () => {
  const gateway = await startWithBucket({ batch: { size: 2, ms: 60_000 } });
  for (const seq of ["1", "2"]) await gateway.accept(command, body(seq));
  const [{ name, lines }] = (await whenArchived(gateway.miniflare, 2)) as [ArchivedObject];
  const replay = (id: string) => gateway.post(`/api/events/${id}/replay`, {}, 202);
  for (const line of lines) await replay(idOf(line));
  const objects = await whenArchived(gateway.miniflare, 4);
  assert.equal(objects.length, 3);
  assert.deepEqual(objects.find((object) => object.name === name)!.lines, lines);
});

test("rules with one prefix replace no objects of each other", async () => {
  const rule = { url: "r2:ARCHIVE/tim", batch: { size: 2, ms: 60_000 } };
  const gateway = await startMiniflare(
    [
      { name: "events", ...rule },
      { name: "same", ...rule },
      { name: "cloud", ...rule, format: "cloudevents" },
      { name: "brief", ...rule, template: { seq: "{{body.MsgSeq}}" } },
    ],
    { bindings: { ARCHIVE: { type: "r2", name: "archive" } } },
  );
  for (const seq of ["1", "2"]) await gateway.accept(command, body(seq));
  const objects = await whenArchived(gateway.miniflare, 8);
  assert.equal(objects.length, 4);
  assert.equal(new Set(objects.map(({ lines }) => lines.join())).size, 3);
});

test("what no bucket takes is retried, goes singly, and ends as dead letters", async () => {
  // R2 takes names of 1,024 bytes at most.
  const gateway = await startWithBucket({
    url: `r2:ARCHIVE/${"x".repeat(1_000)}`,
    batch: { size: 2, ms: 60_000 },
    retry: ["20ms", "20ms"],
  });
  for (const seq of ["1", "2"]) await gateway.accept(command, body(seq));
  const letters = await until("both are given up", async () => {
    const all = await gateway.deadLetters();
    return all.length === 2 && all;
  });
  for (const { error, attempts } of letters) {
    assert.match(error!, /^the bucket failed: put: /);
    assert.equal(attempts, 3);
  }
});

test("an archive takes no raw requests, and only it takes large batches", async () => {
  const gateway = await startMiniflare(
    [
      { name: "raw", url: "r2:ARCHIVE", format: "raw" },
      { name: "large", url: "r2:ARCHIVE", batch: { size: 10_001 } },
      { name: "post", url: "https://audit.example.com", batch: { size: 1_001 } },
      { name: "missing", url: "queue:ARCHIVE" },
    ],
    { bindings: { ARCHIVE: { type: "r2", name: "archive" } } },
  );
  assert.deepEqual(
    (await gateway.problems()).filter((problem) => problem.startsWith("FORWARD_RULES")),
    [
      "FORWARD_RULES[0].format: of an archive is event or cloudevents: raw has no batches",
      "FORWARD_RULES[1].batch.size: expected a whole number from 1 to 10000, got 10001",
      "FORWARD_RULES[2].batch.size: expected a whole number from 1 to 1000, got 1001",
      "FORWARD_RULES[3].url: expected the binding of a queue, and that name is another's",
    ],
  );
});
