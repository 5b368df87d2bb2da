import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import type { TailLine } from "../../src/client/index.js";
import { adminToken } from "../support/client.ts";
import { commandsAt } from "../support/command.ts";
import { frontDoorOf } from "../support/front-door.ts";
import { startGateway } from "../support/gateway.ts";
import { localTime, newDay } from "../support/moment.ts";
import type { Run } from "../support/program.ts";
import { startReceiver } from "../support/receiver.ts";
import { watch } from "../support/tail.ts";
import { until } from "../support/until.ts";

const receiver = await startReceiver();
const settings = {
  FORWARD_RULES: [
    { name: "audit", url: receiver.url },
    { name: "no-links", on: "Group.CallbackBeforeSendMsg", answer: { ErrorCode: 1, ErrorInfo: "no links" } },
  ],
};
const gateway = await startGateway(settings);
const { relay, start, cwd, environment } = commandsAt(gateway);

let sent = 0;

/** Sends an event to a group, and resolves with its label. */
async function send(group: string): Promise<string> {
  const label = `e${sent++}`;
  await gateway.sendAll([{ label, group }]);
  return label;
}

/** Resolves when a tail shows new events. Answers the labels of those that were sent for that. */
async function live(program: Run, group: string): Promise<string[]> {
  const labels: string[] = [];
  const shows = (label: string) => program.log().includes(`"platform":"${label}"`);
  await until("the tail shows a new event", async () => {
    labels.push(await send(group));
    return labels.some(shows);
  });
  await until("the tail shows the last event", () => shows(labels.at(-1)!));
  return labels;
}

const linesOf = (log: string): TailLine[] =>
  log
    .split("\n")
    .slice(0, -1)
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line));

const labelsOf = (log: string) =>
  linesOf(log).flatMap((line) => (line.type === "event" ? [line.event.platform] : []));

const onWindows = process.platform === "win32";

test("an event, its verdict and its deliveries are a line each", async () => {
  const program = start("tail", "--since", "1h");
  const group = "@TGS#港口";
  await gateway.send("Group.CallbackBeforeSendMsg", {
    CallbackCommand: "Group.CallbackBeforeSendMsg",
    GroupId: group,
    Type: "Public",
    From_Account: "minh",
    Operator_Account: "minh",
    Random: 1,
    MsgBody: [],
  });
  const event = await program.seen(/Group\.CallbackBeforeSendMsg/);
  const { id, receivedAt } = (await gateway.events()).events[0]!;
  const [, local] = localTime(receivedAt, newDay).split(" ");
  assert.ok(event.includes(`${local}  ${id}  Group.CallbackBeforeSendMsg  group:${group}  minh`), event);
  assert.match(await program.seen(/refused/), new RegExp(`^ {10}${id} {2}refused with 1 by rule no-links, `));
  if (!event.endsWith("delivered"))
    assert.match(await program.seen(/→/), new RegExp(`^\\d\\d:\\d\\d:\\d\\d  ${id}  → audit delivered$`));
  await program.kill();
});

test("with --json, each line is one of the API, and filters are those of the API", async () => {
  await send("@TGS#json");
  await send("@TGS#other");
  const viewer = await watch(gateway, { query: { since: "1h", conversation: "@TGS#json" } });
  const program = start("tail", "--since", "1h", "--conversation", "@TGS#json", "--json");
  await live(program, "@TGS#json");
  const last = labelsOf(program.log()).at(-1);
  await until("both have the last event", () =>
    viewer.of("event").some(({ event }) => event.platform === last),
  );
  const events = linesOf(program.log()).filter(({ type }) => type === "event");
  // The state of an event may have changed between both views.
  const named = (lines: readonly unknown[]) =>
    lines.map((line) =>
      Object.keys((line as { event: object }).event).concat((line as { event: { id: string } }).event.id),
    );
  assert.deepEqual(named(viewer.of("event").slice(0, events.length)), named(events));
  assert.ok(events.length >= 2);
  await program.kill();
});

