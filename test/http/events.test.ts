import assert from "node:assert/strict";
import { test } from "node:test";
import { startReceiver } from "./receiver.ts";
import { adminToken, eventually, type Reply, type Settings, startWorker, usual } from "./worker.ts";

const [receiver, failing] = [await startReceiver(), await startReceiver()];
failing.answers = 500;
const destination = (name: string, url: string, more: object = {}) => ({
  name,
  on: `Test.Callback.${name}`,
  url,
  ...more,
});
const settings: Settings = {
  ...usual,
  SHARDS: 4,
  ALLOW_PRIVATE_DESTINATIONS: true,
  FORWARD_RULES: [
    destination("delivered", receiver.url),
    destination("retrying", failing.url, { retry: ["1h"] }),
    destination("dead", failing.url, { retry: [] }),
    destination("pending", receiver.url),
    destination("gone", failing.url),
    { name: "off", on: "Test.Callback.off", url: receiver.url, enabled: false },
  ],
};
const worker = await startWorker(settings);

interface Listed {
  id: string;
  command: string;
  state: string;
  conversation: string | null;
  receivedAt: string;
  [field: string]: unknown;
}

async function list(
  query: Record<string, string | number>,
): Promise<{ events: Listed[]; cursor: string | null }> {
  const { status, body } = await worker.api(`/api/events?${new URLSearchParams(stringsOf(query))}`);
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(Object.keys(body), ["events", "cursor"]);
  return body;
}

function stringsOf(query: Record<string, string | number>): Record<string, string> {
  return Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)]));
}

/** All pages of a list. */
async function all(query: Record<string, string | number>): Promise<Listed[]> {
  const events: Listed[] = [];
  let next: Record<string, string | number> = query;
  for (;;) {
    const page = await list(next);
    assert.ok(page.events.length <= Number(query.limit ?? 50));
    events.push(...page.events);
    if (page.cursor === null) return events;
    next = { ...query, cursor: page.cursor };
  }
}

async function send(command: string, body: object | string, status = 200): Promise<void> {
  const answer = await worker.send(command, body);
  assert.equal(answer.status, status, answer.text);
}

async function only(query: Record<string, string | number>): Promise<Listed> {
  const { events } = await list(query);
  assert.equal(events.length, 1, JSON.stringify(query));
  return events[0]!;
}

function refused({ status, headers, body }: Reply, expected: number, names?: RegExp): void {
  assert.equal(status, expected, JSON.stringify(body));
  assert.match(headers.get("content-type") ?? "", /^application\/json/);
  assert.deepEqual(Object.keys(body), ["error"]);
  assert.deepEqual(Object.keys(body.error), ["code", "message"]);
  assert.match(body.error.code, /^[a-z_]+$/);
  assert.equal(typeof body.error.message, "string");
  if (names) assert.match(body.error.message, names);
}

test("without events, lists are empty and end", async () => {
  assert.deepEqual(await list({}), { events: [], cursor: null });
  assert.deepEqual(await list({ state: "dead", command: "*", limit: 1 }), { events: [], cursor: null });
});

test("paging over four shards gives every event once, newest first", async () => {
  const rooms = Array.from({ length: 12 }, (_, room) => `room-${room}`);
  const sent: string[] = [];
  for (let seq = 0; seq < 20; seq++)
    await Promise.all(
      rooms.map(async (GroupId) => {
        await send("Group.CallbackAfterRecallMsg", { GroupId, MsgSeqList: [{ MsgSeq: seq }] });
        sent.push(`group:${GroupId}`);
      }),
    );
  for (const limit of [17, 200]) {
    const events = await all({ limit });
    assert.equal(events.length, sent.length, `limit ${limit}`);
    assert.equal(new Set(events.map(({ id }) => id)).size, sent.length);
    for (const room of rooms)
      assert.equal(events.filter(({ conversation }) => conversation === `group:${room}`).length, 20);
    const times = events.map(({ receivedAt }) => Date.parse(receivedAt));
    // Kept within the same moment, events of two shards have no order.
    for (const [index, time] of times.entries()) if (index > 0) assert.ok(time <= times[index - 1]! + 250);
  }
  const shards = new Set((await all({ limit: 200 })).map(({ id }) => id.slice(14, 16)));
  assert.equal(shards.size, 4, "all shards hold some");

  const seqs = [];
  for (const { id } of await all({ conversation: "room-3", limit: 3 }))
    seqs.push((await worker.api(`/api/events/${id}`)).body.body.MsgSeqList[0].MsgSeq);
  assert.deepEqual(
    seqs,
    Array.from({ length: 20 }, (_, seq) => 19 - seq),
  );
});

