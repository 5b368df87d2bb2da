/** The page on listening: its rules, its server and its shell lines are run as they stand. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { app, callbackToken } from "../support/callbacks.ts";
import { commandsAt } from "../support/command.ts";
import { documentedBlocks } from "../support/documented-blocks.ts";
import { startGateway } from "../support/gateway.ts";
import { withoutTimes } from "../support/moment.ts";
import { outputOf } from "../support/output.ts";
import { unusedPort } from "../support/port.ts";
import { type Run, run } from "../support/program.ts";
import { until } from "../support/until.ts";

const page = documentedBlocks("docs/listening.md", "sh", "js file=server.mjs", "json", "text");

const blocks = (kind: string) => page.filter(({ info }) => info === kind).map(({ text }) => text);

const shell = blocks("sh").flatMap((text) => text.trimEnd().split("\n"));

const rules = blocks("json")
  .filter((text) => text.startsWith("["))
  .flatMap((text) => JSON.parse(text) as object[]);

const secret = `whsec_${btoa("a-secret-of-the-page-on-listening")}`;
const gateway = await startGateway({ FORWARD_RULES: rules, DEV_SECRET: secret });
const { cwd, environment } = commandsAt(gateway);

const port = await unusedPort();
const settings = () => ({
  ...environment(),
  SDK_APP_ID: app,
  CALLBACK_TOKEN: callbackToken,
  PORT: String(port),
});
const ran = new Set<string>();

/** Runs a line of the page. */
function start(line: string): Run {
  assert.ok(shell.includes(line), `the page has no line ${line}`);
  ran.add(line);
  const args = line.replaceAll("localhost:3000", `localhost:${port}`).split(" ").slice(2);
  // `send` posts to an address, not to the API.
  if (args[0] === "send") args.push("--url", gateway.url);
  return run("tim-relay.js", { cwd, args, environment: settings() });
}

/** A line of the page's transcripts, without what differs from run to run. */
const normalised = (line: string) =>
  withoutTimes(line)
    .replace(/evt_\w+/, "ID")
    .replace(/\d+(\.\d+)? m?s$/, "SPAN");

async function listened(line: string): Promise<Run> {
  const program = start(line);
  await until("it listens", async () => (await gateway.destination("dev")).state === "up");
  return program;
}

test("the page's lines do what it says", async () => {
  const [source] = blocks("js file=server.mjs") as [string];
  writeFileSync(join(cwd, "server.mjs"), source);
  ran.add("node server.mjs");
  const child = spawn(process.execPath, ["server.mjs"], { cwd, env: { ...process.env, PORT: String(port) } });
  after(() => child.kill("SIGKILL"));
  const server = outputOf(child, "server.mjs");
  await server.seen(/^ready$/);

  const [event, verdict] = blocks("text").map((text) => text.trimEnd()) as [string, string];
  const dev = await listened("npx tim-relay listen dev --to http://localhost:3000/tim");
  assert.equal(await start("npx tim-relay send Group.CallbackAfterRecallMsg").ended, 0);
  await server.seen(/^\/tim Group\.CallbackAfterRecallMsg @TGS#/);
  assert.equal(normalised(await dev.seen(/→/)), normalised(event));
  await dev.kill();

  const asked = "npx tim-relay send Group.CallbackBeforeSendMsg --set From_Account=lan";
  const moderation = start("npx tim-relay listen moderation --to http://localhost:3000/verdict");
  await until("it is asked", async () => {
    await start(asked).ended;
    return /asks/.test(moderation.log());
  });
  assert.equal(normalised(await moderation.seen(/asks/)), normalised(verdict));
  await moderation.kill();

  const refusing = start("npx tim-relay listen moderation --answer refuse");
  await until("it is refused", async () => {
    await start(asked).ended;
    return /refuse/.test(refusing.log());
  });
  await refusing.kill();

  const failing = await listened("npx tim-relay listen dev --status 500");
  await start("npx tim-relay send Group.CallbackAfterRecallMsg").ended;
  await failing.seen(/→ 500/);
  await failing.kill();
  const slow = start("npx tim-relay listen dev --to http://localhost:3000/tim --delay 3s");
  await slow.kill();
  assert.deepEqual(
    shell.filter((line) => !ran.has(line)),
    [],
  );
});
