import assert from "node:assert/strict";
import { once } from "node:events";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { localSample } from "../../src/cli/local-sample.ts";
import { freePort } from "../../src/cli/port.ts";
import { documentedBlocks } from "../support/documented-blocks.ts";
import { withoutSpans } from "../support/moment.ts";
import { server } from "../support/other-server.ts";
import { unusedPort } from "../support/port.ts";
import { run } from "../support/program.ts";
import { inTerminal, noTerminal } from "../support/terminal.ts";
import { until } from "../support/until.ts";

const root = join(import.meta.dirname, "../..");

/** A copy of the project like a fresh clone. */
function clone(receiverPort: number): string {
  const folder = mkdtempSync(join(tmpdir(), "tim-relay-start-"));
  for (const name of [
    "src",
    "package.json",
    "wrangler.toml",
    "tsconfig.json",
    "tsconfig.dashboard.json",
    ".dev.vars.example",
  ])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  mkdirSync(join(folder, "docs"));
  cpSync(join(root, "docs/openapi.json"), join(folder, "docs/openapi.json"));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
  const example = join(folder, ".dev.vars.example");
  writeFileSync(
    example,
    readFileSync(example, "utf8").replaceAll("localhost:8788", `localhost:${receiverPort}`),
  );
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const start = (project: string, port: string) =>
  run("tim-relay.js", { project, cwd: project, args: ["start"], environment: { PORT: port } });

/** A text of the program without what differs from run to run. */
function withoutRun(text: string): string {
  return withoutSpans(text.replace(/\bevt_\w+/g, "ID"));
}

/** A busy machine takes longer than the usual two seconds to show the outcome. */
const wait = ["--wait", "60"];

/** A started gateway on a fresh clone, and ways to send to it and to change it. */
async function started() {
  const receiverPort = await unusedPort();
  const port = String(await unusedPort("localhost"));
  const folder = clone(receiverPort);
  const gateway = start(folder, port);
  await gateway.seen(/^Ctrl-C stops everything\.$/);
  const devVars = join(folder, ".dev.vars");
  return {
    gateway,
    folder,
    receiverPort,
    url: `http://localhost:${port}`,
    /** Sends a callback as a user does. Resolves with the printed answer. */
    async send(command: string, ...args: string[]) {
      const sent = run("tim-relay.js", {
        cwd: folder,
        args: ["send", command, ...args],
        environment: { PORT: port },
      });
      await sent.ended;
      return sent.log();
    },
    /** Edits the settings. Resolves when the gateway has said what becomes of it. */
    async edit(change: (settings: string) => string, said: RegExp) {
      const before = gateway.log().length;
      writeFileSync(devVars, change(readFileSync(devVars, "utf8")));
      await until(`the gateway says ${said}`, () => said.test(gateway.log().slice(before)));
    },
    behave: (word: string) => fetch(`http://localhost:${receiverPort}/-/behave/${word}`, { method: "POST" }),
  };
}

/** One gateway for the tests that leave it as it was, and for the one that ends it. A start takes seconds. */
const shared = await started();

test("on a fresh clone, a sent callback arrives verified at the receiver, and all processes stop", async () => {
  const receiverPort = await unusedPort();
  const port = String(await unusedPort("localhost"));
  const folder = clone(receiverPort);

  const gateway = start(folder, port);
  await gateway.seen(/^Ctrl-C stops everything\.$/);
  assert.match(gateway.log(), /^made \.dev\.vars from \.dev\.vars\.example/m);
  assert.match(gateway.log(), /npm run send -- Group\.CallbackAfterRecallMsg/);
  assert.match(gateway.log(), new RegExp(`^  http://localhost:${port}/#token=local-admin-token$`, "m"));
  const [, token, events] = gateway.log().match(/curl -H "Authorization: (Bearer .+)" (http:.+)$/m) ?? [];

  const environment = { PORT: port };
  const send = run("tim-relay.js", {
    cwd: folder,
    args: ["send", "Group.CallbackAfterRecallMsg", ...wait],
    environment,
  });
  assert.equal(await send.ended, 0, send.log());
  const printed = gateway
    .log()
    .replaceAll(` --url http://localhost:${port}`, "")
    .replaceAll(`:${port}`, ":8787")
    .replaceAll(`:${receiverPort}`, ":8788");
  const [started = "", sent = ""] = documentedBlocks("README.md", "console").map(({ text }) => text);
  for (const line of started.trimEnd().split("\n").slice(1)) assert.ok(printed.includes(`${line}\n`), line);
  assert.equal(withoutRun(send.log()), withoutRun(sent.replace(/^\$ .*\n/, "")));
  await gateway.seen(/^✔ verified Group\.CallbackAfterRecallMsg /);
  await gateway.seen(/^[\d:]{8} ● Group\.CallbackAfterRecallMsg kept as \S+, \d+ ms$/);
  await gateway.seen(/^[\d:]{8} → local has Group\.CallbackAfterRecallMsg \S+: 204 in \d+ ms$/);
  const kept = await fetch(events ?? "", { headers: { authorization: token ?? "" } });
  assert.match(await kept.text(), /"command":"Group\.CallbackAfterRecallMsg"/);

  const code = await gateway.stop();
  if (process.platform !== "win32") assert.equal(code, 0);
  for (const url of [`http://localhost:${port}/health`, `http://127.0.0.1:${receiverPort}/`])
    await assert.rejects(fetch(url), url);
});

test("a port in use is one sentence", async () => {
  const other = createServer().listen(0, "localhost");
  after(() => other.close());
  await once(other, "listening");
  const address = other.address();
  assert.ok(address && typeof address === "object");
  const gateway = start(clone(await unusedPort()), String(address.port));
  assert.equal(await gateway.ended, 1);
  await gateway.seen(
    new RegExp(`^port ${address.port} of localhost is in use by another program: .* choose another PORT$`),
  );
});

test("another receiver keeps its port, a real token is not shown, and the gateway starts", async () => {
  const { port } = new URL(await server(() => {}));
  const folder = clone(Number(port));
  const settings = localSample(readFileSync(join(folder, ".dev.vars.example"), "utf8"));
  writeFileSync(join(folder, ".dev.vars"), settings.replace("local-admin-token", "a-token-of-ones-own"));
  const gateway = start(folder, "0");
  await gateway.seen(new RegExp(`^port ${port} is in use by another program: that one gets the events`));
  await gateway.seen(/^Ctrl-C stops everything\.$/);
  assert.match(gateway.log(), /"Authorization: Bearer \$ADMIN_TOKEN"/);
  assert.doesNotMatch(gateway.log(), /a-token-of-ones-own/);
  await gateway.stop();
});

test("with a binding of a Worker that does not run, the gateway starts, and its verdicts are the default", async () => {
  const receiverPort = await unusedPort();
  const port = String(await unusedPort("localhost"));
  const folder = clone(receiverPort);
  appendFileSync(
    join(folder, "wrangler.toml"),
    '\n[[services]]\nbinding = "MODERATION"\nservice = "moderation"\n',
  );
  const example = join(folder, ".dev.vars.example");
  const settings = readFileSync(example, "utf8").replace(/"ask":"[^"]*"/, '"ask":"service:MODERATION"');
  writeFileSync(example, settings);
  const gateway = start(folder, port);
  await gateway.seen(/^Ctrl-C stops everything\.$/);
  const send = run("tim-relay.js", {
    cwd: folder,
    args: ["send", "Group.CallbackBeforeSendMsg", ...wait],
    environment: { PORT: port },
  });
  assert.equal(await send.ended, 0, send.log());
  assert.match(send.log(), /allowed by rule verdicts, .*: its backend answered with an error/);
  await gateway.stop();
});

test("a failure of wrangler is printed, and the exit code is 1", async () => {
  const folder = clone(await unusedPort());
  writeFileSync(join(folder, "wrangler.toml"), "main = 7\n");
  const gateway = start(folder, "0");
  assert.equal(await gateway.ended, 1);
  await gateway.seen(/Expected "main" to be/);
  await gateway.seen(/^the development server ended by itself \(exit code 1\)/);
});

test("changed settings are taken, a mistake keeps the old ones, and a rule may send to another port", async () => {
  const { gateway, folder, receiverPort, send, edit } = await started();
  await edit((text) => text.replace("=1400000000", "=1400000001"), /uses the new settings/);
  assert.match(await send("State.StateChange"), /^200 /);
  await gateway.seen(/^✔ verified State\.StateChange /);

  await edit((text) => text.replace("=[{", "=[["), /the gateway keeps the settings that it has/);
  assert.match(gateway.log(), /^✘ FORWARD_RULES: is not JSON/m);
  assert.match(await send("Group.CallbackAfterRecallMsg", "--app", "1400000001"), /^200 /);
  await gateway.seen(/^✔ verified Group\.CallbackAfterRecallMsg /);

  const userFile = join(folder, "tim-relay.jsonc");
  writeFileSync(userFile, "{");
  await gateway.seen(/^✘ tim-relay\.jsonc:1: is not JSON/);
  writeFileSync(userFile, '{\n"vars": { "SHARDS": 0 } }');
  await gateway.seen(/^✘ tim-relay\.jsonc:2: vars\.SHARDS: expected/);
  rmSync(userFile);

  const other = await unusedPort();
  await edit(
    (text) => text.replace("=[[", "=[{").replaceAll(`:${receiverPort}/`, `:${other}/`),
    new RegExp(`uses the new settings, and the receiver is on http://localhost:${other}/`),
  );
  assert.match(await send("Group.CallbackAfterGroupDestroyed"), /^200 /);
  await gateway.seen(/^✔ verified Group\.CallbackAfterGroupDestroyed /);
  await assert.rejects(fetch(`http://127.0.0.1:${receiverPort}/`));
  await gateway.stop();
});

test("a rule that sends to a program of the user's leaves its port free, and the receiver decides on", async () => {
  const { gateway, folder, receiverPort, url, send, edit } = await started();
  const port = await unusedPort();
  const own = `http://localhost:${port}/`;
  const asked = `http://localhost:${receiverPort}/verdict`;
  await edit(
    (text) => text.replace(`"url":"http://localhost:${receiverPort}/"`, `"url":"${own}"`),
    new RegExp(`uses the new settings, and the receiver is on ${asked}`),
  );
  await server((_, response) => response.writeHead(204).end(), port);
  assert.match(
    await send("Group.CallbackBeforeSendMsg", ...wait),
    /allowed by rule verdicts, .*: its backend answered$/m,
  );
  await gateway.seen(/^[\d:]{8} → local has Group\.CallbackBeforeSendMsg \S+: 204 in \d+ ms$/);
  await gateway.stop();

  const next = start(folder, new URL(url).port);
  await next.seen(new RegExp(`^port ${port} is in use by another program: that one gets .* rule "local"$`));
  await next.seen(new RegExp(`^Before-callbacks are decided at ${asked}, whose receiver`));
  await next.stop();
});

test("the page is built, and anew after a change of its sources; a mistake keeps the last one", async () => {
  const { gateway, folder, url } = shared;
  const script = async () => {
    const page = await fetch(url).then((answer) => answer.text());
    return /src="([^"]+\.js)"/.exec(page)?.[1] ?? "";
  };
  const first = await script();
  assert.equal((await fetch(url + first)).status, 200);
  const source = join(folder, "src/dashboard/main.tsx");
  const text = readFileSync(source, "utf8");
  writeFileSync(source, `${text}(`);
  await gateway.seen(
    /^✘ the dashboard cannot be built: src\/dashboard\/main\.tsx:\d+: Unexpected end of file$/,
  );
  assert.equal(await script(), first);
  writeFileSync(source, `${text}document.title = "changed";`);
  // The runtime learns of the page and of its script one after the other.
  await until("the page has the changed script", async () => {
    const name = await script().catch(() => first);
    return name !== first && /document\.title="changed"/.test(await (await fetch(url + name)).text());
  });
});

