/** Lists of events: pages and filters. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ListedEvent } from "../support/api.ts";
import { assertRefused, type Query } from "../support/client.ts";
import { startGateway } from "../support/gateway.ts";

const gateway = await startGateway({ SHARDS: 4 });

/** A page of events. */
async function list(query: Query) {
  const page = await gateway.events(query);
  assert.deepEqual(Object.keys(page), ["events", "cursor"]);
  return page;
}

/** All pages of a list. */
async function all(query: Query): Promise<ListedEvent[]> {
  const events: ListedEvent[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await list({ ...query, cursor });
    assert.ok(page.events.length <= Number(query.limit ?? 50));
    events.push(...page.events);
    if (page.cursor === null) return events;
    cursor = page.cursor;
  }
}

async function send(command: string, body: object | string, status = 200): Promise<void> {
  const answer = await gateway.send(command, body);
  assert.equal(answer.status, status, answer.text);
}

test("without events, lists are empty and have no cursor", async () => {
  assert.deepEqual(await list({}), { events: [], cursor: null });
  assert.deepEqual(await list({ state: "dead", command: "*", limit: 1 }), { events: [], cursor: null });
});

test("paging over four shards gives every event once, newest first", async () => {
  const rooms = Array.from({ length: 12 }, (_, room) => `room-${room}`);
  const sent: string[] = [];
  for (let seq = 0; seq < 20; seq++)
    await Promise.all(
      rooms.map(async (GroupId) => {
        const body = { GroupId, MsgSeqList: [{ MsgSeq: seq }] };
        await gateway.accept("Group.CallbackAfterRecallMsg", body, { query: { OptPlatform: `${seq}` } });
        sent.push(`group:${GroupId}`);
      }),
    );
  for (const limit of [17, 200]) {
    const events = await all({ limit });
    assert.equal(events.length, sent.length, `limit ${limit}`);
    assert.equal(new Set(events.map(({ id }) => id)).size, sent.length);
    for (const room of rooms)
      assert.equal(events.filter(({ conversation }) => conversation === `group:${room}`).length, 20);
    // Events that were sent together have no order.
    const seqs = events.map(({ platform }) => Number(platform));
    assert.deepEqual(
      seqs,
      seqs.toSorted((a, b) => b - a),
      `limit ${limit}`,
    );
  }
  const shards = new Set((await all({ limit: 200 })).map(({ id }) => id.slice(14, 16)));
  assert.equal(shards.size, 4, "all shards hold some");

  const seqs = [];
  for (const { id } of await all({ conversation: "room-3", limit: 3 }))
    seqs.push((await gateway.api(`/api/events/${id}`)).body.body.MsgSeqList[0].MsgSeq);
  assert.deepEqual(
    seqs,
    Array.from({ length: 20 }, (_, seq) => 19 - seq),
  );
});

test("a page holds 50 events by default, and at most 200", async () => {
  assert.equal((await list({})).events.length, 50);
  assert.equal((await list({ limit: 200 })).events.length, 200);
  assert.equal((await list({ limit: 1 })).events.length, 1);
});

test("paging while events arrive shows no event twice and misses no earlier one", async () => {
  const there = new Set((await all({ limit: 200 })).map(({ id }) => id));
  const seen: string[] = [];
  let cursor: string | null = "";
  for (let turn = 0; cursor !== null; turn++) {
    const page: Awaited<ReturnType<typeof list>> = await list({ limit: 40, cursor: cursor || undefined });
    seen.push(...page.events.map(({ id }) => id));
    cursor = page.cursor;
    await send("Test.CallbackAfterMeanwhile", { GroupId: `meanwhile-${turn}` });
  }
  assert.equal(new Set(seen).size, seen.length);
  for (const id of there) assert.ok(seen.includes(id), id);
});

