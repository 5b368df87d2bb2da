/** The programs of docs/receiving.md, behind the real gateway. Where a language is missing, its test says so. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { receiver } from "tim-relay/receiver";
import { documentedFiles } from "../support/documented-blocks.ts";
import { startGateway } from "../support/gateway.ts";
import { type Output, outputOf } from "../support/output.ts";
import { packedProject } from "../support/packed.ts";
import { unusedPort } from "../support/port.ts";
import { until } from "../support/until.ts";

const page = documentedFiles("docs/receiving.md");
const { folder } = packedProject(["express", "hono", "koa"]);
for (const [file, code] of page) writeFileSync(join(folder, file), code);
writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');

const secret = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;

interface Program {
  command: (port: number) => [string, ...string[]];
  /** Shows whether the machine has the language. */
  version: string;
}

const node = [process.execPath, "--disable-warning=ExperimentalWarning"] as const;

/** By the name of a rule. */
const programs: Record<string, Program> = {
  node: { command: () => [...node, "receive.ts"], version: "--version" },
  deno: { command: () => ["deno", "run", "--quiet", "-A", "receive.ts"], version: "--version" },
  bun: { command: () => ["bun", "receive.ts"], version: "--version" },
  go: { command: () => ["go", "run", "receive.go"], version: "version" },
  python: { command: () => ["python3", "receive.py"], version: "--version" },
  java: { command: () => ["java", "Receive.java"], version: "--version" },
  php: { command: (port) => ["php", "-S", `127.0.0.1:${port}`, "receive.php"], version: "--version" },
};

const has = ({ command, version }: Program) => spawnSync(command(0)[0], [version]).status === 0;
const missing = new Set(Object.keys(programs).filter((name) => !has(programs[name]!)));

/** A program that runs until the tests end, with its port. */
async function started({ command }: Program, AUDIT_SECRET = secret): Promise<Output & { port: number }> {
  const port = await unusedPort();
  const [name, ...args] = command(port);
  const environment = { ...process.env, AUDIT_SECRET, PORT: String(port) };
  const child = spawn(name, args, { cwd: folder, detached: true, env: environment });
  after(() => child.exitCode === null && process.kill(-child.pid!, "SIGKILL"));
  return { ...outputOf(child, command(port).join(" ")), port };
}

const running = new Map<string, Output & { port: number }>();
for (const [name, program] of Object.entries(programs))
  if (!missing.has(name)) running.set(name, await started(program));

/** Whether a program refuses a request without a signature. */
const refuses = async ({ port }: { port: number }) => {
  const answer = await fetch(`http://127.0.0.1:${port}/`, { method: "POST" }).catch(() => null);
  return answer?.status === 401;
};
// Go compiles its library at the first run.
for (const [name, program] of running)
  await until(`${name} refuses a request without a signature`, () => refuses(program), 240_000);

test("an event reaches every program, which refuse what is not signed", async (t) => {
  const gateway = await startGateway({
    FORWARD_RULES: [...running].map(([name, { port }]) => ({
      name,
      url: `http://127.0.0.1:${port}/`,
      secret,
    })),
  });
  const body =
    '{"CallbackCommand":"Group.CallbackAfterRecallMsg","GroupId":144115200000000001,"Type":"Public","MsgSeqList":[{"MsgSeq":130}]}';
  await gateway.accept("Group.CallbackAfterRecallMsg", body);
  const [event] = (await gateway.events()).events;
  for (const name of Object.keys(programs))
    await t.test(name, { skip: missing.has(name) && `${name} is not installed` }, async () => {
      const { seen } = running.get(name)!;
      const line = await seen(new RegExp(event!.id));
      assert.match(line, /Group\.CallbackAfterRecallMsg/);
      assert.match(line, /144115200000000001/);
      await gateway.destinationIs(name, { state: "up", delivered: 1, failed: 0 });
    });
});

test("without a secret no program takes what anybody could sign", async (t) => {
  for (const [name, program] of Object.entries(programs))
    await t.test(name, { skip: missing.has(name) && `${name} is not installed` }, async () => {
      const { port, ended } = await started(program, "");
      let status: number | null = null;
      let isOver = false;
      ended.then(() => (isOver = true));
      await until(
        `${name} ends or answers`,
        async () => {
          const answer = await fetch(`http://127.0.0.1:${port}/`, signed("evt_1", "")).catch(() => null);
          status = answer?.status ?? null;
          return isOver || status !== null;
        },
        60_000,
      );
      assert.ok(status === null || status >= 400, `it answers ${status}`);
    });
});

