import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import { bodyOf } from "../support/callbacks.ts";
import { commandsAt, outcomeOf } from "../support/command.ts";
import { startGateway } from "../support/gateway.ts";
import { server } from "../support/other-server.ts";
import { inTerminal, noTerminal } from "../support/terminal.ts";

const gateway = await startGateway();
const { relay, start, cwd, environment } = commandsAt(gateway);
const file = join(import.meta.dirname, "../../src/cli/tim-relay.js");

await gateway.sendAll([
  { label: "one", group: "@TGS#1" },
  { label: "\u009bred", group: "@TGS#2" },
  {
    label: "big",
    group: "@TGS#3",
    body: bodyOf("Group.CallbackAfterRecallMsg", "@TGS#3", "big").replace('"lan"', "144115200000000001"),
  },
]);

/** What the API exports. */
async function exported(query = ""): Promise<string> {
  return (await gateway.request(`/api/export${query}`)).text();
}

test("an export is that of the API, byte by byte, with its filters", async () => {
  const { code, log } = await relay("export");
  assert.deepEqual([code, log], [0, await exported()]);
  assert.match(log, /"Operator_Account":144115200000000001/);
  const narrowed = await relay("export", "--conversation", "@TGS#2", "--since", "1h");
  assert.equal(narrowed.log, await exported("?conversation=@TGS%232"));
  assert.equal((await relay("export", "--limit", "2")).log, await exported("?limit=2"));
  const none = ["export", "--until", "1 hour ago"];
  assert.equal((await relay(...none)).log, "no event fits\n");
  assert.equal((await relay(...none, "--output", "none")).log, "no event fits: none is empty\n");
  assert.equal((await outcomeOf(none, { cwd, environment: environment() })).output, "");
});

test("--output writes a file, and says how much is in it", async () => {
  const path = join(cwd, "events.ndjson");
  const { code, log } = await relay("export", "--output", path);
  assert.deepEqual([code, log], [0, `3 events, 0.0 MB in ${path}\n`]);
  assert.equal(readFileSync(path, "utf8"), await exported());
  const failed = await relay("export", "--output", join(cwd, "missing", "events.ndjson"));
  assert.equal(failed.code, 1);
  assert.match(failed.log, /^\S+missing\S+events\.ndjson: no such file or directory\n$/);
});

test("a terminal is shown nothing that it would obey, and progress only beside a file", {
  skip: noTerminal,
}, async () => {
  const shown = (...args: string[]) =>
    inTerminal([process.execPath, file, "export", ...args], { columns: 80, cwd, environment: environment() });
  const events = shown();
  assert.equal(await events.ended, 0);
  assert.ok(!events.log().includes("\u009b"));
  assert.equal(events.log().trimEnd().split("\n").length, 3);
  const saved = shown("--output", "events.ndjson");
  assert.equal(await saved.ended, 0);
  assert.match(saved.log(), /3 events, 0\.0 MB in events\.ndjson\n$/);
});

const line = (at: string) =>
  `${JSON.stringify({ id: "evt_1", receivedAt: at, body: { x: '"receivedAt":"no"' } })}\n`;
const at = "2026-11-27T04:00:00.000Z";

test("an export that stops or breaks off ends with 1, and says how to go on", async () => {
  const stopped = await server((_, response) => {
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    response.end(
      `${line(at)}${JSON.stringify({ error: { code: "export_stopped", message: "a shard is silent" } })}\n`,
    );
  });
  const { code, log } = await relay("export", "--url", stopped);
  assert.equal(code, 1);
  assert.equal(
    log,
    `${line(at)}a shard is silent; 1 event exported; the rest: --since ${at}, which repeats the last one\n`,
  );
  const broken = await server((_, response) => {
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    response.write(line(at), () => response.destroy());
  });
  const end = await relay("export", "--url", broken, "--output", "broken.ndjson");
  assert.equal(end.code, 1);
  assert.equal(
    end.log,
    `${broken} broke the connection off; 1 event exported; the rest: --since ${at}, which repeats the last one\n`,
  );
  assert.equal(readFileSync(join(cwd, "broken.ndjson"), "utf8"), line(at));
});

test("a slow reader holds the gateway back, and one that has enough ends the export quietly", {
  skip: process.platform === "win32",
}, async () => {
  let written = 0;
  const page = line(at).repeat(1_000);
  const url = await server((_, response) => {
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    const more = () => {
      while (!response.destroyed) {
        written += page.length;
        if (!response.write(page)) return;
      }
    };
    response.on("drain", more);
    more();
  });
  const child = spawn(process.execPath, [file, "export", "--url", url], {
    cwd,
    env: { ...process.env, ...environment(), TIM_RELAY_URL: url },
    stdio: ["ignore", "pipe", "pipe"],
  });
  after(() => child.kill("SIGKILL"));
  const errors = text(child.stderr);
  // Nothing reads yet: what is on the way fills the pipe and the buffers of two sockets.
  let before = -1;
  while (before !== written || written === 0) {
    before = written;
    assert.ok(written < 64 * 2 ** 20, `${written} bytes are on their way`);
    // Only time shows that nothing more is written.
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  child.stdout.once("data", () => child.stdout.destroy());
  const [code] = await new Promise<[number | null]>((resolve) =>
    child.once("exit", (code) => resolve([code])),
  );
  assert.equal(code, 0);
  assert.equal(await errors, "");
});

test("Ctrl-C ends an export with 130 behind a whole line, and it says how to go on", {
  skip: process.platform === "win32",
}, async () => {
  const url = await server((_, response) => {
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    response.write(line(at));
  });
  const program = start("export", "--url", url);
  await program.seen(/evt_1/);
  process.kill(program.pid, "SIGINT");
  assert.equal(await program.ended, 130);
  const more = `1 event exported; the rest: --since ${at}, which repeats the last one\n`;
  assert.equal(program.log(), line(at) + more);
});
