/** Polling from outside: a backend without an address fetches its events. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect } from "../../src/client/index.js";
import { adminToken } from "../support/client.ts";
import { startGateway } from "../support/gateway.ts";
import { startReceiver } from "../support/receiver.ts";

const secret = `whsec_${btoa("a-secret-of-a-poller-for-tests-1")}`;
const command = "Group.CallbackAfterGroupFull";
const rule = (name: string, more: object = {}) => ({ name, on: command, url: "poll:", secret, ...more });
const wrong = { name: "wrong", url: "poll:", secret: "$NOT_SET" };
const typo = { name: "typo", url: "poll:", secret, ordr: "none" };
const typoListener = { name: "typo-listener", url: "listener:", secret, ordr: "none" };
const typoHttps = { name: "typo-https", url: "https://audit.example.com", secret, ordr: "none" };
const other = await startReceiver();
const settings = {
  SHARDS: 3,
  READ_TOKEN: "test-read-token",
  FORWARD_RULES: [
    rule("mail", { order: "conversation", timeoutMs: 60_000 }),
    rule("brief", { timeoutMs: 1_000, format: "cloudevents" }),
    { name: "https", on: "Test.*", url: other.url },
    wrong,
    typo,
    typoListener,
    typoHttps,
    { ...typo, name: "twice" },
    { ...typo, name: "twice" },
  ],
};
const gateway = await startGateway(settings);

interface Polled {
  events: { type: string; id: string; data: { GroupId: string } }[];
  after: string;
}

async function ask(name: string, query: Record<string, string | number> = {}, token = secret) {
  const search = new URLSearchParams(
    Object.entries(query).map(([key, value]): [string, string] => [key, String(value)]),
  );
  const response = await gateway.request(`/api/poll/${name}?${search}`, { token });
  return { status: response.status, text: await response.text() };
}

async function poll(name: string, query: Record<string, string | number> = {}): Promise<Polled> {
  const { status, text } = await ask(name, { wait: 0, ...query });
  assert.equal(status, 200, text);
  return JSON.parse(text) as Polled;
}

const groups = ({ events }: Polled) => events.map(({ data }) => data.GroupId);

async function destination(name: string) {
  const all = (await gateway.get("/api/destinations")) as Record<string, unknown>[];
  return all.find((one) => one.name === name)!;
}

test("events of all shards come oldest first, and are delivered when the next poll confirms them", async () => {
  const sent = Array.from({ length: 12 }, (_, n) => `g-${n}`);
  for (const GroupId of sent) await gateway.accept(command, { GroupId });
  assert.deepEqual(
    [
      (await destination("mail")).state,
      (await destination("mail")).awaits,
      (await destination("mail")).waiting,
    ],
    ["paused", "poller", 12],
  );
  const { problems } = (await gateway.get("/health")) as { problems: string[] };
  assert.ok(problems.includes("mail: 12 events wait until a poller comes"), problems.join("\n"));
  const first = await poll("mail", { limit: 5 });
  assert.deepEqual(groups(first), sent.slice(0, 5));
  assert.equal(first.events[0]!.type, command);
  const rest = await poll("mail");
  assert.deepEqual(groups(rest), sent.slice(5));
  assert.deepEqual(await poll("mail", { after: first.after }), { events: [], after: first.after });
  await gateway.destinationIs("mail", { delivered: 5, waiting: 7, state: "up" });
  // The events of the second answer are confirmed after all shards have started anew.
  // A row of each shard records what was confirmed so far.
  for (let n = 0; n < 12; n++) await gateway.accept("Test.CallbackAfterOther", { GroupId: `g-${n}` });
  await gateway.abortShards();
  assert.deepEqual(groups(await poll("mail", { after: rest.after })), []);
  await gateway.destinationIs("mail", { delivered: 12, waiting: 0 });
  const { events } = await gateway.events({ command });
  const { deliveries } = (await gateway.get(`/api/events/${events[0]!.id}`)) as {
    deliveries: { destination: string; state: string; attempts: { status: number; error: null }[] }[];
  };
  const { state, attempts } = deliveries.find((one) => one.destination === "mail")!;
  assert.deepEqual(
    [state, attempts.length, attempts[0]!.status, attempts[0]!.error],
    ["delivered", 1, 200, null],
  );
});

test("a poll waits for the event that comes, and two of them get it once", async () => {
  // An event that is not confirmed within a second comes again.
  let { after, events } = await poll("brief", { limit: 200 });
  while (events.length > 0) ({ after, events } = await poll("brief", { limit: 200, after }));
  const polls = [ask("brief", { wait: 3, after }), ask("brief", { wait: 3, after })];
  await gateway.accept(command, { GroupId: "awaited" });
  const texts = (await Promise.all(polls)).map(({ text }) => JSON.parse(text) as Polled);
  // Not confirmed within a second, it may come again to the other one.
  const [one, two] = texts.map(({ events }) => events.length);
  assert.ok(one! + two! >= 1);
  const got = texts.find(({ events }) => events.length === 1)!;
  assert.deepEqual([got.events[0]!.type, got.events[0]!.data.GroupId], [command, "awaited"]);
  const again = await ask("brief", { wait: 5 });
  assert.equal((JSON.parse(again.text) as Polled).events[0]!.data.GroupId, "awaited");
  assert.deepEqual((await destination("brief")).failed, 0);
});

test("a replay, a pause and a test reach the poller", async () => {
  const { after } = await poll("mail", { limit: 200 });
  await poll("mail", { after });
  const { events } = await gateway.events({ command });
  await gateway.post(`/api/events/${events.at(-1)!.id}/replay`, { destinations: ["mail"] });
  await gateway.pause("mail");
  assert.deepEqual(groups(await poll("mail")), []);
  await gateway.resume("mail");
  const replayed = await poll("mail", { wait: 5 });
  assert.deepEqual(groups(replayed), ["g-0"]);
  const tested = gateway.post("/api/destinations/mail/test", {}, 200);
  const test = await poll("mail", { wait: 5, after: replayed.after });
  assert.equal(test.events[0]!.type, "Relay.Test");
  await poll("mail", { after: test.after });
  assert.equal(((await tested) as { status: number }).status, 200);
});

test("the client confirms the events of one turn with the next", async () => {
  const relay = connect({ url: gateway.url, token: secret });
  const sent = ["c-0", "c-1", "c-2"];
  for (const GroupId of sent) await gateway.accept(command, { GroupId });
  const got: unknown[] = [];
  for await (const { events } of relay.poll("mail", { limit: 1 })) {
    got.push(...events.map((event) => (event as Polled["events"][number]).data.GroupId));
    if (got.length === 3) break;
  }
  assert.deepEqual(got, sent);
  assert.equal((await destination("mail")).waiting, 1);
});

test("wrong tokens, names and parameters are refused", async () => {
  const refusals: [string, Record<string, string>, string, number, string][] = [
    ["mail", {}, "wrong", 401, "wrong_token"],
    ["nothing", {}, secret, 401, "wrong_token"],
    ["nothing", {}, adminToken, 404, "unknown_destination"],
    ["mail", {}, "test-read-token", 403, "read_only"],
    ["wrong", {}, adminToken, 400, "wrong_rule"],
    ["typo", {}, secret, 400, "wrong_rule"],
    ["typo", {}, "wrong", 401, "wrong_token"],
    ["typo-https", {}, secret, 401, "wrong_token"],
    ["twice", {}, secret, 401, "wrong_token"],
    ["https", {}, adminToken, 400, "other_address"],
    ["mail", { after: "stranger" }, secret, 400, "bad_after"],
    ["mail", { limit: "201" }, secret, 400, "bad_limit"],
    ["mail", { wait: "61" }, secret, 400, "bad_wait"],
    ["mail", { waits: "1" }, secret, 400, "unknown_parameter"],
  ];
  for (const [name, query, token, status, code] of refusals) {
    const answer = await ask(name, query, token);
    assert.equal(answer.status, status, answer.text);
    assert.equal((JSON.parse(answer.text) as { error: { code: string } }).error.code, code);
  }
  for (const [name, token, status, code] of [
    ["typo-listener", secret, 400, "wrong_rule"],
    ["nothing", adminToken, 404, "unknown_destination"],
    ["mail", secret, 400, "other_address"],
  ] as const) {
    const listened = await gateway.request(`/api/listen/${name}`, { token });
    assert.deepEqual([listened.status, JSON.parse(await listened.text()).error.code], [status, code]);
  }
  const { after } = await poll("brief", { wait: 3 });
  assert.match((await ask("mail", { after })).text, /bad_after/);
  assert.equal((await ask("mail", { wait: "0" }, adminToken)).status, 200);
});