test("a page holds 50 events, at most 200", async () => {
  assert.equal((await list({})).events.length, 50);
  assert.equal((await list({ limit: 200 })).events.length, 200);
  assert.equal((await list({ limit: 1 })).events.length, 1);
});

test("paging while events come shows none twice and misses none that was there", async () => {
  const there = new Set((await all({ limit: 200 })).map(({ id }) => id));
  const seen: string[] = [];
  let cursor: string | null = "";
  for (let turn = 0; cursor !== null; turn++) {
    const page = await list({ limit: 40, ...(cursor && { cursor }) });
    seen.push(...page.events.map(({ id }) => id));
    cursor = page.cursor;
    await send("Test.CallbackAfterMeanwhile", { GroupId: `meanwhile-${turn}` });
  }
  assert.equal(new Set(seen).size, seen.length);
  for (const id of there) assert.ok(seen.includes(id), id);
});

test("an event is listed with these fields", async () => {
  const answer = await worker.send(
    "Group.CallbackAfterRecallMsg",
    { GroupId: "fields", MsgSeqList: [] },
    { query: { ClientIP: "203.0.113.7", OptPlatform: "iPad" } },
  );
  assert.equal(answer.status, 200);
  const { id, receivedAt, ...rest } = await only({ conversation: "fields" });
  assert.match(id, /^evt_[0-9a-z]{24}$/);
  assert.match(receivedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.ok(Math.abs(Date.parse(receivedAt) - Date.now()) < 60_000);
  assert.deepEqual(rest, {
    command: "Group.CallbackAfterRecallMsg",
    phase: "after",
    known: true,
    valid: true,
    state: "delivered",
    app: "1400000000",
    conversation: "group:fields",
    clientIp: "203.0.113.7",
    platform: "iPad",
    size: 36,
  });
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

test("a command that is neither described nor kept is refused, with the nearest that is", async () => {
  const refusal = async (query: string) => {
    const { status, body } = await worker.api(`/api/events?${query}`);
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

test("a command is found by a name that Tencent misprints, too", async () => {
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

test("filters are joined", async () => {
  const { events } = await list({
    command: "Filter.*",
    conversation: "group:filters",
    text: "filters",
    state: "delivered",
  });
  assert.equal(events.length, 3);
  assert.equal((await list({ command: "Filter.*", conversation: "fields" })).events.length, 0);
});

test("an empty filter is none", async () => {
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

test("what a query has wrong is named by 400", async () => {
  const cases: [string, RegExp][] = [
    ["state=lost", /state/],
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
  for (const [query, names] of cases) refused(await worker.api(`/api/events?${query}`), 400, names);
});

test("one event is shown as it was received", async () => {
  const text =
    '{ "GroupId":"shown", "MsgSeqList":[],\n"Big":9007199254740993, "CallbackCommand":"Group.CallbackAfterRecallMsg"}';
  const query = { Sign: "0123", RequestTime: "1", ClientIP: "203.0.113.7", Note: "a b", sIgN2: "kept" };
  assert.equal((await worker.send("Group.CallbackAfterRecallMsg", text, { query })).status, 200);
  const listed = await only({ conversation: "shown" });
  const response = await fetch(`${worker.url}/api/events/${listed.id}`, {
    headers: { authorization: `Bearer ${adminToken}` },
  });
  const answer = await response.text();
  assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
  assert.ok(answer.includes(`"body":${text}`));
  const { body, query: shown, issues, verdict, deliveries, ...rest } = JSON.parse(answer);
  assert.deepEqual(rest, listed);
  assert.deepEqual(body, JSON.parse(text));
  assert.deepEqual(shown, {
    SdkAppid: "1400000000",
    contenttype: "json",
    CallbackCommand: "Group.CallbackAfterRecallMsg",
    ClientIP: "203.0.113.7",
    Note: "a b",
    sIgN2: "kept",
  });
  assert.deepEqual([issues, verdict, deliveries], [[], null, []]);
});

test("an event that is not there is 404, whatever its id looks like", async () => {
  const { id } = (await list({ limit: 1 })).events[0]!;
  for (const other of [
    `${id.slice(0, -1)}${id.endsWith("0") ? "1" : "0"}`,
    `${id.slice(0, 14)}zz${id.slice(16)}`,
    `evt_0000000000${id.slice(14)}`,
    `evt_zzzzzzzzzz${id.slice(14)}`,
    `${id}0`,
    "nonsense",
    "%22%20OR%201",
    "你好",
  ]) {
    refused(await worker.api(`/api/events/${other}`), 404);
    refused(await worker.api(`/api/events/${other}/replay`, {}), 404);
  }
  refused(await worker.api("/api/events/%ZZ"), 400);
});

test("of several deliveries, the state is the worst one's; each has its attempts", async () => {
  assert.equal((await worker.api("/api/destinations/pending/pause", {})).status, 200);
  for (const name of ["delivered", "retrying", "dead", "pending", "off"])
    await send(`Test.Callback.${name}`, { GroupId: `state-${name}` });
  await send("Group.CallbackAfterRecallMsg", { GroupId: "state-quarantined", MsgSeqList: 1 }, 400);

  const details: Record<string, Reply["body"]> = {};
  for (const [name, state] of [
    ["delivered", "delivered"],
    ["retrying", "retrying"],
    ["dead", "dead"],
    ["pending", "pending"],
    ["off", "delivered"],
    ["quarantined", "quarantined"],
  ] as const) {
    await eventually(async () => (await only({ conversation: `state-${name}` })).state === state);
    const { id } = await only({ conversation: `state-${name}`, state });
    details[name] = await eventually(async () => {
      const { body } = await worker.api(`/api/events/${id}`);
      // The note of a first delivery goes with the next segment, within a second.
      return (name === "delivered" && body.deliveries.length === 0 ? false : body) as Reply["body"] | false;
    });
    assert.equal(details[name].state, state);
  }

  const [delivered] = details.delivered.deliveries;
  assert.deepEqual(
    [delivered.destination, delivered.state, delivered.nextAt],
    ["delivered", "delivered", null],
  );
  assert.equal(delivered.attempts.length, 1);
  assert.deepEqual(Object.keys(delivered.attempts[0]), ["at", "status", "ms", "error", "response"]);
  assert.equal(delivered.attempts[0].status, 200);
  assert.equal(delivered.attempts[0].error, null);

  const [retrying] = details.retrying.deliveries;
  assert.deepEqual([retrying.destination, retrying.state], ["retrying", "retrying"]);
  const wait = Date.parse(retrying.nextAt) - Date.now();
  assert.ok(wait > 0.7 * 3_600_000 && wait <= 1.2 * 3_600_000, `${wait}`);
  assert.equal(retrying.attempts[0].status, 500);
  assert.equal(retrying.attempts[0].response, "as told");
  assert.ok(retrying.attempts[0].error.length > 0);
  assert.equal(typeof retrying.attempts[0].ms, "number");

  const [dead] = details.dead.deliveries;
  assert.deepEqual([dead.destination, dead.state, dead.nextAt], ["dead", "dead", null]);
  assert.equal(dead.attempts.length, 1);

  assert.deepEqual(details.pending.deliveries, [
    { destination: "pending", state: "pending", attempts: [], nextAt: null },
  ]);
  assert.deepEqual(details.quarantined.deliveries, []);
  assert.deepEqual(details.off.deliveries, []);
  assert.equal(details.quarantined.issues[0].path, "MsgSeqList");
});

test("a replay sends the event again, under the same id", async () => {
  const { id } = await only({ conversation: "state-delivered" });
  const first = await receiver.request((one) => one.headers["webhook-id"] === id);
  const { status, body } = await worker.api(`/api/events/${id}/replay`, {});
  assert.deepEqual([status, body], [202, { queued: 1 }]);
  await eventually(() => receiver.received.filter((one) => one.headers["webhook-id"] === id).length === 2);
  const again = receiver.received.findLast((one) => one.headers["webhook-id"] === id)!;
  assert.deepEqual(again.body, first.body);
  await eventually(async () => {
    const { deliveries } = (await worker.api(`/api/events/${id}`)).body;
    return (
      deliveries.length === 1 && deliveries[0].attempts.length === 2 && deliveries[0].state === "delivered"
    );
  });
});

test("a replay goes to the destinations that it names, also to those whose rule does not fit", async () => {
  const { id } = await only({ conversation: "filters", command: "Filter.CallbackAfterOne" });
  assert.deepEqual((await worker.api(`/api/events/${id}/replay`, {})).body, { queued: 0 });
  const { status, body } = await worker.api(`/api/events/${id}/replay`, { destinations: ["delivered"] });
  assert.deepEqual([status, body], [202, { queued: 1 }]);
  const { headers } = await receiver.request((one) => one.body.includes("Filter.CallbackAfterOne"));
  assert.equal(headers["webhook-id"], id);
});

test("a quarantined event can be replayed by name", async () => {
  const { id } = await only({ conversation: "state-quarantined" });
  const { body } = await worker.api(`/api/events/${id}/replay`, { destinations: ["delivered"] });
  assert.deepEqual(body, { queued: 1 });
  await receiver.request((one) => one.headers["webhook-id"] === id);
});

test("a replay to a paused destination waits, and goes on with it", async () => {
  const { id } = await only({ conversation: "filters", command: "Filter.CallbackAfterTwo" });
  const { status } = await worker.api(`/api/events/${id}/replay`, { destinations: ["pending"] });
  assert.equal(status, 202);
  const { deliveries, state } = (await worker.api(`/api/events/${id}`)).body;
  assert.deepEqual(
    [state, deliveries[0].destination, deliveries[0].state],
    ["pending", "pending", "pending"],
  );
  assert.ok(!receiver.received.some((one) => one.headers["webhook-id"] === id));

  await worker.api("/api/destinations/pending/resume", {});
  await receiver.request((one) => one.headers["webhook-id"] === id);
  await receiver.request((one) => one.body.includes("state-pending"));
});

test("a replay to a destination that is disabled, unknown or no name is 400", async () => {
  failing.answers = 410;
  await send("Test.Callback.gone", { GroupId: "gone" });
  await eventually(async () => {
    const { body } = await worker.api("/api/destinations");
    return body.find(({ name }: { name: string }) => name === "gone").state === "disabled";
  });
  const { id } = await only({ conversation: "fields" });
  refused(await worker.api(`/api/events/${id}/replay`, { destinations: ["gone"] }), 400, /gone/);
  refused(
    await worker.api(`/api/events/${id}/replay`, { destinations: ["delivered", "nowhere"] }),
    400,
    /nowhere/,
  );
  for (const destinations of ["delivered", [1], {}, [null]])
    refused(await worker.api(`/api/events/${id}/replay`, { destinations }), 400, /destinations/);
  for (const body of ["[]", "{", "null", "7"]) {
    const response = await fetch(`${worker.url}/api/events/${id}/replay`, {
      method: "POST",
      headers: { authorization: `Bearer ${adminToken}` },
      body,
    });
    assert.equal(response.status, 400);
  }
  const response = await fetch(`${worker.url}/api/events/${id}/replay`, {
    method: "POST",
    headers: { authorization: `Bearer ${adminToken}` },
  });
  assert.equal(response.status, 202, "no body at all is no wish");
});

test("a replay that names a destination twice sends once", async () => {
  const { id } = await only({
    conversation: "room-1",
    until: (await all({ conversation: "room-1", limit: 200 })).at(-2)!.receivedAt,
  });
  const { body } = await worker.api(`/api/events/${id}/replay`, { destinations: ["delivered", "delivered"] });
  assert.deepEqual(body, { queued: 1 });
});

test("a body nested deeper than the stack hides nothing from a search", async () => {
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

test("what is past retention is hidden at once", async () => {
  const { id, receivedAt } = await only({ conversation: "fields" });
  await worker.configure({ ...settings, RETENTION_HOURS: 0.001 });
  await eventually(async () => (await list({ conversation: "fields" })).events.length === 0);
  assert.ok(Date.now() - Date.parse(receivedAt) >= 3_600);
  refused(await worker.api(`/api/events/${id}`), 404);
  refused(await worker.api(`/api/events/${id}/replay`, {}), 404);
  await send("Group.CallbackAfterGroupFull", { GroupId: "younger" });
  await only({ conversation: "younger" });
});
