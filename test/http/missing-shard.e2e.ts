/** While one shard of several hangs or throws: each route answers in time, tells of the others, and hides no gap. */
import assert from "node:assert/strict";
import { get, type IncomingMessage } from "node:http";
import { before, test } from "node:test";
import { catalogue } from "../../src/callback/catalogue.ts";
import { readEventId } from "../../src/callback/event-id.ts";
import { ofManyGroups } from "../support/callbacks.ts";
import { adminToken, assertRefused, type Query, type Reply } from "../support/client.ts";
import { startGateway } from "../support/gateway.ts";
import { ownTime } from "../support/process-stats.ts";
import { reply, startReceiver } from "../support/receiver.ts";
import { type Silence, silence, silencing } from "../support/silence.ts";
import { until } from "../support/until.ts";

/** A slow machine takes longer than the 3 s of the gateway. Milliseconds. */
const inTimeMs = 8_000;

const events = 40;
const recall = "Group.CallbackAfterRecallMsg";
const [receiver, strict] = [await startReceiver(), await startReceiver(reply(400))];
const backend = await startReceiver(reply(200, {}, '{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}'));
const gateway = await startGateway(
  {
    SHARDS: 3,
    FORWARD_RULES: [
      { name: "audit", on: recall, url: receiver.url },
      { name: "strict", on: recall, url: strict.url, retry: [] },
      { name: "polite", on: "Group.CallbackBeforeSendMsg", answer: { ErrorCode: 1 } },
      { name: "trial", on: "Group.CallbackBeforeSendMsg", ask: backend.url, shadow: true },
    ],
  },
  { build: await silencing() },
);

/** The ids of all events, and those of each shard. */
let ids: string[] = [];
const idsOf = (shard: number) => ids.filter((id) => readEventId(id)!.shard === shard);
const idsWithout = (shard: number) => ids.filter((id) => readEventId(id)!.shard !== shard).sort();

before(async () => {
  await gateway.sendAll(ofManyGroups(events));
  const { example } = catalogue.get("Group.CallbackBeforeSendMsg")!;
  for (let n = 0; n < 12; n++)
    await gateway.accept("Group.CallbackBeforeSendMsg", { ...example, GroupId: `g${n}`, Unheard: n });
  await gateway.destinationIs("audit", { delivered: events });
  await gateway.destinationIs("strict", { dead: events });
  const all = await until("all are kept", async () => {
    const found = await gateway.allEvents();
    return found.length === events + 12 && found;
  });
  ids = all.map(({ id }) => id);
  for (const shard of [0, 1, 2]) assert.ok(idsOf(shard).length > 2, `shard ${shard} has events`);
});

/** Asks, and fails unless the answer comes in time. */
async function ask(path: string, body?: object, method?: string): Promise<Reply> {
  const clock = ownTime(gateway.pid, process.pid);
  const at = clock();
  const response = await gateway.request(path, {
    ...(body && { method: "POST", body: JSON.stringify(body) }),
    ...(method && { method }),
  });
  const text = await response.text();
  const ms = Math.round(clock() - at);
  assert.ok(ms < inTimeMs, `${path} took ${ms} ms`);
  const { status, headers } = response;
  const isJson = headers.get("content-type")?.startsWith("application/json");
  return { status, headers, body: isJson ? JSON.parse(text) : text };
}

/** The status of a viewer's connection. */
function watched(): Promise<number | undefined> {
  const headers = {
    authorization: `Bearer ${adminToken}`,
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-version": "13",
  };
  return new Promise((resolve, reject) => {
    const request = get(`${gateway.url}/api/tail`, { headers });
    for (const event of ["response", "upgrade"])
      request.on(event, (response: IncomingMessage) => {
        resolve(response.statusCode);
        response.destroy();
      });
    request.on("error", reject);
  });
}

/** The body of an answer that goes well. */
async function answer(path: string, body?: object) {
  const found = await ask(path, body);
  assert.ok(
    found.status === 200 || found.status === 202,
    `${path}: ${found.status} ${JSON.stringify(found.body)}`,
  );
  return found.body;
}

