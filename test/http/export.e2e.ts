/** Exports: all events that fit, as lines. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { catalogue } from "../../src/callback/catalogue.ts";
import type { DetailedEvent } from "../support/api.ts";
import { assertRefused, type Query } from "../support/client.ts";
import { startGateway } from "../support/gateway.ts";
import { startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const receiver = await startReceiver();
const readToken = "read-token-of-the-test";
const gateway = await startGateway({
  SHARDS: 4,
  READ_TOKEN: readToken,
  FORWARD_RULES: [{ name: "audit", on: "Test.*", url: receiver.url }],
});

async function exported(query: Query = {}, token?: string): Promise<string[]> {
  const response = await gateway.request(
    `/api/export?${new URLSearchParams(query as Record<string, string>)}`,
    {
      ...(token && { token }),
    },
  );
  const text = await response.text();
  assert.equal(response.status, 200, text);
  assert.match(response.headers.get("content-type") ?? "", /^application\/x-ndjson/);
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.ok(text === "" || text.endsWith("\n"));
  return text.split("\n").slice(0, -1);
}

const events = (lines: readonly string[]) => lines.map((line) => JSON.parse(line) as DetailedEvent);

test("without events, an export is empty", async () => {
  assert.deepEqual(await exported(), []);
});

test("an export gives every event of four shards once, oldest first, while more arrive", async () => {
  const labels = Array.from({ length: 400 }, (_, n) => `exported-${n}`);
  for (let first = 0; first < labels.length; first += 40)
    await Promise.all(
      labels
        .slice(first, first + 40)
        .map((label) => gateway.accept("Test.CallbackAfterOne", { GroupId: label })),
    );
  await receiver.requests(labels.length);
  const [lines] = await Promise.all([
    exported({ command: "Test.*" }),
    ...labels
      .slice(0, 20)
      .map((label) => gateway.accept("Test.CallbackAfterTwo", { GroupId: `${label}-more` })),
  ]);
  const found = events(lines).filter(({ command }) => command === "Test.CallbackAfterOne");
  assert.deepEqual(found.map(({ body }) => body.GroupId).sort(), labels.toSorted());
  // Events that were sent together have no order.
  const turns = found.map(({ body }) => Math.floor(labels.indexOf(body.GroupId) / 40));
  assert.deepEqual(
    turns,
    turns.toSorted((a, b) => a - b),
  );
  const ids = events(lines).map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
});

test("a line is what the details of its event are, its body as received but on one line", async () => {
  const body = '{ "GroupId":"as-received",\r\n\t"Big":9007199254740993,\n"Text":"two\\nlines" }';
  await gateway.accept("Test.CallbackAfterLine", body);
  const event = await until("it is delivered", async () => {
    const [listed] = (await gateway.events({ conversation: "as-received" })).events;
    return listed?.destinations.audit === "delivered" && gateway.event(listed.id);
  });
  const lines = await exported({ conversation: "as-received" });
  assert.equal(lines.length, 1);
  assert.ok(lines[0]!.includes('"Big":9007199254740993, "Text":"two\\nlines" }'), lines[0]);
  assert.deepEqual(JSON.parse(lines[0]!), event);
});

test("an export takes the filters of lists", async () => {
  const command = "Group.CallbackBeforeSendMsg";
  const { example } = catalogue.get(command)!;
  const [before, after] = [
    { ...example, GroupId: "message", Random: 4_242_001 },
    {
      ...catalogue.get("Group.CallbackAfterSendMsg")!.example,
      GroupId: "message",
      Random: 4_242_001,
      MsgSeq: 77_001,
    },
  ];
  await gateway.send(command, before);
  await until(
    "it is kept",
    async () => (await gateway.events({ conversation: "message" })).events.length === 1,
  );
  await gateway.accept("Group.CallbackAfterSendMsg", after);
  const cases: Query[] = [
    { message: "77001" },
    { text: "exported-7" },
    { conversation: "group:exported-12" },
    { command: "*Two" },
    { verdict: "allow" },
    { state: "delivered", since: "1h" },
    { until: "2020-01-01" },
  ];
  for (const query of cases) {
    const listed = await gateway.allEvents(query);
    const lines = events(await exported(query));
    assert.deepEqual(
      lines.map(({ id }) => id).sort(),
      listed.map(({ id }) => id).sort(),
      JSON.stringify(query),
    );
  }
  assert.equal(
    (await exported({ message: "77001" })).length,
    2,
    "the before-callback is found by the later one",
  );
});

test("a wrong query is refused before a line is sent", async () => {
  for (const query of ["limit=0", "cursor=x", "state=lost", "comand=x", "command=No.Such"])
    assertRefused(await gateway.api(`/api/export?${query}`), 400);
});

test("HEAD tells the type, and exports nothing", async () => {
  const response = await gateway.request("/api/export", { method: "HEAD" });
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type") ?? "", /^application\/x-ndjson/);
  assert.equal(await response.text(), "");
});

test("a caller that sees metadata gets no body, no query and no response", async () => {
  const lines = events(await exported({ command: "Test.CallbackAfterLine" }, readToken));
  assert.equal(lines.length, 1);
  assert.ok(!("body" in lines[0]!) && !("query" in lines[0]!));
  assert.ok(
    lines[0]!.deliveries.every(({ attempts }) => attempts.every((attempt) => !("response" in attempt))),
  );
  assert.equal((await gateway.request("/api/export?text=x", { token: readToken })).status, 403);
});

test("an export ends after as many events as were asked for, the oldest", async () => {
  const all = await exported({ command: "Test.CallbackAfterOne" });
  assert.deepEqual(await exported({ command: "Test.CallbackAfterOne", limit: 7 }), all.slice(0, 7));
  const { conversation, receivedAt } = events(all)[20]!;
  const chat = await exported({ conversation: conversation!, since: receivedAt, limit: 1 });
  assert.deepEqual(chat, [all[20]]);
  for (const limit of [0, "many", 1_000_001])
    assertRefused(
      await gateway.api(`/api/export?limit=${limit}`),
      400,
      /^limit: expected a whole number from 1 to/,
    );
});
