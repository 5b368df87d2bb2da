/** What sends events again, gives them up, or removes them: replay, dead-letters, retry, skip, forget, erase. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { commandsAt } from "../support/command.ts";
import { frontDoorOf } from "../support/front-door.ts";
import { startGateway } from "../support/gateway.ts";
import { reply, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

const receiver = await startReceiver();
const audit = { name: "audit", url: receiver.url };
const gateway = await startGateway({ FORWARD_RULES: [audit] });
const { relay, start } = commandsAt(gateway);

await gateway.sendAll([
  { label: "one", group: "@TGS#1" },
  { label: "two", group: "@TGS#2" },
  { label: "three", group: "@TGS#2" },
]);
await gateway.destinationIs("audit", { delivered: 3 });

const replays = async () => (await gateway.get("/api/replays")).replays;

test("a dry run counts exactly, and sends nothing", async () => {
  const { code, log } = await relay("replay", "--destination", "audit", "--since", "1h", "--dry-run");
  assert.deepEqual([code, log], [0, "3 events would be sent to audit; nothing is sent\n"]);
  const counted = await relay(
    ...["replay", "--destination", "audit", "--since", "1h", "--dry-run", "--json"],
    ...["--match", '{"body": {"GroupId": ["@TGS#2"]}}', "--on", "Group.*", "--on", "C2C.*"],
  );
  assert.deepEqual(JSON.parse(counted.log), { matched: 2 });
  assert.deepEqual(await replays(), []);
});

test("a replay is followed to its end", async () => {
  const { code, log } = await relay(
    "replay",
    "--destination",
    "audit",
    "--since",
    "1h",
    "--per-second",
    "50",
  );
  assert.equal(code, 0, log);
  assert.match(
    log,
    /^Sending 3 events to audit again, at most 50 a second {2}(rpl_\w+)\n✔ sent 3 of 3 events to audit in [\d.]+ m?s {2}\1\n$/,
  );
  const again = await relay("replay", "--destination", "audit", "--since", "1h", "--json");
  const job = JSON.parse(again.log);
  assert.deepEqual([job.state, job.matched, job.sent, job.failed], ["done", 3, 3, 0]);
  const listed = await relay("replay", "--list");
  assert.match(listed.lines[0]!, /^ID +STATE +DESTINATION +EVENTS +DONE +FAILED +STARTED +FROM +UNTIL$/);
  assert.match(listed.log, new RegExp(`^${job.id} +done +audit +3 +3 +0 `, "m"));
  assert.deepEqual(JSON.parse((await relay("replay", "--list", "--json")).log).replays, await replays());
});

test("a period in which nothing fits starts no replay", async () => {
  const before = (await replays()).length;
  const { code, log } = await relay(
    ...["replay", "--destination", "audit", "--since", "2h", "--until", "1 hour ago"],
  );
  assert.deepEqual([code, log], [0, "no event fits: nothing is sent\n"]);
  assert.equal((await replays()).length, before);
});

test("Ctrl-C leaves a replay running; it can be watched and cancelled", {
  skip: process.platform === "win32",
}, async () => {
  await gateway.pause("audit");
  const program = start("replay", "--destination", "audit", "--since", "1h");
  await program.seen(/ waits: audit is paused; npx tim-relay resume audit$/);
  process.kill(program.pid, "SIGINT");
  assert.equal(await program.ended, 130);
  const [, id] = /(rpl_\w+) goes on at the gateway: npx tim-relay replay --watch \1, or --cancel \1\n$/.exec(
    program.log(),
  )!;
  const [running] = await replays();
  assert.deepEqual([running.id, running.state], [id, "running"]);
  const watching = start("replay", "--watch", id!);
  await watching.seen(/ waits: audit is paused/);
  const cancelled = await relay("replay", "--cancel", id!);
  assert.deepEqual(
    [cancelled.code, cancelled.log],
    [0, `${id} is cancelled: 0 of 3 events sent, 0 failed\n`],
  );
  assert.equal(await watching.ended, 1);
  assert.match(watching.log(), /✘ sent 0 of 3 events to audit in [\d.]+ m?s: cancelled/);
  await gateway.resume("audit");
});

test("a watched replay outlives a restart of the gateway", async () => {
  const door = await frontDoorOf(gateway);
  await gateway.pause("audit");
  const program = start("replay", "--destination", "audit", "--since", "1h", "--url", door.url);
  await program.seen(/ waits: audit is paused/);
  await gateway.kill();
  door.breakOff();
  await gateway.restart();
  await gateway.resume("audit");
  assert.equal(await program.ended, 0, program.log());
  assert.match(program.log(), /✔ sent 3 of 3 events/);
});

test("single events are sent again", async () => {
  const [event] = (await gateway.events()).events;
  const { code, log } = await relay("replay", event!.id, "--destination", "audit");
  assert.deepEqual([code, log], [0, `${event!.id}: 1 delivery queued; npx tim-relay show ${event!.id}\n`]);
  assert.deepEqual(JSON.parse((await relay("replay", event!.id, "--json")).log), [
    { event: event!.id, queued: 1 },
  ]);
});

test("dead letters are listed, and sent again until each has an outcome", async () => {
  await gateway.restart({ FORWARD_RULES: [{ ...audit, retry: [] }] });
  receiver.answer = reply(400, {}, "no");
  await gateway.sendAll([
    { label: "bad", group: "@TGS#1" },
    { label: "worse", group: "@TGS#2" },
  ]);
  await gateway.destinationIs("audit", { dead: 2 });
  const letters = await gateway.deadLetters();
  const listed = await relay("dead-letters", "--destination", "audit");
  assert.equal(listed.code, 0);
  assert.match(listed.lines[0]!, /^GIVEN UP +EVENT +DESTINATION +ERROR +ATTEMPTS +AGO$/);
  assert.deepEqual(
    listed.lines.slice(1).map((line) => line.split(/ {2,}/)[1]),
    letters.map(({ event }) => event),
  );
  const { lines } = await relay("dead-letters", "--json", "--limit", "1");
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    letters.slice(0, 1),
  );

  const failing = await relay("dead-letters", "--replay");
  assert.equal(failing.code, 1);
  assert.match(failing.log, /✘ sent 0 of 2 events to audit .*\n {2}2 failed: they are tried again, or dead/);
  await gateway.destinationIs("audit", { dead: 2 });

  receiver.answer = reply(200);
  const chosen = await relay("dead-letters", "--replay", "--ids", letters[0]!.event);
  assert.match(chosen.log, /^1 dead letter queued; /);
  const again = await relay("dead-letters", "--replay", "--ids", "evt_1");
  assert.deepEqual([again.code, again.log], [0, "no dead letter of these events: nothing is sent\n"]);
  await gateway.destinationIs("audit", { dead: 1 });
  const rest = await relay("dead-letters", "--replay", "--json");
  assert.equal(rest.code, 0, rest.log);
  assert.deepEqual(
    JSON.parse(rest.log).map(({ state, sent }: Record<string, unknown>) => [state, sent]),
    [["done", 1]],
  );
  await gateway.destinationIs("audit", { dead: 0 });
  assert.match((await relay("dead-letters")).log, /^no dead letter\n$/);
  assert.match((await relay("dead-letters", "--replay")).log, /^no dead letter: nothing is sent\n$/);
});

test("retry makes what waits due, and skip gives it up", async () => {
  await gateway.restart({ FORWARD_RULES: [{ ...audit, retry: ["5h"] }] });
  receiver.answer = reply(400);
  await gateway.sendAll([{ label: "stuck", group: "@TGS#5" }]);
  await gateway.destinationIs("audit", { retrying: 1 });
  receiver.answer = reply(200);
  assert.match((await relay("retry", "audit")).log, /^1 delivery to audit due now\n$/);
  await gateway.delivery("stuck", "audit", "delivered");

  receiver.answer = reply(400);
  await gateway.sendAll([{ label: "blocking", group: "@TGS#6" }]);
  await gateway.delivery("blocking", "audit", "retrying");
  receiver.answer = reply(200);
  const [event] = (await gateway.events({ conversation: "@TGS#6" })).events;
  assert.match((await relay("skip", event!.id)).log, /^1 delivery given up; .*npx tim-relay replay evt_/);
  await gateway.delivery("blocking", "audit", "dead");
  for (const [args, sentence] of [
    [["retry", "audit"], "no retry waits for audit: nothing is due\n"],
    [["skip", event!.id], "no delivery of it waits: nothing is given up\n"],
  ] as const)
    assert.deepEqual(await relay(...args).then(({ code, log }) => [code, log]), [0, sentence]);
});

test("forget and erase say what is lost, and do nothing without --yes", async () => {
  await gateway.pause("audit");
  await gateway.sendAll([{ label: "last", group: "@TGS#7" }]);
  await gateway.destinationIs("audit", { waiting: 1 });
  for (const [name, sentence] of [
    ["audit", "audit has a rule: only what no rule names any more can be forgotten\n"],
    ["adit", 'there is no destination "adit": nothing is forgotten\n'],
  ] as const)
    assert.deepEqual(await relay("forget", name).then(({ code, log }) => [code, log]), [1, sentence]);
  await gateway.restart({ FORWARD_RULES: [] });
  const unsure = await relay("forget", "audit");
  assert.equal(unsure.code, 2);
  assert.match(
    unsure.log,
    /^audit would never get 1 event in its backlog, 0 retries and 1 dead letter; .* add --yes\n$/,
  );
  const { code, log } = await relay("forget", "audit", "--yes");
  assert.equal(code, 0, log);
  assert.match(log, /^audit is forgotten: \d events? waited for it\n$/);
  await until("audit is gone", async () => (await gateway.destinations()).length === 0);

  const account = (await gateway.events({ conversation: "@TGS#1" })).events[0]!.from!;
  const warned = await relay("erase", account);
  assert.equal(warned.code, 2);
  assert.match(warned.log, /would lose its body and names.* add --yes\n$/);
  assert.ok((await gateway.allEvents({ account })).length > 0);
  const erased = await relay("erase", account, "--yes", "--json");
  assert.equal(erased.code, 0, erased.log);
  assert.equal(JSON.parse(erased.log).kind, "erase");
  assert.deepEqual(await gateway.allEvents({ account }), []);
});

test("a wrong use is told in a line, and ends with 2", async () => {
  for (const [args, sentence] of [
    [["replay"], /^give either --destination and --since, or ids of events, or one of/],
    [["replay", "--since", "1h"], /^--destination: expected one, for a period\n$/],
    [["replay", "--list", "--cancel", "x"], /^give either /],
    [["replay", "--destination", "a", "--since", "1h", "--match", "{"], /^--match is not JSON: /],
    [["replay", "--destination", "a", "--since", "1h", "--match", "[]"], /^--match: expected a pattern/],
    [
      ["replay", "--destination", "a", "--since", "1h", "--match", '{"x": [1], "x": [2]}'],
      /x is given twice/,
    ],
    [["dead-letters", "--ids", "evt_1"], /^--ids: chooses what --replay sends\n$/],
  ] as const) {
    const { code, log } = await relay(...args);
    assert.match(log, sentence);
    assert.equal(code, 2, log);
  }
  const unknown = await relay("replay", "--destination", "audits", "--since", "1h");
  assert.equal(unknown.code, 1);
  assert.match(unknown.log, /^[^\n]*audits[^\n]*\n$/);
});