test("a before-callback is refused by the page's program", async () => {
  const { port } = await started({ command: () => [...node, "moderate.ts"], version: "--version" });
  await until("the program listens", () => refuses({ port }), 60_000);
  const gateway = await startGateway({
    FORWARD_RULES: [
      { name: "moderation", on: "*.CallbackBefore*", ask: `http://127.0.0.1:${port}/`, secret },
    ],
  });
  for (const [Text, ErrorCode] of [
    ["see http://x.example", 10_100],
    ["你好", 0],
  ] as const) {
    const MsgBody = [{ MsgType: "TIMTextElem", MsgContent: { Text } }];
    const message = { GroupId: "g", From_Account: "lan", MsgBody };
    const { text } = await gateway.accept("Group.CallbackBeforeSendMsg", message);
    assert.equal(JSON.parse(text).ErrorCode, ErrorCode, text);
  }
});

/** A request as the gateway sends it. */
function signed(id: string, key = secret) {
  const body = JSON.stringify({ id, type: "Test.Adapter", timestamp: "2026-11-22T03:00:00.000Z", data: {} });
  const seconds = String(Math.floor(Date.now() / 1000));
  const hash = createHmac("sha256", Buffer.from(key.replace("whsec_", ""), "base64"));
  const headers = {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": seconds,
    "webhook-signature": `v1,${hash.update(`${id}.${seconds}.${body}`).digest("base64")}`,
  };
  return { method: "POST", body, headers };
}

/** Programs of the page as modules: the lines that stand before them, and the names that they export. */
async function moduleOf(file: string, before: string, exported: string) {
  const path = join(folder, `module-${file}`);
  writeFileSync(path, [before, page.get(file), `export { ${exported} };`].join("\n"));
  return import(pathToFileURL(path).href);
}

const receiving = `import { listener, receiver } from "tim-relay/receiver";
const handled = [];
const receive = receiver({ secret: "${secret}", on: ({ id }) => handled.push(id) });`;

for (const [file, before] of [
  ["express.mjs", 'import express from "express";'],
  ["koa.mjs", 'import Koa from "koa";'],
] as const)
  test(`the adapter of ${file} passes events on`, async () => {
    const { app, handled } = await moduleOf(file, `${before}\n${receiving}`, "app, handled");
    const server: Server = app.listen(0, "127.0.0.1");
    after(() => server.close());
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tim`;
    assert.equal((await fetch(url, signed("evt_1"))).status, 200);
    assert.equal((await fetch(url, { method: "POST", body: "{}" })).status, 401);
    assert.deepEqual(handled, ["evt_1"]);
  });

test("the adapter of hono.mjs passes events on", async () => {
  const before = `import { Hono } from "hono";\n${receiving}`;
  const { app, handled } = await moduleOf("hono.mjs", before, "app, handled");
  const answer: Response = await app.fetch(new Request("http://localhost/tim", signed("evt_1")));
  assert.equal(answer.status, 200, await answer.text());
  assert.deepEqual(handled, ["evt_1"]);
});

for (const [file, before] of [
  [
    "redis-store.mjs",
    `const kept = new Map();
     const redis = {
       exists: async (key) => (kept.has(key) ? 1 : 0),
       async set(key, value, { EX }) {
         if (value === "" && EX > 0) kept.set(key, value);
       },
     };`,
  ],
  [
    "sql-store.mjs",
    `import { DatabaseSync } from "node:sqlite";
     const database = new DatabaseSync(":memory:");
     database.exec("CREATE TABLE handled (id TEXT PRIMARY KEY)");
     const sql = { query: async (text, values) => ({ rows: database.prepare(text.replace("$1", "?")).all(...values) }) };`,
  ],
] as const)
  test(`the store of ${file} remembers the events that were handled`, async () => {
    const { store } = await moduleOf(file, before, "store");
    const handled: string[] = [];
    const receive = receiver({ secret, store, on: ({ id }) => handled.push(id) });
    for (const id of ["evt_1", "evt_1", "evt_2"])
      assert.equal((await receive(new Request("http://localhost/", signed(id)))).status, 200);
    assert.deepEqual(handled, ["evt_1", "evt_2"]);
  });

test("the README shows the page's first program", () => {
  const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
  assert.ok(readme.includes(page.get("receive.ts")!));
});
