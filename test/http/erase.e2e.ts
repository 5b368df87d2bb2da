/** POST /api/erase: an account goes from everything that is kept, and nothing else does. */
import assert from "node:assert/strict";
import type { StatementSync } from "node:sqlite";
import { test } from "node:test";
import { assertRefused } from "../support/client.ts";
import { databasesOf } from "../support/data-folder.ts";
import { startGateway } from "../support/gateway.ts";
import { hang, reply, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const account = "lan-of-the-tea-house";
const after = "C2C.CallbackAfterSendMsg";
const join = "Group.CallbackAfterNewMemberJoin";

const copy = await startReceiver();
const echo = await startReceiver((response, { body }) => response.writeHead(422).end(body));
const rules = [
  { name: "copy", url: copy.url },
  { name: "echo", url: echo.url, retry: ["1h"], order: "conversation" },
  { name: "once", url: echo.url, retry: [] },
  { name: "paused", url: copy.url, on: after, match: { body: { From_Account: [account, "minh"] } } },
];
const settings = { SHARDS: 2, FORWARD_RULES: rules };
const gateway = await startGateway(settings);

const message = (from: string, to: string, n: number) => ({
  From_Account: from,
  To_Account: to,
  MsgSeq: n,
  MsgRandom: n,
  MsgTime: 1_700_000_000 + n,
  MsgKey: `${n}_${n}_${n}`,
  MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text: `text ${n} of ${from}` } }],
});

async function erase(): Promise<{ id: string; matched: number }> {
  return gateway.post("/api/erase", { account });
}

async function done(id: string) {
  return until(`${id} is done`, async () => {
    const one = await gateway.get(`/api/replays/${id}`);
    return one.state === "done" && one;
  });
}

/** The rows of all tables of the shards, as one text. */
function storedText(): string {
  const texts: string[] = [];
  for (const [, database] of databasesOf(gateway.dataDir)) {
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    for (const { name } of tables) texts.push(...textsIn(database.prepare(`SELECT * FROM "${name}"`)));
  }
  return texts.join("\n");
}

function textsIn(statement: StatementSync): string[] {
  statement.setReadBigInts(true);
  return statement
    .all()
    .flatMap((row) => Object.values(row))
    .map((value) => String(value instanceof Uint8Array ? Buffer.from(value) : value));
}

let others: string[] = [];

test("every event that names the account is blanked on all shards, and what waits of it is given up", async () => {
  await gateway.pause("paused");
  for (let n = 0; n < 12; n++) {
    await gateway.accept(after, message(account, `friend-${n}`, n), { query: { User: account } });
    await gateway.accept(after, message(`friend-${n}`, account, 100 + n));
    await gateway.accept(after, message("minh", `friend-${n}`, 200 + n));
    await gateway.accept(join, {
      GroupId: `@TGS#${n}`,
      JoinType: "Apply",
      Operator_Account: "hoa",
      NewMemberList: [{ Member_Account: n % 2 === 0 ? account : "hoa" }],
      EventTime: 1670574414000 + n,
    });
  }
  await until("the deliveries have failed", async () => (await gateway.destination("once")).dead === 48);
  others = await textsOfOthers();
  const { id, matched } = await erase();
  assert.equal(matched, 30);
  const erasure = await done(id);
  const { startedAt, endedAt, until: end, outOfReach, target, ...rest } = erasure;
  assert.deepEqual(rest, {
    id,
    kind: "erase",
    destination: null,
    since: null,
    state: "done",
    matched: 30,
    erased: 30,
    sent: 0,
    failed: 0,
  });
  assert.match(target, /^[0-9a-f]{8}$/);
  assert.ok(startedAt <= endedAt && end === startedAt);
  assert.match(outOfReach.join(" "), /forwarded.*R2.*Backups.*Freed pages.*viewers.*replays that run/s);

  const events = await gateway.allEvents();
  assert.equal(events.length, 48);
  const details = await Promise.all(events.map(({ id }) => gateway.event(id)));
  const erased = details.filter(({ body }) => Object.keys(body).length === 0);
  assert.equal(erased.length, 30);
  for (const { conversation, deliveries, size } of erased) {
    assert.ok(conversation === "***" || conversation!.startsWith("group:"), String(conversation));
    assert.equal(size, 2);
    for (const { destination, state, attempts } of deliveries) {
      assert.equal(state, destination === "copy" ? "delivered" : "dead", destination);
      for (const { response } of attempts) assert.ok(response === null || response === "***");
    }
  }
  assert.deepEqual(await textsOfOthers(), others, "nothing else has changed");
});

