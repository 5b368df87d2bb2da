import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue } from "../../src/callback/catalogue.ts";
import { startGateway } from "../support/gateway.ts";
import { startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";
import { type Family, parseExposition } from "./exposition.ts";

const receiver = await startReceiver();
const gateway = await startGateway({
  SHARDS: 2,
  FORWARD_RULES: [
    { name: "well", on: "Test.*", url: receiver.url },
    { name: "refuser", on: "C2C.CallbackBeforeSendMsg", answer: { ErrorCode: 1 } },
  ],
});

async function scrape(): Promise<Map<string, Family>> {
  const response = await gateway.request("/metrics");
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  return parseExposition(await response.text());
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

test("every counter and histogram of a new gateway is 0", async () => {
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

test("deliveries are counted by latency, and the backlog has an age", async () => {
  for (let id = 0; id < 6; id++) await gateway.accept("Test.CallbackAfterIt", { GroupId: `g${id}` });
  await receiver.requests(6);
  const families = await until("six deliveries are counted", async () => {
    const scraped = await scrape();
    return sample(scraped, "deliveries_total", { destination: "well" }) === 6 && scraped;
  });
  const { series } = families.get("tim_relay_delivery_latency_seconds")!;
  assert.equal(series.find(({ name }) => name.endsWith("_count"))!.value, 6);
  assert.equal(series.find(({ labels }) => labels.get("le") === "16.384")!.value, 6);
  assert.equal(sample(families, "oldest_waiting_event_age_seconds", { destination: "well" }), 0);
  assert.equal(sample(families, "delayed_events", { destination: "well" }), 0);

  await gateway.pause("well");
  await gateway.send("Test.CallbackAfterIt", { GroupId: "waits" });
  const older = await until("an event waits", async () => {
    const age = sample(await scrape(), "oldest_waiting_event_age_seconds", { destination: "well" })!;
    return age > 0 && age;
  });
  assert.ok(older < 60, `${older} s`);
  assert.equal(sample(await scrape(), "destination_up", { destination: "well" }), 0);
  await until(
    "it waits longer",
    async () => sample(await scrape(), "oldest_waiting_event_age_seconds", { destination: "well" })! > older,
  );
});

test("the format stays valid whatever texts callers send", async () => {
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
    await gateway.send("Group.CallbackAfterGroupFull", { GroupId: `odd-${index}`, [key]: key });
  // Legal JSON that no encoding of a text can carry.
  for (const half of ["\\ud800", "\\udc00", "\\udbff", "\\\\ud800"])
    await gateway.send("Group.CallbackAfterGroupFull", `{"GroupId":"half-${half.length}","k${half}":1}`);
  const families = await scrape();
  assert.ok(families.get("tim_relay_drift_total")!.series.length >= 10);
});