test("a thousand events over four shards, paged by seven while more arrive, come once each", async () => {
  const labels = Array.from({ length: 1_000 }, (_, n) => `paged-${n}`);
  const arrive = (label: string) =>
    send("Test.CallbackAfterPaged", { GroupId: `group-${label.length}-${label.slice(-2)}`, Text: label });
  for (let first = 0; first < labels.length; first += 50)
    await Promise.all(labels.slice(first, first + 50).map(arrive));
  const there = new Set((await all({ limit: 200, command: "Test.CallbackAfterPaged" })).map(({ id }) => id));
  assert.equal(there.size, 1_000);
  const seen: string[] = [];
  let cursor: string | undefined;
  let arriving = Promise.resolve();
  for (let page = 0; page === 0 || cursor !== undefined; page++) {
    arriving = arriving.then(() => arrive(`later-${page}`));
    const { events, cursor: next } = await list({ limit: 7, command: "Test.CallbackAfterPaged", cursor });
    seen.push(...events.map(({ id }) => id));
    cursor = next ?? undefined;
  }
  await arriving;
  assert.equal(new Set(seen).size, seen.length, "none comes twice");
  for (const id of there) assert.ok(seen.includes(id), id);
});

test("filters by command, whole or with wildcards", async () => {
  await send("Filter.CallbackAfterOne", { GroupId: "filters" });
  await send("Filter.CallbackAfterTwo", { GroupId: "filters" });
  await send("Filter.Sub.CallbackAfterOne", { GroupId: "filters" });
  const count = async (command: string) => (await list({ command, conversation: "filters" })).events.length;
  const cases: [string, number][] = [
    ["Filter.CallbackAfterOne", 1],
    ["Filter.*", 3],
    ["*One", 2],
    ["*After*", 3],
    ["Filter.CallbackAfter*", 2],
    ["*.*.*", 1],
    ["F*r.C*T*o", 1],
    ["*", 3],
    ["**", 3],
    ["filter.*", 0],
    [".*", 0],
    ["*Three", 0],
  ];
  for (const [command, expected] of cases) assert.equal(await count(command), expected, command);
});

test("filters by conversation, by its whole name or without its kind", async () => {
  await send("C2C.CallbackAfterMsgReport", {
    Report_Account: "same-name",
    Peer_Account: "other",
    LastReadTime: 1,
    UnreadMsgNum: 0,
  });
  await send("Group.CallbackAfterGroupFull", { GroupId: "same-name" });
  assert.equal((await list({ conversation: "same-name" })).events.length, 1);
  assert.equal((await list({ conversation: "group:same-name" })).events.length, 1);
  assert.equal((await list({ conversation: "same" })).events.length, 0);
  assert.equal((await list({ conversation: "account:same-name" })).events.length, 0);
});

test("an unknown command of which no event is kept is refused, with the nearest known one", async () => {
  const refusal = async (query: string) => {
    const { status, body } = await gateway.api(`/api/events?${query}`);
    assert.equal(status, 400, query);
    return body.error as { code: string; message: string };
  };
  const { code, message } = await refusal("command=Group.CallbackAfterSendMessage");
  assert.equal(code, "unknown_command");
  assert.match(message, /did you mean Group\.CallbackAfterSendMsg\?$/);
  await send("Unheard.CallbackAfterOf", { GroupId: "unheard" });
  for (const query of ["command=Unheard.CallbackAfter", "command=No.Such&state=dead", "command=filter"])
    assert.equal((await refusal(query)).code, "unknown_command");
  for (const query of [
    { command: "Unheard.CallbackAfterOf", conversation: "somewhere else" },
    { command: "Unheard.CallbackAfterOf", until: "2026-01-01" },
    { command: "Live.CallbackBeforeSendGift" },
    { command: "No.Such*" },
  ])
    assert.deepEqual((await list(query)).events, [], JSON.stringify(query));
  for (const malformed of ["Filter[.]*", "a b", "群", "%00", "a".repeat(129), "Group/After"]) {
    const { code, message } = await refusal(`command=${encodeURIComponent(malformed)}`);
    assert.equal(code, "bad_command", malformed);
    assert.match(message, /^command: expected a name/);
  }
});

