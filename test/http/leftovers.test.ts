/** Destinations whose rule is wrong, switched off or gone while something waits for them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startReceiver } from "./receiver.ts";
import { adminToken, eventually, type Reply, type Settings, startWorker, usual } from "./worker.ts";

const [receiver, failing] = [await startReceiver(), await startReceiver()];
failing.answers = 500;
const rule = (name: string, more: object = {}) => ({
  name,
  url: receiver.url,
  ...more,
});
const settings = (...rules: object[]): Settings => ({
  ...usual,
  SHARDS: 2,
  CALLBACK_TOKEN: "",
  ALLOW_PRIVATE_DESTINATIONS: true,
  FORWARD_RULES: rules as Settings[string],
});
const first = [
  rule("stays"),
  rule("goes"),
  rule("goes-too"),
  rule("letters", { url: failing.url, retry: [] }),
  rule("off", { url: failing.url, retry: ["1h"] }),
  rule("breaks"),
  rule("decides"),
];
const worker = await startWorker(settings(...first));

for (const { name } of first) await worker.api(`/api/destinations/${name}/pause`, {});
for (let count = 0; count < 5; count++)
  await worker.send("Test.CallbackAfterIt", { GroupId: `group-${count}` });
for (const name of ["letters", "off"]) await worker.api(`/api/destinations/${name}/resume`, {});
await eventually(async () => {
  const listed = await destinations();
  return listed.get("letters")?.dead === 5 && listed.get("off")?.retrying === 5;
});
await worker.configure(
  settings(
    rule("stays"),
    rule("breaks", { secret: "$NOT_SET" }),
    rule("off", { url: failing.url, retry: ["1h"], enabled: false }),
    { name: "decides", answer: { ErrorCode: 1 } },
    rule("never-used", { secret: "$NOT_SET" }),
  ),
);

interface Listed {
  name: string;
  url: string | null;
  state: string;
  waiting: number;
  waitingSince: string | null;
  retrying: number;
  dead: number;
  lastError: string | null;
}

async function destinations(): Promise<Map<string, Listed>> {
  const { status, body } = await worker.api("/api/destinations");
  assert.equal(status, 200);
  return new Map(body.map((one: Listed) => [one.name, one]));
}

async function problems(): Promise<string[]> {
  return (await worker.api("/health")).body.problems;
}

async function forget(name: string, token = adminToken): Promise<Pick<Reply, "status" | "body">> {
  const response = await fetch(`${worker.url}/api/destinations/${name}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${token}` },
  });
  return { status: response.status, body: await response.json() };
}

test("they are listed behind those of the right rules, with what waits and why nothing is sent", async () => {
  const listed = await destinations();
  assert.deepEqual([...listed.keys()], ["stays", "off", "breaks", "decides", "goes", "goes-too", "letters"]);
  const told = (name: string) => {
    const { url, state, waiting, retrying, dead, lastError } = listed.get(name)!;
    return { url, state, waiting, retrying, dead, lastError };
  };
  const paused = { url: null, state: "paused", waiting: 5, retrying: 0, dead: 0 };
  assert.deepEqual(told("stays"), { ...paused, url: receiver.url, lastError: null });
  assert.deepEqual(told("breaks"), { ...paused, lastError: "its rule is wrong: /health says how" });
  assert.deepEqual(told("goes"), { ...paused, lastError: "no rule has this name" });
  assert.deepEqual(told("decides"), { ...paused, lastError: "the rule of this name does not forward" });
  assert.deepEqual([listed.get("letters")!.dead, listed.get("letters")!.state], [5, "paused"]);
  const off = { ...paused, url: failing.url, waiting: 0, retrying: 5 };
  assert.deepEqual(told("off"), { ...off, lastError: "its rule is switched off" });
  const since = Date.parse(listed.get("goes")!.waitingSince!);
  assert.ok(since <= Date.now() && since > Date.now() - 60_000);
});

test("every one of them has a sentence that says what waits and what ends it", async () => {
  const named = await problems();
  for (const sentence of [
    /^stays: is paused until it is resumed; 5 events wait$/,
    /^breaks: 5 events wait until its rule is mended and it is resumed$/,
    /^off: 5 events wait until its rule is switched on again$/,
    /^goes: no rule has this name any more, and 5 events for it wait.*; DELETE \/api\/destinations\/goes forgets all that$/,
    /^decides: no rule of this name forwards any more, and 5 events for it wait/,
  ])
    assert.equal(
      named.filter((problem) => sentence.test(problem)).length,
      1,
      `${sentence}\n${named.join("\n")}`,
    );
  assert.ok(!named.some((problem) => problem.startsWith("never-used: ")));
});

test("their dead letters are listed, and are sent to nobody", async () => {
  const { status, body } = await worker.api("/api/dead-letters?destination=letters");
  assert.deepEqual([status, body.deadLetters.length], [200, 5]);
  for (const [name, sentence] of [
    ["letters", /there is no destination "letters"/],
    ["breaks", /^breaks has a wrong rule/],
    ["off", /^off is switched off by its rule/],
    ["decides", /there is no destination "decides"/],
  ] as const) {
    const replay = await worker.api("/api/dead-letters/replay", { destinations: ["stays", name] });
    assert.equal(replay.status, 400, name);
    assert.match(replay.body.error.message, sentence);
    const { id } = (await worker.api("/api/events?limit=1")).body.events[0];
    assert.equal((await worker.api(`/api/events/${id}/replay`, { destinations: [name] })).status, 400, name);
  }
  assert.equal((await worker.api("/api/dead-letters?destination=letters")).body.deadLetters.length, 5);
});

test("only a name that no rule has any more can be forgotten, and only by the administrator", async () => {
  for (const [name, status, sentence] of [
    ["stays", 400, /has a rule/],
    ["off", 400, /has a rule/],
    ["breaks", 400, /a wrong one/],
    ["never-used", 400, /a wrong one/],
    ["nobody", 404, /there is no destination "nobody"/],
    ["Goes", 404, /"Goes"/],
  ] as const) {
    const answer = await forget(name);
    assert.equal(answer.status, status, name);
    assert.deepEqual(Object.keys(answer.body.error), ["code", "message"]);
    assert.match(answer.body.error.message, sentence);
  }
  assert.equal((await forget("goes", "wrong")).status, 401);
  assert.equal((await destinations()).get("goes")!.waiting, 5);
});