test("a receiver that is told to fail gets the event again, and refuses before-callbacks when told to", async () => {
  const { gateway, send, behave } = shared;
  await behave("fail");
  await send("Group.CallbackAfterRecallMsg");
  await gateway.seen(/^[\d:]{8} ✘ local has not got Group\.\S+ \S+: answered 500, attempt 1, again in \d s$/);
  await behave("ok");
  await gateway.seen(/^[\d:]{8} → local has Group\.CallbackAfterRecallMsg \S+: 204 in \d+ ms$/);

  assert.match(await send("Group.CallbackBeforeSendMsg"), /"ErrorCode":0/);
  await behave("refuse");
  assert.match(await send("Group.CallbackBeforeSendMsg"), /"ErrorCode":1/);
  await gateway.seen(/ ● Group\.CallbackBeforeSendMsg refused with code 1 \(rule verdicts, answered\)/);
});

test("each refusal is a readable line with a hint", async () => {
  const { gateway, send } = shared;
  await send("State.StateChange", "--app", "1400000009");
  await gateway.seen(/ ✘ a callback was refused, 403: SdkAppid is not an app of ours\. SDK_APP_ID /);
  await send("State.StateChange", "--token", "wrong");
  await gateway.seen(/ ✘ a callback was refused, 403: Sign .* CALLBACK_TOKEN/);
  await send("Group.CallbackAfterRecallMsg", "--set", "GroupId=1.5");
  await gateway.seen(/ ✘ a callback was quarantined: .*GroupId: expected .* docs\/commands\.md /);
  assert.doesNotMatch(gateway.log(), /^\{/m);
});

test("nothing goes on when npm start is killed, and the next start has its port", {
  skip: process.platform === "win32" && "Windows ends the whole tree",
}, async () => {
  const { gateway, url, receiverPort } = shared;
  process.kill(gateway.pid, "SIGKILL");
  // The output is open as long as one of its processes lives.
  await gateway.ended;
  for (const gone of [`${url}/health`, `http://127.0.0.1:${receiverPort}/`])
    await assert.rejects(fetch(gone), gone);
  await freePort("localhost", Number(new URL(url).port));
});

test("Ctrl-C in a terminal ends npm start, and all that it has started", { skip: noTerminal }, async () => {
  const receiverPort = await unusedPort();
  const port = String(await unusedPort("localhost"));
  const cwd = clone(receiverPort);
  const terminal = inTerminal(["npm", "start"], { columns: 120, cwd, environment: { PORT: port } });
  await terminal.seen(/^Ctrl-C stops everything\.\s*$/);
  terminal.type("\u0003");
  assert.equal(await terminal.ended, 130, terminal.log());
  assert.doesNotMatch(terminal.log(), /npm (error|ERR!)/);
  for (const gone of [`http://localhost:${port}/health`, `http://127.0.0.1:${receiverPort}/`])
    await assert.rejects(fetch(gone), gone);
});

test("a start ends the runtime that is left of one whose processes were all killed", {
  skip: process.platform !== "linux" && "the processes of a group are found in /proc",
}, async () => {
  const { gateway, folder, url } = await started();
  const { port } = new URL(url);
  const server = Number(readFileSync(join(folder, ".wrangler/development.pid"), "utf8"));
  // A server that learns of its parent's end stops in order, and its runtime with it.
  process.kill(server, "SIGSTOP");
  for (const pid of [gateway.pid, server]) process.kill(pid, "SIGKILL");
  await gateway.exited;
  // The runtime goes on without them. The bundler may as well: it hangs at times when its parent is killed.
  await assert.rejects(freePort("localhost", Number(port)), /in use/);
  const next = start(folder, port);
  await next.seen(/^Ctrl-C stops everything\.$/);
  await next.stop();
});
