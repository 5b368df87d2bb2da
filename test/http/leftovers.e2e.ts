/** Destinations with events that wait, and whose rule is now invalid, disabled or removed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Settings, startGateway } from "../support/gateway.ts";
import { reply, startReceiver } from "../support/receiver.ts";

const [receiver, failing] = [await startReceiver(), await startReceiver(reply(500))];
const rule = (name: string, more: object = {}) => ({
  name,
  url: receiver.url,
  ...more,
});
const settings = (...rules: object[]): Settings => ({
  SHARDS: 2,
  FORWARD_RULES: rules,
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
const gateway = await startGateway(settings(...first));

for (const { name } of first) await gateway.pause(name);
for (let count = 0; count < 5; count++)
  await gateway.accept("Test.CallbackAfterIt", { GroupId: `group-${count}` });
for (const name of ["letters", "off"]) await gateway.resume(name);
await gateway.destinationIs("letters", { dead: 5 });
await gateway.destinationIs("off", { retrying: 5 });
await gateway.restart(
  settings(
    rule("stays"),
    rule("breaks", { secret: "$NOT_SET" }),
    rule("off", { url: failing.url, retry: ["1h"], enabled: false }),
    { name: "decides", answer: { ErrorCode: 1 } },
    rule("never-used", { secret: "$NOT_SET" }),
  ),
);

test("they are listed after the destinations of valid rules, with their backlog and a reason", async () => {
  const listed = new Map((await gateway.destinations()).map((one) => [one.name, one]));
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

test("/health names each of them, the number of events that wait, and the way to end the wait", async () => {
  const named = await gateway.problems();
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

test("their dead letters are listed and cannot be replayed", async () => {
  const { status, body } = await gateway.api("/api/dead-letters?destination=letters");
  assert.deepEqual([status, body.deadLetters.length], [200, 5]);
  for (const [name, sentence] of [
    ["letters", /^there is no destination "letters"$/],
    ["breaks", /^breaks has a wrong rule/],
    ["off", /^off is switched off by its rule/],
    ["decides", /^there is no destination "decides": the rule of this name does not forward$/],
  ] as const) {
    const replay = await gateway.api("/api/dead-letters/replay", { destinations: ["stays", name] });
    assert.equal(replay.status, 400, name);
    assert.match(replay.body.error.message, sentence);
    const { id } = (await gateway.api("/api/events?limit=1")).body.events[0];
    assert.equal((await gateway.api(`/api/events/${id}/replay`, { destinations: [name] })).status, 400, name);
  }
  assert.equal((await gateway.api("/api/dead-letters?destination=letters")).body.deadLetters.length, 5);
});

test("only a destination without a rule can be forgotten, and only by the administrator", async () => {
  for (const [name, status, sentence] of [
    ["stays", 400, /has a rule/],
    ["off", 400, /has a rule/],
    ["breaks", 400, /a wrong one/],
    ["never-used", 400, /a wrong one/],
    ["nobody", 404, /there is no destination "nobody"/],
    ["Goes", 404, /"Goes"/],
  ] as const) {
    const answer = await gateway.forget(name);
    assert.equal(answer.status, status, name);
    assert.deepEqual(Object.keys(answer.body.error), ["code", "message"]);
    assert.match(answer.body.error.message, sentence);
  }
  assert.equal((await gateway.forget("goes", { token: "wrong" })).status, 401);
  assert.equal((await gateway.destination("goes")).waiting, 5);
});
