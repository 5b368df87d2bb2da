import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue } from "../../src/callback/catalogue.ts";
import { exposition } from "../../src/http/exposition.ts";
import { latencyBucket, latencyHistogram } from "../../src/shard/query/latency.ts";
import { startReceiver } from "./receiver.ts";
import { adminToken, eventually, startWorker, usual } from "./worker.ts";

interface Series {
  name: string;
  labels: Map<string, string>;
  value: number;
}

interface Family {
  name: string;
  type: string;
  series: Series[];
}

/** Reads Prometheus' text format, and takes nothing that a scraper could stumble over. */
function parse(text: string): Map<string, Family> {
  assert.ok(text.endsWith("\n"), "the last line ends, too");
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  let family: Family | undefined;
  const lines = text.split("\n").slice(0, -1);
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    const [, name, help] = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) ((?:[^\\]|\\\\|\\n)+)$/.exec(line) ?? [];
    if (name !== undefined) {
      assert.ok(help);
      assert.ok(!families.has(name), `${name} is told about once`);
      const [, typed, type] = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(lines[++at] ?? "") ?? [];
      assert.equal(typed, name, "its type follows its help");
      family = { name, type: type!, series: [] };
      families.set(name, family);
      continue;
    }
    const series = parseSeries(line);
    assert.ok(family, line);
    const suffix = series.name.slice(family.name.length);
    const suffixes = family.type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
    assert.ok(
      series.name.startsWith(family.name) && suffixes.includes(suffix),
      `${line} is of ${family.name}`,
    );
    if (family.type === "counter") assert.ok(family.name.endsWith("_total") && series.value >= 0, line);
    const key = JSON.stringify([series.name, [...series.labels].sort()]);
    assert.ok(!seen.has(key), `${line} stands there once`);
    seen.add(key);
    family.series.push(series);
  }
  for (const one of families.values()) if (one.type === "histogram") rightHistogram(one);
  return families;
}

function parseSeries(line: string): Series {
  const [, name, inner = "", number] =
    /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\]|\\[\\"n])*"(?:,(?!\})|(?=\})))*)\})? (\S+)$/.exec(
      line,
    ) ?? [];
  assert.ok(name !== undefined, line);
  assert.match(number!, /^(-?\d+(\.\d+)?(e[+-]?\d+)?|\+Inf|-Inf|NaN)$/);
  const labels = new Map<string, string>();
  for (const [, label, text] of inner.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)) {
    assert.ok(!labels.has(label!), line);
    labels.set(
      label!,
      text!.replace(/\\(.)/g, (_, one) => (one === "n" ? "\n" : one)),
    );
  }
  return { name, labels, value: Number(number!.replace("Inf", "Infinity")) };
}

function rightHistogram({ name, series }: Family): void {
  const buckets = series.filter((one) => one.name === `${name}_bucket`);
  const bounds = buckets.map(({ labels }) => Number(labels.get("le")!.replace("Inf", "Infinity")));
  assert.deepEqual(
    bounds,
    bounds.toSorted((a, b) => a - b),
  );
  assert.equal(bounds.at(-1), Number.POSITIVE_INFINITY);
  for (const [index, { value }] of buckets.entries())
    assert.ok(index === 0 || value >= buckets[index - 1]!.value, "buckets hold what is below them");
  const counts = series.filter((one) => one.name === `${name}_count`);
  assert.deepEqual(
    counts.map(({ value }) => value),
    [buckets.at(-1)!.value],
  );
}

const receiver = await startReceiver();
const worker = await startWorker({
  ...usual,
  SHARDS: 2,
  ALLOW_PRIVATE_DESTINATIONS: true,
  FORWARD_RULES: [
    { name: "well", on: "Test.*", url: receiver.url },
    { name: "refuser", on: "C2C.CallbackBeforeSendMsg", answer: { ErrorCode: 1 } },
  ],
});

async function scrape(): Promise<Map<string, Family>> {
  const response = await fetch(`${worker.url}/metrics`, {
    headers: { authorization: `Bearer ${adminToken}` },
  });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  return parse(await response.text());
}

function sample(
  families: Map<string, Family>,
  name: string,
  labels: Record<string, string> = {},
): number | undefined {
  const { series } = families.get(`tim_relay_${name}`)!;
  const wanted = Object.entries(labels);
  return series.find((one) => wanted.every(([label, text]) => one.labels.get(label) === text))?.value;
}

