import assert from "node:assert/strict";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { freePort } from "../../src/cli/port.ts";
import { run } from "../support/program.ts";

const root = join(import.meta.dirname, "../..");

/** A copy of the project like a fresh clone. */
function clone(receiverPort: number): string {
  const folder = mkdtempSync(join(tmpdir(), "tim-relay-start-"));
  for (const name of ["src", "package.json", "wrangler.toml", "tsconfig.json", ".dev.vars.example"])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
  const example = join(folder, ".dev.vars.example");
  writeFileSync(
    example,
    readFileSync(example, "utf8").replace("localhost:8788", `localhost:${receiverPort}`),
  );
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const start = (project: string, port: string) =>
  run("start.ts", { project, cwd: project, environment: { PORT: port } });

test("on a fresh clone, a sent callback arrives verified at the receiver, and all processes stop", async () => {
  const receiverPort = await freePort("127.0.0.1", 0);
  const port = String(await freePort("localhost", 0));
  const folder = clone(receiverPort);

  const gateway = start(folder, port);
  await gateway.seen(/^Ctrl-C stops everything\.$/);
  assert.match(gateway.log(), /^made \.dev\.vars from \.dev\.vars\.example/m);
  assert.match(gateway.log(), /npm run send -- Group\.CallbackAfterRecallMsg/);
  const [, token, events] = gateway.log().match(/curl -H "Authorization: (Bearer .+)" (http:.+)$/m) ?? [];

  const environment = { PORT: port };
  const send = run("send.ts", { cwd: folder, args: ["Group.CallbackAfterRecallMsg"], environment });
  assert.equal(await send.ended, 0, send.log());
  await gateway.seen(/^✔ verified Group\.CallbackAfterRecallMsg /);
  await gateway.seen(
    / info {2}callback command=Group\.CallbackAfterRecallMsg id=\S+ phase=after result=kept ms=\d+$/,
  );
  await gateway.seen(/ info {2}attempt destination=local .*result=delivered status=204 /);
  const kept = await fetch(events ?? "", { headers: { authorization: token ?? "" } });
  assert.match(await kept.text(), /"command":"Group\.CallbackAfterRecallMsg"/);

  const code = await gateway.stop();
  if (process.platform !== "win32") assert.equal(code, 0);
  for (const url of [`http://localhost:${port}/health`, `http://127.0.0.1:${receiverPort}/`])
    await assert.rejects(fetch(url), url);
});

test("a port in use is one sentence", async () => {
  const server = createServer().listen(0, "localhost");
  await once(server, "listening");
  const address = server.address();
  assert.ok(address && typeof address === "object");
  const gateway = start(clone(await freePort("127.0.0.1", 0)), String(address.port));
  assert.equal(await gateway.ended, 1);
  await gateway.seen(
    new RegExp(`^port ${address.port} of localhost is in use by another program: .* choose another PORT$`),
  );
  server.close();
});

test("another receiver keeps its port, a real token is not shown, and the gateway starts", async () => {
  const own = createServer().listen(0, "127.0.0.1");
  await once(own, "listening");
  const address = own.address();
  assert.ok(address && typeof address === "object");
  const folder = clone(address.port);
  const settings = readFileSync(join(folder, ".dev.vars.example"), "utf8");
  writeFileSync(join(folder, ".dev.vars"), settings.replace("local-admin-token", "a-token-of-ones-own"));
  const gateway = start(folder, "0");
  await gateway.seen(
    new RegExp(`^port ${address.port} is in use by another program: that one gets the events`),
  );
  await gateway.seen(/^Ctrl-C stops everything\.$/);
  assert.match(gateway.log(), /"Authorization: Bearer \$ADMIN_TOKEN"/);
  assert.doesNotMatch(gateway.log(), /a-token-of-ones-own/);
  await gateway.stop();
  own.close();
});

test("a failure of wrangler is printed, and the exit code is 1", async () => {
  const folder = clone(await freePort("127.0.0.1", 0));
  writeFileSync(join(folder, "wrangler.toml"), "main = 7\n");
  const gateway = start(folder, "0");
  assert.equal(await gateway.ended, 1);
  await gateway.seen(/Expected "main" to be/);
  await gateway.seen(/^wrangler ended by itself \(exit code 1\)/);
});