async function whileSilent(shard: number, how: Silence, act: () => Promise<void>): Promise<void> {
  await silence(gateway, shard, how);
  try {
    await act();
  } finally {
    await silence(gateway, shard, null);
  }
  await gateway.noProblem(/^shard/);
}

for (const how of ["hangs", "throws"] as const) {
  test(`sums are told of the shards that answer, and say so, while one ${how}`, () =>
    whileSilent(1, how, async () => {
      const destinations = await answer("/api/destinations");
      for (const { estimated, missing } of destinations) assert.deepEqual([estimated, missing], [true, [1]]);
      const [audit] = destinations;
      assert.ok(audit.delivered > 0 && audit.delivered < events, `${audit.delivered}`);
      const rules = await answer("/api/rules");
      for (const { estimated, missing, problems } of rules)
        assert.deepEqual([estimated, missing, problems], [true, [1], []]);
      const { fitted } = rules[2];
      assert.ok(fitted > 0 && fitted < 12, `the events of shard 1 brought counts there: ${fitted}`);
      const period = { since: "1h" };
      for (const [path, body] of [
        ["/api/stats"],
        ["/api/drift"],
        ["/api/verdicts/diff?rule=trial"],
        ["/api/verdicts/replay", { rule: "polite", ...period }],
        ["/api/rules/test", { last: 100 }],
        ["/api/destinations/audit/retry", {}],
      ] as const) {
        const { estimated, missing } = await answer(path, body);
        assert.deepEqual([estimated, missing], [true, [1]], path);
      }
      const metrics: string = await answer("/metrics");
      assert.match(metrics, /^tim_relay_shard_up\{shard="0"\} 1$/m);
      assert.match(metrics, /^tim_relay_shard_up\{shard="1"\} 0$/m);
      assert.match(metrics, /^tim_relay_dead_letters\{destination="strict"\} \d+$/m);
      assert.doesNotMatch(metrics, /_total|_bucket/, "a smaller sum looks like a restart");
      await gateway.problem(/^shard 1 /);
    }));

  test(`lists are refused while one shard ${how}, unless it is left out`, () =>
    whileSilent(1, how, async () => {
      for (const path of ["/api/events", "/api/events?command=No.Such", "/api/dead-letters?limit=3"]) {
        const refused = await ask(path);
        assertRefused(refused, 503, /^shard 1 .*: ask again later, or see the others with without=1$/);
        assert.equal(refused.body.error.code, "unavailable");
      }
      const found: string[] = [];
      for (let cursor: string | null = ""; cursor !== null; ) {
        const page: { events: { id: string }[]; cursor: string | null; missing: number[] } = await answer(
          `/api/events?without=1&limit=7${cursor && `&cursor=${cursor}`}`,
        );
        found.push(...page.events.map(({ id }) => id));
        assert.deepEqual(page.missing, [1]);
        cursor = page.cursor;
      }
      assert.deepEqual(found.sort(), idsWithout(1));
      const { deadLetters, missing } = await answer("/api/dead-letters?without=1&limit=200");
      const dead = deadLetters.map(({ event }: { event: string }) => event);
      assert.deepEqual(missing, [1]);
      assert.ok(dead.length > 0 && dead.every((id: string) => !idsOf(1).includes(id)));
    }));

  test(`an export ends with a line that names the shard that ${how}, and is whole without it`, () =>
    whileSilent(1, how, async () => {
      const lines = (text: string) =>
        text
          .split("\n")
          .filter((line) => line !== "")
          .map((line) => JSON.parse(line));
      const { error } = lines(await answer("/api/export")).at(-1);
      assert.equal(error.code, "export_stopped");
      assert.match(error.message, /^shard 1 .*`since`.*without=1$/);
      const whole = lines(await answer("/api/export?without=1"));
      assert.deepEqual(whole.map(({ id }) => id).sort(), idsWithout(1));
    }));

  test(`one event is shown and sent where its shard answers, and refused where it ${how}`, () =>
    whileSilent(1, how, async () => {
      const [there, here] = [idsOf(1)[0]!, idsOf(2)[0]!];
      assert.equal((await answer(`/api/events/${here}`)).id, here);
      await answer(`/api/events/${here}/replay`, {});
      for (const [path, body] of [[""], ["/replay", {}], ["/skip", {}]] as const)
        assertRefused(await ask(`/api/events/${there}${path}`, body), 503, /^shard 1 /);
    }));

  test(`a change that needs all shards changes nothing while one ${how}, and another says what it lacks`, () =>
    whileSilent(1, how, async () => {
      const period = { destination: "audit", since: "1h", until: "0s" };
      assertRefused(await ask("/api/replay", period), 503, /^shard 1 .*: nothing has begun/);
      assertRefused(await ask("/api/erase", { account: "lan" }), 503, /^shard 1 .*: nothing is erased/);
      assertRefused(
        await ask("/api/destinations/gone", undefined, "DELETE"),
        503,
        /^shard 1 .*: nothing is forgotten/,
      );
      const queued = await answer("/api/dead-letters/replay", { destinations: ["strict"] });
      assert.deepEqual(queued.missing, [1]);
      assert.equal((await answer("/api/destinations/audit/pause", {})).state, "paused");
      await answer("/api/destinations/audit/resume", {});
      assert.equal((await answer("/api/destinations/audit/test", {})).status, 200);
    }));

  test(`while shard 0 ${how}, what the others know is told, and no state that only it knows`, () =>
    whileSilent(0, how, async () => {
      for (const { missing } of await answer("/api/destinations")) assert.deepEqual(missing, [0]);
      const [audit, , polite] = await answer("/api/rules");
      assert.deepEqual([audit.problems, audit.missing], [[], [0]]);
      assert.deepEqual(polite.problems, ["polite: shard 0 does not answer, and knows whether it is paused"]);
      assert.deepEqual((await answer("/api/stats")).missing, [0]);
      assert.match(await answer("/metrics"), /^tim_relay_shard_up\{shard="0"\} 0$/m);
      for (const [path, body] of [
        ["/api/events"],
        ["/api/destinations/audit/pause", {}],
        ["/api/destinations/audit/test", {}],
        ["/api/dead-letters/replay", {}],
      ] as const)
        assertRefused(await ask(path, body), 503, /^shard 0 /);
      assert.equal(await watched(), 503);
    }));
}