async function textsOfOthers(): Promise<string[]> {
  const ids = (await gateway.allEvents()).map(({ id }) => id);
  const texts = await Promise.all(ids.map(async (id) => (await gateway.request(`/api/events/${id}`)).text()));
  return texts.filter((text) => !text.includes(account) && !text.includes('"body":{}')).sort();
}

test("no row names the account any more, nor does a log or an answer", async () => {
  const answers = await Promise.all(
    [
      "/api/events?limit=200",
      "/api/replays",
      "/api/dead-letters",
      "/api/drift",
      "/api/destinations",
      "/health",
      "/metrics",
    ].map(async (path) => (await gateway.request(path)).text()),
  );
  assert.ok(!answers.join("\n").includes(account));
  const log = gateway.log();
  assert.ok(!log.includes(account));
  await gateway.stop();
  assert.ok(!storedText().includes(account));
  await gateway.start(settings);
  assert.equal((await gateway.events({ account })).events.length, 0);
});

test("an erased event is sent nothing any more: neither by resume nor by a replay", async () => {
  const sent = copy.received.length;
  await gateway.resume("paused");
  await until("the others are delivered", async () => (await gateway.destination("paused")).waiting === 0);
  await gateway.post("/api/dead-letters/replay", { destinations: ["paused"] });
  const [event] = (await gateway.allEvents({ state: "dead", conversation: "***" })).slice(-1);
  assert.deepEqual(await gateway.post(`/api/events/${event!.id}/replay`), { queued: 0 });
  const later = copy.received.slice(sent);
  assert.equal(later.length, 12, "the messages of minh");
  for (const { body } of later) assert.match(body, /"From_Account":"minh"/);
});

test("an erasure goes on after SIGKILL, with events of a paused destination and of a post that hangs", async () => {
  await gateway.pause("copy");
  const ids = Array.from({ length: 400 }, (_, n) => n + 1_000);
  await Promise.all(ids.map((n) => gateway.accept(after, message(account, `guest-${n % 20}`, n))));
  await gateway.restart({
    ...settings,
    FORWARD_RULES: [...rules, { name: "slow", url: copy.url, timeoutMs: 60_000 }],
  });
  copy.answer = hang;
  await gateway.accept(after, message(account, "hoa", 5_000));
  await copy.request(({ body }) => body.includes('"MsgSeq":5000'));
  const { id, matched } = await erase();
  assert.equal(matched, 401);
  const running = await gateway.get(`/api/replays/${id}`);
  assert.equal(running.state, "running", "the post that hangs is waited for");
  await gateway.kill();
  copy.answer = reply(200);
  await gateway.start(settings);
  const erasure = await done(id);
  assert.equal(erasure.erased, 401);
  await gateway.resume("copy");
  await until("nothing waits", async () => (await gateway.destination("copy")).waiting === 0);
  assert.equal((await gateway.events({ account })).events.length, 0);
  await gateway.stop();
  assert.ok(!storedText().includes(account));
  await gateway.start(settings);
});

test("an erasure again finds nothing, and later events of the account stay", async () => {
  await gateway.accept(after, message(account, "hoa", 9_000));
  const first = await erase();
  assert.equal(first.matched, 1);
  await done(first.id);
  const again = await erase();
  assert.equal(again.matched, 0);
  assert.equal((await done(again.id)).erased, 0);
  await gateway.accept(after, message(account, "hoa", 9_001));
  assert.equal((await gateway.events({ account })).events.length, 1);
  assert.deepEqual(
    (await gateway.get("/api/replays")).replays.slice(0, 2).map(({ id }: { id: string }) => id),
    [again.id, first.id],
  );
});

test("a duplicate of an erased event is still recognised", async () => {
  const sent = message(account, "hoa", 9_001);
  await done((await erase()).id);
  const before = (await gateway.allEvents()).length;
  await gateway.accept(after, sent);
  assert.equal((await gateway.allEvents()).length, before);
});

test("a body without an account is refused, and a read token may not erase", async () => {
  assertRefused(await gateway.api("/api/erase", {}), 400, /account/);
  assertRefused(await gateway.api("/api/erase", { account: "" }), 400, /account/);
  assertRefused(await gateway.api("/api/erase", { account: 7 }), 400, /account/);
  assertRefused(await gateway.api("/api/erase", { acount: "lan" }), 400, /account/);
  await gateway.restart({ ...settings, READ_TOKEN: "a-read-token" });
  const response = await gateway.request("/api/erase", {
    method: "POST",
    token: "a-read-token",
    body: { account },
  });
  assert.equal(response.status, 403);
});
