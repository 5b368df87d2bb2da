/** `tim-relay listen`: a laptop receives, and gives verdicts. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { Exchange } from "../../src/cli/listen/answerer.ts";
import { sendCallback } from "../support/callbacks.ts";
import { adminToken } from "../support/client.ts";
import { commandsAt } from "../support/command.ts";
import { frontDoorOf } from "../support/front-door.ts";
import { startGateway } from "../support/gateway.ts";
import { withTimes } from "../support/moment.ts";
import type { Run } from "../support/program.ts";
import { reply, replyAfter, startReceiver } from "../support/receiver.ts";
import { times } from "../support/repetition.ts";
import { inTerminal, noTerminal } from "../support/terminal.ts";
import { until } from "../support/until.ts";

const secret = `whsec_${btoa("a secret+of/a?listener>in<tests~")}`;
const question = "Group.CallbackBeforeSendMsg";
const dev = {
  name: "dev",
  on: "Group.CallbackAfterRecallMsg",
  url: "listener:",
  secret,
  order: "conversation",
  retry: ["200ms"],
};
const moderation = {
  name: "moderation",
  on: question,
  ask: "listener:",
  otherwise: "refuse",
  deadlineMs: 1500,
};
const batched = "Group.CallbackAfterGroupFull";
const batches = { ...dev, name: "batches", on: batched, batch: { size: 100, ms: 50 } };
const settings = { FORWARD_RULES: [dev, batches, moderation] };
const gateway = await startGateway(settings);
const { start, relay, cwd, environment } = commandsAt(gateway);
const server = await startReceiver();

const linesOf = (program: Run) =>
  program
    .log()
    .split("\n")
    .slice(0, -1)
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Exchange);

const seenLines = (program: Run, count: number) =>
  until(`${count} exchanges are shown`, () => linesOf(program).length >= count && linesOf(program), 60_000);

const hasListener = async (name: string) => (await gateway.destination(name)).state === "up";

/** Resolves when a program is the listener of a rule. */
const listening = (name: string) => until(`a program listens for ${name}`, () => hasListener(name));

/** Ends the listener of a rule. Resolves when the gateway has missed it: the next one is not mistaken for it. */
async function endListener(program: Run, name: string): Promise<void> {
  await program.kill();
  await until(`no program listens for ${name}`, async () => !(await hasListener(name)));
}

async function ask(): Promise<{ code: number; ms: number }> {
  const at = performance.now();
  const { text } = await gateway.send(question, {
    GroupId: "g",
    From_Account: "lan",
    Type: "Public",
    MsgBody: [],
  });
  return { code: (JSON.parse(text) as { ErrorCode: number }).ErrorCode, ms: performance.now() - at };
}

/**
 * Resolves when the laptop has given the verdict within so many milliseconds: until it listens, the gateway refuses, and
 * a busy machine is late at times.
 */
function verdict(is: "allow" | "refuse", withinMs = Infinity): Promise<boolean> {
  return until(`the verdict is ${is} within ${withinMs} ms`, async () => {
    const { code, ms } = await ask();
    return (code === 0) === (is === "allow") && ms < withinMs;
  });
}

before(async () => {
  server.answer = (response, request) =>
    reply(
      200,
      { "content-type": "application/json" },
      request.url === "/ask" ? '{"ErrorCode":0}' : "",
    )(response, request);
});

test("each exchange is a line, with the status of the server here, and signed as by HTTPS", async () => {
  const program = start("listen", "dev", "--to", `${server.url}tim`, "--token", secret);
  await listening("dev");
  await sendCallback(gateway.url, { label: "shown" });
  const line = await program.seen(/Group\.CallbackAfterRecallMsg/);
  assert.match(line, withTimes(/^<time> {2}evt_\w+ {2}Group\.CallbackAfterRecallMsg {2}→ 200 {2}<span>$/));
  const request = await server.request(({ labels }) => labels.includes("shown"));
  assert.equal(request.url, "/tim");
  assert.match(String(request.headers["webhook-signature"]), /^v1,/);
  await gateway.delivery("shown", "dev", "delivered");
  await endListener(program, "dev");
});