test("a command is also found by its name as Tencent misprints it", async () => {
  await send("Call.CallbackAfterCloudRecordingChanged", { GroupId: "misprint" }, 400);
  const found = async (command: string) => (await list({ command })).events.map(({ id }) => id);
  const misprinted = await found("Call.CallbackAfterCloudRecordingChanged");
  assert.equal(misprinted.length, 1);
  assert.deepEqual(await found("Call.CallbackAfterRecordChanged"), misprinted);
});

test("filters by account, also by one beyond 2^53 in a list", async () => {
  const text = '{"ScheduleInviteeList_Account":[144115200000000007,"z"]}';
  await send("Test.CallbackAfterList", text);
  for (const [account, count] of [
    ["144115200000000007", 1],
    ["144115200000000000", 0],
    ["z", 1],
  ] as const)
    assert.equal((await list({ account, command: "Test.CallbackAfterList" })).events.length, count, account);
});

test("filters by account, wherever in the body it is named", async () => {
  const account = "account-in-question";
  await send("Test.CallbackAfterA", { From_Account: account });
  await send("Test.CallbackAfterB", { List: [{ Deep: { Member_Account: account } }] });
  await send("Test.CallbackAfterC", { Refused_Account: ["x", account] });
  await send("Test.CallbackAfterD", '{"To_Account":"account\\u002din-question"}');
  await send("Test.CallbackAfterE", { Account: account, Text: account });
  await send("Test.CallbackAfterF", { From_Account: `${account}s` });
  const { events } = await list({ account });
  assert.deepEqual(events.map(({ command }) => command.slice(-1)).sort(), ["A", "B", "C", "D"]);
});

test("filters by text in the body, escaped or not", async () => {
  await send("Test.CallbackAfterText", '{"Text":"明天 at nine 🐳"}');
  await send("Test.CallbackAfterText", '{"Text":"\\u660e\\u5929 at nine \\ud83d\\udc33"}');
  await send("Test.CallbackAfterText", '{"Text":"明日 at nine"}');
  assert.equal((await list({ text: "明天 at nine 🐳" })).events.length, 2);
  assert.equal((await list({ text: "at nine" })).events.length, 3);
  assert.equal((await list({ text: "AT NINE" })).events.length, 0);
  assert.equal((await list({ text: "%" })).events.length, 0);
});

test("lists show the account that sent a message or did what is told", async () => {
  const cases: [string | number | undefined, object | string][] = [
    ["minh", { From_Account: "minh", Operator_Account: "admin" }],
    ["admin", { Operator_Account: "admin", Member_Account: "minh" }],
    ["minh", { From_Account: "", Report_Account: "minh" }],
    ["9007199254740993", '{"From_Account":9007199254740993}'],
    [undefined, { List: [{ From_Account: "deeper" }] }],
  ];
  for (const [, body] of cases) await send("Test.CallbackAfterFrom", body);
  const { events } = await list({ command: "Test.CallbackAfterFrom" });
  assert.deepEqual(events.map(({ from }) => from ?? undefined).sort(), cases.map(([from]) => from).sort());
});

test("since is inclusive, until exclusive", async () => {
  const { receivedAt, id } = (await list({ limit: 1 })).events[0]!;
  const has = async (query: Record<string, string>) =>
    (await list(query)).events.some((event) => event.id === id);
  const later = new Date(Date.parse(receivedAt) + 1).toISOString();
  assert.equal(await has({ since: receivedAt }), true);
  assert.equal(await has({ since: later }), false);
  assert.equal(await has({ until: receivedAt }), false);
  assert.equal(await has({ until: later }), true);
  assert.equal(await has({ since: receivedAt, until: later }), true);
  assert.equal(await has({ since: receivedAt.replace("Z", "+00:00") }), true);
  assert.deepEqual(await list({ since: later, until: receivedAt }), { events: [], cursor: null });
  assert.equal(await has({ since: "2m" }), true);
  assert.equal(await has({ since: "7d", until: "2m" }), false);
  assert.equal((await all({ since: "2020-01-01", limit: 200 })).length, (await all({ limit: 200 })).length);
  assert.deepEqual(await list({ until: "2020-01-01T00:00:00Z" }), { events: [], cursor: null });
});

