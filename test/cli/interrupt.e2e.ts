/** Ctrl-C in a terminal: each program ends with 130, says what goes on, and leaves the cursor at the beginning of a line. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import stringWidth from "string-width";
import { adminToken } from "../support/client.ts";
import { program } from "../support/command.ts";
import { startGateway } from "../support/gateway.ts";
import { withTimes } from "../support/moment.ts";
import { server } from "../support/other-server.ts";
import { startReceiver } from "../support/receiver.ts";
import { inTerminal, noTerminal, type Terminal } from "../support/terminal.ts";
import { until } from "../support/until.ts";

const cwd = realpathSync(mkdtempSync(join(tmpdir(), "tim-relay-interrupt-")));
after(() => rmSync(cwd, { recursive: true, maxRetries: 5 }));

const ctrlC = "\u0003";

const receiver = await startReceiver();
const gateway = await startGateway({ FORWARD_RULES: [{ name: "harbour", url: receiver.url }] });
await gateway.sendAll([
  { label: "one", group: "@TGS#港口散步的群组名称很长很长很长很长很长" },
  { label: "two", group: "@TGS#2" },
]);
await gateway.destinationIs("harbour", { delivered: 2 });

function started(args: readonly string[], environment: Record<string, string> = {}, columns = 80): Terminal {
  const all = { TIM_RELAY_URL: gateway.url, TIM_RELAY_TOKEN: adminToken, ...environment };
  return inTerminal([process.execPath, program, ...args], { columns, cwd, environment: all });
}

/** Types Ctrl-C. Answers the lines after it, and fails unless the program ends with 130 at the beginning of a line. */
async function interrupted(terminal: Terminal): Promise<string[]> {
  terminal.type(ctrlC);
  assert.equal(await terminal.ended, 130, terminal.log());
  const { lines, cursor } = await terminal.screen();
  assert.deepEqual(cursor, { x: 0, y: lines.length }, JSON.stringify(lines));
  const at = lines.findIndex((line) => line.endsWith("^C"));
  assert.ok(at >= 0, JSON.stringify(lines));
  return lines.slice(at + 1);
}

/** A server that takes requests and does not answer them, and the first request. */
async function silent(answer: RequestListener = () => {}) {
  const asked = Promise.withResolvers<void>();
  const url = await server((request, response) => {
    asked.resolve();
    answer(request, response);
  });
  return { url, asked: asked.promise };
}

const options = { skip: noTerminal };

test("a command that waits for its answer says nothing more", options, async () => {
  for (const args of [
    ["events"],
    ["doctor"],
    ["send", "State.StateChange", "--wait", "0"],
    ["rules", "test", "--last", "5"],
  ]) {
    const { url, asked } = await silent();
    const terminal = started([...args, "--url", url]);
    await asked;
    assert.deepEqual(await interrupted(terminal), [], args.join(" "));
  }
});

test("a server of agents ends", options, async () => {
  const terminal = started(["mcp"]);
  terminal.type('{"jsonrpc":"2.0","id":1,"method":"ping"}\n');
  await until("it answers", () => /"result"/.test(terminal.log()));
  assert.deepEqual(await interrupted(terminal), []);
});

