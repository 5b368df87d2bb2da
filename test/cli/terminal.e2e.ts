/** The commands in a terminal and in a pipe: width, colours, Ctrl-C, a reader that has enough. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import stringWidth from "string-width";
import { adminToken } from "../support/client.ts";
import { startGateway } from "../support/gateway.ts";
import { server } from "../support/other-server.ts";
import { run } from "../support/program.ts";
import { reply, startReceiver } from "../support/receiver.ts";
import { inTerminal, noTerminal } from "../support/terminal.ts";

const cwd = realpathSync(mkdtempSync(join(tmpdir(), "tim-relay-terminal-")));
after(() => rmSync(cwd, { recursive: true, maxRetries: 5 }));

const program = [process.execPath, join(import.meta.dirname, "../../src/cli/tim-relay.js")];

/** Begins whatever a terminal obeys. */
const esc = "\u001b";

const receiver = await startReceiver(reply(500, {}, "港口".repeat(100)));
const gateway = await startGateway({
  FORWARD_RULES: [
    { name: "audit", url: receiver.url },
    { name: "a-name-of-forty-characters-which-is-long", url: `${receiver.url}${"long/".repeat(30)}` },
  ],
});
await gateway.sendAll([
  { label: "港口 👩‍👩‍👧 Android", group: "@TGS#港口散步的群组名称很长很长很长" },
  { label: "iOS", group: "@TGS#2" },
]);
await gateway.destinationIs("audit", { retrying: 2 });
const { id } = (await gateway.events()).events[0]!;
const environment = { TIM_RELAY_URL: gateway.url, TIM_RELAY_TOKEN: adminToken };

const tables = [["events"], ["destinations"]];
const others = [
  ["show", id],
  ["pause", "audit"],
  ["resume", "audit"],
  ["test", "audit"],
  ["events", "--json"],
];

for (const columns of [60, 80, 200])
  test(`in a terminal of ${columns} columns, no line of a table is wider, and ids are whole`, {
    skip: noTerminal,
  }, async () => {
    for (const args of tables) {
      const terminal = inTerminal([...program, ...args], { columns, cwd, environment });
      assert.equal(await terminal.ended, 0, terminal.log());
      // The reason why something is stuck stands below the table.
      const [table = ""] = stripVTControlCharacters(terminal.log()).trimEnd().split("\n\n");
      const lines = table.split("\n");
      assert.equal(lines.length, 3, terminal.log());
      for (const line of lines) assert.ok(stringWidth(line) <= columns, `${stringWidth(line)}: ${line}`);
    }
    const terminal = inTerminal([...program, "events"], { columns, cwd, environment });
    await terminal.ended;
    assert.match(terminal.log(), new RegExp(`${id} `));
    assert.equal(terminal.log().includes("CONVERSATION"), columns === 200);
  });

test("a terminal gets colours, unless NO_COLOR is set", { skip: noTerminal }, async () => {
  for (const args of [...tables, ["show", id]]) {
    const coloured = inTerminal([...program, ...args], { columns: 80, cwd, environment });
    await coloured.ended;
    assert.ok(coloured.log().includes(esc), args.join(" "));
    const plain = inTerminal([...program, ...args], {
      columns: 80,
      cwd,
      environment: { ...environment, NO_COLOR: "1" },
    });
    await plain.ended;
    assert.ok(!plain.log().includes(esc), args.join(" "));
  }
});

test("a pipe gets every text whole and without colours", async () => {
  for (const args of [...tables, ...others]) {
    const piped = run("tim-relay.js", { cwd, args, environment });
    await piped.ended;
    assert.ok(!piped.log().includes(esc), args.join(" "));
    assert.doesNotMatch(piped.log(), /…/, args.join(" "));
  }
});

test("a reader that has enough ends a command quietly", { skip: process.platform === "win32" }, async () => {
  const { events } = await gateway.events();
  const page = JSON.stringify({ events: Array(100).fill(events).flat(), cursor: "on" });
  const url = await server((_, response) =>
    response.writeHead(200, { "content-type": "application/json" }).end(page),
  );
  for (const format of ["", "--json"]) {
    const line = `'${program.join("' '")}' events --all ${format} --url ${url} | head -n 3`;
    const child = spawn("sh", ["-c", line], { cwd, stdio: ["ignore", "pipe", "pipe"], detached: true });
    after(() => child.exitCode === null && process.kill(-child.pid!, "SIGKILL"));
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
    assert.equal(output.trimEnd().split("\n").length, 3);
    assert.equal(errors, "");
  }
});

test("Ctrl-C ends a command with 130, and says nothing", { skip: process.platform === "win32" }, async () => {
  const asked = Promise.withResolvers<void>();
  const url = await server(() => asked.resolve());
  const child = spawn(program[0]!, [program[1]!, "events", "--url", url], { cwd, stdio: "pipe" });
  after(() => child.kill("SIGKILL"));
  const [output, errors] = [text(child.stdout), text(child.stderr)];
  await asked.promise;
  child.kill("SIGINT");
  assert.deepEqual(await once(child, "exit"), [130, null]);
  assert.equal((await output) + (await errors), "");
});