test("before anything has happened, what can be counted stands at 0", async () => {
  const families = await scrape();
  for (const reason of ["repeated", "address", "app", "signature", "size", "command", "json", "payload"])
    assert.equal(sample(families, "callbacks_refused_total", { reason }), 0, reason);
  for (const how of ["answered", "rule", "timeout", "breaker", "invalid", "default"])
    assert.equal(sample(families, "verdicts_total", { how }), 0, how);
  for (const command of catalogue.keys())
    assert.equal(sample(families, "events_quarantined_total", { command }), 0, command);
  const latency = families.get("tim_relay_delivery_latency_seconds")!;
  assert.ok(latency.series.length > 20 && latency.series.every(({ value }) => value === 0));
});

test("deliveries are counted by how long they took, and what waits by its age", async () => {
  for (let id = 0; id < 6; id++)
    assert.equal((await worker.send("Test.CallbackAfterIt", { GroupId: `g${id}` })).status, 200);
  await receiver.requests(6);
  const families = await eventually(async () => {
    const scraped = await scrape();
    return sample(scraped, "deliveries_total", { destination: "well" }) === 6 && scraped;
  });
  const { series } = families.get("tim_relay_delivery_latency_seconds")!;
  assert.equal(series.find(({ name }) => name.endsWith("_count"))!.value, 6);
  assert.equal(series.find(({ labels }) => labels.get("le") === "16.384")!.value, 6);
  assert.equal(sample(families, "oldest_waiting_event_age_seconds", { destination: "well" }), 0);
  assert.equal(sample(families, "delayed_events", { destination: "well" }), 0);

  await worker.api("/api/destinations/well/pause", {});
  await worker.send("Test.CallbackAfterIt", { GroupId: "waits" });
  const older = await eventually(async () => {
    const age = sample(await scrape(), "oldest_waiting_event_age_seconds", { destination: "well" })!;
    return age > 0 && age;
  });
  assert.ok(older < 60, `${older} s`);
  assert.equal(sample(await scrape(), "destination_up", { destination: "well" }), 0);
  await eventually(
    async () => sample(await scrape(), "oldest_waiting_event_age_seconds", { destination: "well" })! > older,
  );
});

test("whatever texts strangers send, the format stays right", async () => {
  for (const [index, key] of [
    'a"b',
    "a\\b",
    "a\nb",
    "a\\nb",
    "a\rb",
    "a,b}",
    "\u0000",
    "🐳",
    "\ufffd",
  ].entries())
    await worker.send("Group.CallbackAfterGroupFull", { GroupId: `odd-${index}`, [key]: key });
  // Legal JSON that no encoding of a text can carry.
  for (const half of ["\\ud800", "\\udc00", "\\udbff", "\\\\ud800"])
    await worker.send("Group.CallbackAfterGroupFull", `{"GroupId":"half-${half.length}","k${half}":1}`);
  const families = await scrape();
  assert.ok(families.get("tim_relay_drift_total")!.series.length >= 10);
});

test("texts that differ come out as texts that differ", () => {
  const texts = [
    "\ud800",
    "\udc00",
    "\ufffd",
    "\ufffdd800",
    "\\ud800",
    "a\\",
    'a"',
    "a\n",
    "a\\n",
    "a",
    "\ufffd\ufffd",
    "\ud83d\udc33",
  ];
  const samples = texts.map((text) => ({ labels: { text }, value: 1 }));
  const written = exposition([{ name: "texts", type: "gauge", help: "All of them.", samples }]);
  const bytes = new TextDecoder().decode(new TextEncoder().encode(written));
  assert.equal(parse(bytes).get("texts")!.series.length, texts.length);
  assert.equal(parse(bytes).get("texts")!.series.at(-1)!.labels.get("text"), "🐳");
});

test("a histogram's buckets hold all that took at most so long", () => {
  const counters: Record<string, number> = {};
  const took = [0, 1, 2, 3, 4, 5, 999, 1024, 1025, 86_400_000, 10 ** 12];
  for (const ms of took) counters[latencyBucket(ms)] = (counters[latencyBucket(ms)] ?? 0) + 1;
  const { buckets, count } = latencyHistogram(counters);
  assert.equal(count, took.length);
  for (const bucket of buckets)
    assert.equal(bucket.count, took.filter((ms) => ms <= bucket.ms).length, `${bucket.ms} ms`);
});