/** Events that come while the laptop sleeps. */
const waiting = 500 * times;

test("a laptop that sleeps while events wait gets all of them, in order, and none twice", async () => {
  const door = await frontDoorOf(gateway);
  const from = server.received.length;
  const program = start("listen", "batches", "--to", server.url, "--json", "--url", door.url);
  await listening("batches");
  await sendCallback(gateway.url, { label: "before", group: "@TGS#0", command: batched });
  await server.delivered("before");
  await gateway.destinationIs("batches", { waiting: 0 });
  process.kill(program.pid, "SIGSTOP");
  door.breakOff();
  await until("the gateway has missed it", async () => !(await hasListener("batches")));
  await gateway.sendAll(
    Array.from({ length: waiting }, (_, n) => ({
      label: `s${n}`,
      group: `@TGS#${n % 50}`,
      command: batched,
    })),
  );
  const kept = (await gateway.keptLabels()).filter((label) => /^s\d/.test(label));
  const { problems } = await gateway.health();
  assert.ok(
    problems.some((one) => one.endsWith(`${waiting} events wait until a listener comes`)),
    problems.join("\n"),
  );
  process.kill(program.pid, "SIGCONT");
  await server.delivered(waiting);
  const labels = server.received.slice(from + 1).flatMap((one) => one.labels);
  assert.equal(labels.length, waiting);
  assert.deepEqual(labels.toSorted(), kept.toSorted());
  for (let group = 0; group < 50; group++) {
    const ofGroup = (label: string) => Number(label.slice(1)) % 50 === group;
    assert.deepEqual(labels.filter(ofGroup), kept.filter(ofGroup));
  }
  assert.match(program.log(), /connecting again[\s\S]*connected again after \d+/);
  await gateway.destinationIs("batches", { waiting: 0, retrying: 0, failed: 0 });
  await endListener(program, "batches");
});

test("it goes on after a deploy, and tells a server that is down", async () => {
  const program = start("listen", "dev", "--to", server.url, "--json");
  await listening("dev");
  await gateway.abortShards();
  await sendCallback(gateway.url, { label: "after-deploy" });
  await server.delivered("after-deploy");
  await seenLines(program, 1);
  await server.goDown();
  await sendCallback(gateway.url, { label: "down" });
  await program.seen(/does not listen/);
  await server.comeUp();
  await server.delivered("down");
  await gateway.delivery("down", "dev", "delivered");
  await endListener(program, "dev");
});

test("where the rule is wrong it says so, at once and while it runs, and goes on when the rule is mended", async () => {
  const door = await frontDoorOf(gateway);
  const args = ["--to", server.url, "--json", "--url", door.url];
  const early = start("listen", "dev", ...args);
  await listening("dev");
  await gateway.restart({
    FORWARD_RULES: [
      { ...dev, ordr: "none" },
      { ...batches, ordr: "none" },
    ],
  });
  const late = start("listen", "batches", ...args);
  await early.seen(/dev has a wrong rule: \/health says what to mend; waiting for that/);
  await late.seen(/batches has a wrong rule/);
  await gateway.restart(settings);
  await Promise.all([listening("dev"), listening("batches")]);
  await sendCallback(gateway.url, { label: "mended" });
  await gateway.delivery("mended", "dev", "delivered");
  await Promise.all([endListener(early, "dev"), endListener(late, "batches")]);
});

test("verdicts come from the server here in time, and are otherwise's at once when the laptop is gone", async () => {
  const program = start("listen", "moderation", "--to", `${server.url}ask`);
  await verdict("allow", 1_500);
  assert.match(await program.seen(/asks/), /Group\.CallbackBeforeSendMsg {2}asks → 200 allow {2}/);
  server.answer = replyAfter(3_000);
  await verdict("refuse", 2_000);
  await program.seen(/no answer within/);
  await program.kill();
  server.answer = reply(200);
  await verdict("refuse", 500);
});