test("once all shards answer, nothing is missing", async () => {
  for (const path of ["/api/stats", "/api/drift", "/api/events", "/api/verdicts/diff?rule=trial"]) {
    const found = await answer(path);
    assert.ok(!("missing" in found) && !("estimated" in found), path);
  }
  for (const one of [...(await answer("/api/destinations")), ...(await answer("/api/rules"))])
    assert.ok(!("missing" in one), one.name);
  const metrics = await answer("/metrics");
  assert.match(metrics, /^tim_relay_shard_up\{shard="1"\} 1$/m);
  assert.match(metrics, /^tim_relay_events_received_total \d+$/m);
});

test("a wrong `without` is refused, and names the last shard", async () => {
  for (const [query, sentence] of [
    [{ without: "one" }, /numbers of shards/],
    [{ without: "1," }, /numbers of shards/],
    [{ without: "3" }, /there is no shard 3, the last is 2/],
  ] as [Query, RegExp][])
    for (const path of ["/api/events", "/api/dead-letters", "/api/export"])
      assertRefused(
        await ask(`${path}?${new URLSearchParams(query as Record<string, string>)}`),
        400,
        sentence,
      );
});

test("missing shards stand in the order of their numbers", async () => {
  const many = await startGateway({ SHARDS: 11 }, { build: await silencing() });
  await many.health();
  for (const shard of [10, 2]) await silence(many, shard, "throws");
  for (const path of ["/api/stats", "/api/verdicts/diff?rule=x"])
    assert.deepEqual((await many.get(path)).missing, [2, 10], path);
});

test("where no shard answers, sums are refused too", async () => {
  const single = await startGateway({}, { build: await silencing() });
  await single.health();
  await silence(single, 0, "throws");
  for (const path of [
    "/api/destinations",
    "/api/rules",
    "/api/stats",
    "/api/drift",
    "/metrics",
    "/api/verdicts/diff?rule=x",
  ])
    assertRefused(await single.api(path), 503, /^shard 0 /);
});