test("after a lost connection, no event is left out or repeated", async () => {
  const group = "@TGS#lost";
  const door = await frontDoorOf(gateway);
  const before = [await send(group), await send(group)];
  const program = start("tail", "--conversation", group, "--json", "--url", door.url);
  const shown = await live(program, group);
  const expected: string[] = [];
  for (let cut = 0; cut < 3; cut++) {
    for (let i = 0; i < 5; i++) expected.push(await send(group));
    door.breakOff();
    for (let i = 0; i < 5; i++) expected.push(await send(group));
    await until("the last event is shown", () => program.log().includes(`"${expected.at(-1)}"`));
  }
  const labels = labelsOf(program.log());
  assert.deepEqual(
    labels.filter((label) => !shown.includes(label!)),
    expected,
  );
  assert.equal(new Set(labels).size, labels.length);
  // What came before the tail began stays out of it, whatever a new connection repeats.
  for (const label of before) assert.ok(!labels.includes(label));
  assert.match(program.log(), / (ended|lost) the tail.*; connecting again\n/);
  assert.match(program.log(), /^connected again after \d+s; what came meanwhile follows$/m);
  await program.kill();
});

test("a verdict is not repeated with its event, and a quiet tail misses nothing either", async () => {
  const group = "@TGS#asked";
  const door = await frontDoorOf(gateway);
  const program = start("tail", "--conversation", group, "--json", "--url", door.url);
  const quiet = start("tail", "--conversation", "@TGS#quiet", "--json", "--url", door.url);
  await live(program, group);
  const ask = (random: number) =>
    gateway.send("Group.CallbackBeforeSendMsg", {
      CallbackCommand: "Group.CallbackBeforeSendMsg",
      GroupId: group,
      Type: "Public",
      From_Account: "minh",
      Operator_Account: "minh",
      Random: random,
      MsgBody: [],
    });
  const verdicts = () => linesOf(program.log()).filter(({ type }) => type === "verdict").length;
  await ask(1);
  await until("a verdict", () => verdicts() === 1);
  await until("both tails are connected", () => door.upgrades() === 2);
  door.breakOff();
  await quiet.seen(/; connecting again$/);
  const label = await send("@TGS#quiet");
  await ask(2);
  await until("the second verdict", () => verdicts() >= 2);
  await quiet.seen(new RegExp(`"${label}"`));
  assert.equal(verdicts(), 2);
  assert.deepEqual(labelsOf(quiet.log()), [label]);
  await program.kill();
  await quiet.kill();
});

test("a tail goes on after a restart of the gateway", async () => {
  const group = "@TGS#restart";
  const door = await frontDoorOf(gateway);
  const program = start("tail", "--conversation", group, "--json", "--url", door.url);
  const shown = await live(program, group);
  await gateway.stop();
  await program.seen(/^.*the gateway stops.*; connecting again$/);
  await gateway.start();
  const label = await send(group);
  await program.seen(new RegExp(`"${label}"`));
  const labels = labelsOf(program.log());
  assert.equal(labels.at(-1), label);
  assert.equal(labels.filter((one) => one === shown.at(-1)).length, 1);
  await program.kill();
});

test("a tail ends with a sentence where it is refused, at first or later", async () => {
  assert.match((await relay("tail", "--token", "wrong")).log, /^.* refuses the token of --token: [^\n]+\n$/);
  assert.match((await relay("tail", "--destination", "audits")).log, /^[^\n]*audits[^\n]*\n$/);
  const door = await frontDoorOf(gateway);
  const program = start("tail", "--conversation", "@TGS#x", "--json", "--url", door.url);
  await live(program, "@TGS#x");
  await gateway.kill();
  door.breakOff();
  await gateway.restart({ ADMIN_TOKEN: "another" });
  assert.equal(await program.ended, 1);
  assert.match(program.log(), / refuses the token of TIM_RELAY_TOKEN: [^\n]+\n$/);
  await gateway.restart(settings);
});

test("Ctrl-C ends a tail with 130, and a reader that has enough ends it quietly", {
  skip: onWindows,
}, async () => {
  await gateway.restart({ ADMIN_TOKEN: adminToken });
  const program = start("tail", "--since", "1h");
  await program.seen(/evt_/);
  process.kill(program.pid, "SIGINT");
  assert.equal(await program.ended, 130);
  assert.doesNotMatch(program.log(), /\n\s+at |connecting/);
  const file = join(import.meta.dirname, "../../src/cli/tim-relay.js");
  const child = spawn("sh", ["-c", `'${process.execPath}' '${file}' tail --since 1h | head -n 2`], {
    cwd,
    env: { ...process.env, ...environment() },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  after(() => child.exitCode === null && process.kill(-child.pid!, "SIGKILL"));
  const written = Promise.all([text(child.stdout), text(child.stderr)]);
  // A program learns by its next line that its reader is gone.
  await until("the tail has ended", async () => {
    await send("g");
    return child.exitCode !== null;
  });
  const [output, errors] = await written;
  assert.equal(output.trimEnd().split("\n").length, 2);
  assert.equal(errors, "");
});