test("it plays trouble: a delay, a status, a refusal", async () => {
  const refusing = start("listen", "moderation", "--answer", "allow");
  await verdict("allow");
  await refusing.kill();
  const failing = start("listen", "dev", "--status", "500", "--delay", "100ms", "--json");
  await listening("dev");
  await sendCallback(gateway.url, { label: "played" });
  const [one] = await seenLines(failing, 1);
  assert.deepEqual([one!.status, one!.ms >= 100, one!.error], [500, true, null]);
  await gateway.destinationIs("dev", { dead: 1 });
  await endListener(failing, "dev");
});

test("a newer program takes over, and the older one says so and ends with 1", async () => {
  const older = start("listen", "dev", "--to", server.url);
  await listening("dev");
  const newer = start("listen", "dev", "--to", server.url);
  assert.equal(await older.ended, 1);
  assert.match(
    older.log(),
    /^another program listens for dev at \S+ now, and this one ends: start it again to take over\n$/,
  );
  await sendCallback(gateway.url, { label: "taken-over" });
  await newer.seen(/→ 200/);
  await endListener(newer, "dev");
});

test("a wrong secret, a wrong name and a wrong use are told in a sentence", async () => {
  const to = ["--to", server.url];
  const uses: [string[], number, RegExp][] = [
    [
      ["dev", ...to, "--token", `whsec_${btoa("another secret of twenty-four bytes")}`],
      1,
      /^\S+ refuses the token of --token: this takes the rule's secret or an ADMIN_TOKEN, and .* none\n$/,
    ],
    [
      [...to, "--token", secret],
      1,
      /this takes an ADMIN_TOKEN or a READ_TOKEN, and .* none; with a rule's secret, name the rule\n$/,
    ],
    [["nothing", ...to], 1, /there is no destination "nothing"/],
    [to, 2, /several rules have a listener: name one of dev, batches, moderation/],
    [["dev"], 2, /give --to, or one of --status and --answer/],
    [["dev", "--to", "localhost:3000"], 2, /expected a URL such as http:\/\/localhost:3000\/tim/],
    [["dev", "--answer", "maybe"], 2, /expected allow, refuse or a JSON object/],
    [["dev", "--status", "100"], 2, /expected an HTTP status from 200 to 599/],
    [["dev", ...to, "--delay", "soon"], 2, /expected a duration such as 3s/],
  ];
  await Promise.all(
    uses.map(async ([args, code, sentence]) => {
      const outcome = await relay("listen", ...args);
      assert.match(outcome.log, sentence);
      assert.equal(outcome.code, code, outcome.log);
    }),
  );
});

test("a destination without its listener is no paused one", async () => {
  const { log } = await relay("destinations");
  for (const name of ["dev", "batches"]) assert.match(log, new RegExp(`^${name} +awaits a listener `, "m"));
  assert.match((await relay("resume", "dev")).log, /^dev awaits a listener$/m);
});

test("Enter repeats the last exchange, and Ctrl-C ends with 130", { skip: noTerminal }, async () => {
  const program = new URL("../../src/cli/tim-relay.js", import.meta.url).pathname;
  const command = [process.execPath, program, "listen", "dev", "--to", server.url];
  const terminal = inTerminal(command, {
    columns: 120,
    cwd,
    environment: { ...environment(), NO_COLOR: "1" },
  });
  await terminal.seen(/listening for dev/);
  await sendCallback(gateway.url, { label: "repeated" });
  await terminal.seen(/→ 200/);
  terminal.type("\n");
  await terminal.seen(/repeated/);
  assert.equal(server.received.filter(({ labels }) => labels.includes("repeated")).length, 2);
  terminal.type("\u0003");
  assert.equal(await terminal.ended, 130);
});

test("without a name it takes the only rule that has a listener", async () => {
  const single = await startGateway({ FORWARD_RULES: [dev] });
  const { start: begin } = commandsAt(single);
  const program = begin("listen", "--to", server.url, "--token", adminToken);
  await until("it listens", async () => (await single.destination("dev")).state === "up");
  await program.kill();
});