test("a tail ends behind whole lines, which fit the terminal as it is made narrower", options, async () => {
  const terminal = started(["tail", "--since", "1h"], { NO_COLOR: "1" }, 100);
  const event = withTimes(/^<time> {2}evt_/);
  /** The lines of the terminal that begin an event. One that the terminal had to break has another behind it. */
  const shown = async () => (await terminal.screen()).lines.filter((line) => event.test(line));
  await until("both events are shown", async () => (await shown()).length === 2);
  const wide = (await terminal.screen()).lines;
  assert.match(wide.join("\n"), /group:@TGS#港口散步.*…$/m);
  terminal.resize(88);
  // The terminal breaks the lines that it has.
  const before = (await terminal.screen()).lines.length;
  await gateway.sendAll([{ label: "three", group: "@TGS#散步散步散步散步散步散步散步散步散步散步散步散步" }]);
  await until("its delivery is shown", async () => / → harbour delivered$/.test((await shown()).at(-1)!));
  const { lines } = await terminal.screen();
  assert.equal(lines.length, before + 2, lines.join("\n"));
  assert.match(lines.at(-2)!, /group:@TGS#散步散…$/);
  assert.ok(stringWidth(lines.at(-2)!) <= 88);
  assert.deepEqual(await interrupted(terminal), []);
  assert.ok(!terminal.log().includes("\u001b"));
});

test("an export ends behind a whole line, and says how to go on", options, async () => {
  const line = (n: number) => `{"id":"evt_${n}","receivedAt":"2026-11-27T04:00:0${n}.000Z","body":{}}\n`;
  const { url } = await silent((_, response) => {
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    response.write(line(1));
    setTimeout(() => response.write(line(2) + line(3).slice(0, 20)), 300);
  });
  const terminal = started(["export", "--output", "events.ndjson", "--url", url]);
  await until("two events are exported", () => /2 events/.test(terminal.log()));
  const rest = await interrupted(terminal);
  assert.equal(
    rest.join(" "),
    "2 events exported; the rest: --since 2026-11-27T04:00:02.000Z, which repeats the last one",
  );
  assert.equal(readFileSync(join(cwd, "events.ndjson"), "utf8"), line(1) + line(2));
});

test(
  "a replay goes on at the gateway, and its bar stays on one line, also of a narrower terminal",
  options,
  async () => {
    await gateway.pause("harbour");
    const terminal = started(["replay", "--destination", "harbour", "--since", "1h"], { NO_COLOR: "1" });
    await until("it waits", () => / waits: harbour is paused/.test(terminal.log()));
    const barOf = async () => {
      const { lines, cursor } = await terminal.screen();
      return { bar: lines.at(-1)!, above: lines.at(-2)!, cursor, count: lines.length };
    };
    await until("the bar gives the reason", async () => /^harbour ░.*paused/.test((await barOf()).bar));
    const wide = await barOf();
    assert.equal(wide.cursor.y, wide.count - 1);
    terminal.resize(40);
    const written = terminal.log().length;
    await until(
      "the bar is written again twice",
      () => terminal.log().slice(written).split("░".repeat(20)).length > 2,
    );
    const narrow = await barOf();
    assert.match(narrow.bar, /^harbour ░{20} 0 %, 0 of … *$|^harbour ░{20} .*…$/);
    assert.equal(narrow.cursor.y, narrow.count - 1);
    const rest = (await interrupted(terminal)).join(" ");
    const [, id] =
      /^(rpl_\w+) goes on at the gateway: npx tim-relay replay --watch \1, or --cancel \1$/.exec(rest) ?? [];
    assert.ok(id, rest);
    assert.ok(!terminal.log().includes("\u001b"));
    assert.equal((await gateway.get(`/api/replays/${id}`)).state, "running");
    await gateway.resume("harbour");
  },
);

test("an order that has no answer yet may have begun", options, async () => {
  const { url } = await silent((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      if (!body.includes("dryRun")) ordered.resolve();
      else response.setHeader("content-type", "application/json").end('{"matched":5}');
    });
  });
  const ordered = Promise.withResolvers<void>();
  const terminal = started(["replay", "--destination", "a", "--since", "1h", "--url", url]);
  await ordered.promise;
  assert.equal(
    (await interrupted(terminal)).join(" "),
    `the replay may have begun at the gateway: npx tim-relay replay --list --url ${url}`,
  );
});

test("serve stops in order", options, async () => {
  const terminal = started(["serve"], { PORT: "0", DATA_DIR: join(cwd, "data"), SDK_APP_ID: "1400000000" });
  await terminal.seen(/^listening on /);
  const rest = await interrupted(terminal);
  assert.match(rest.join(" "), /^stopping: posts under way end first; /);
});