test("several filters are combined by and", async () => {
  const { events } = await list({
    command: "Filter.*",
    conversation: "group:filters",
    text: "filters",
    state: "delivered",
  });
  assert.equal(events.length, 3);
  assert.equal((await list({ command: "Filter.*", conversation: "fields" })).events.length, 0);
});

test("an empty filter is ignored", async () => {
  const { events } = await list({
    command: "",
    conversation: "",
    account: "",
    text: "",
    state: "",
    since: "",
    until: "",
  });
  assert.equal(events.length, 50);
});

test("a wrong query is 400, and the parameter is named", async () => {
  const cases: [string, RegExp][] = [
    ["state=lost", /state/],
    ["verdict=allowed", /verdict: expected one of allow, refuse, answered/],
    ["code=-1", /code/],
    ["code=1e3", /code/],
    ["state=Dead", /state/],
    ["limit=0", /limit/],
    ["limit=-1", /limit/],
    ["limit=ten", /limit/],
    ["limit=201", /limit/],
    ["limit=1.5", /limit/],
    ["since=yesterday", /since/],
    ["since=1794160000000", /since/],
    ["until=2026-13-45", /until/],
    ["until=2026-02-30", /until/],
    ["since=2026-11-26junk", /since/],
    ["stat=dead", /state/],
    ["state=dead&state=pending", /state/],
    ["until=2026-11-22T25:00:00Z", /until/],
    ["cursor=nonsense", /cursor/],
    ["cursor=%00", /cursor/],
    [`cursor=${btoa("[1,2]")}`, /cursor/],
    [`cursor=${btoa('["1",2,""]')}`, /cursor/],
    [`cursor=${btoa("null")}`, /cursor/],
  ];
  for (const [query, names] of cases) assertRefused(await gateway.api(`/api/events?${query}`), 400, names);
});

test("a deeply nested body hides no other event from a search", async () => {
  const deep = `{"GroupId":"deep","To_Account":"deep-account","Text":"deep \\"text\\"","More":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
  await send("Group.CallbackAfterGroupFull", deep);
  await send("Test.CallbackAfterDeep", { From_Account: "deep-account", Text: 'deep "text"' });
  assert.ok(
    (await list({ account: "deep-account" })).events.some(
      ({ command }) => command === "Test.CallbackAfterDeep",
    ),
  );
  assert.ok(
    (await list({ text: 'deep "text"' })).events.some(({ command }) => command === "Test.CallbackAfterDeep"),
  );
  assert.equal((await list({ text: "text" })).events.length, 2);
});

test("a page that holds the last event has no cursor, be it full or not", async () => {
  const ofRoom = (room: string) => ({ command: "Test.CallbackAfterLast", conversation: `group:${room}` });
  for (const room of ["last-1", "last-2", "last-3"]) {
    for (let n = 0; n < 3; n++) await send("Test.CallbackAfterLast", { GroupId: room, n });
    for (const limit of [3, 4]) assert.equal((await list({ ...ofRoom(room), limit })).cursor, null);
    const { cursor } = await list({ ...ofRoom(room), limit: 1 });
    assert.equal((await list({ ...ofRoom(room), limit: 2, cursor: cursor! })).cursor, null);
  }
  const command = "Test.CallbackAfterLast";
  assert.equal((await list({ command, limit: 9 })).cursor, null);
  assert.notEqual((await list({ command, limit: 8 })).cursor, null);
});
