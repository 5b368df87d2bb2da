/** `tim-relay/client` as another project uses it. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { adminToken } from "../support/client.ts";
import { startGateway } from "../support/gateway.ts";

const root = join(import.meta.dirname, "../..");
const project = realpathSync(mkdtempSync(join(tmpdir(), "tim-relay-client-")));
after(() => rmSync(project, { recursive: true, force: true }));

/** Every `@ts-expect-error` must be an error. */
const program = `
import { ApiError, connect, type Event } from "tim-relay/client";

const relay = connect({ url: process.env.GATEWAY ?? "", token: process.env.TOKEN ?? null });
const found: Event[] = [];
for await (const { events } of relay.pages("/api/events", { query: { limit: 1 } })) found.push(...events);
const { body } = await relay.get("/api/events/{id}", { path: { id: found[0]!.id } });
console.log(found.length, body?.GroupId);
for await (const line of relay.tail({ since: "1h" })) {
  if (line.type === "event") console.log(line.event.id === found.at(-1)?.id);
  break;
}
try {
  await relay.post("/api/destinations/{name}/pause", { path: { name: "nobody" } });
} catch (error) {
  if (error instanceof ApiError) console.log(error.code, error.status);
}

export async function wrong(): Promise<void> {
  // @ts-expect-error: there is no such path
  await relay.get("/api/event");
  // @ts-expect-error: it takes GET alone
  await relay.post("/api/events");
  // @ts-expect-error: its path has a parameter
  await relay.get("/api/events/{id}");
  // @ts-expect-error: there is no such filter
  await relay.get("/api/events", { query: { colour: "red" } });
  // @ts-expect-error: a replay needs a destination
  await relay.post("/api/replay", { body: { since: "1h" } });
  // @ts-expect-error: a destination is no list of pages
  relay.pages("/api/destinations");
}
`;

const [{ filename }] = JSON.parse(
  execFileSync("npm", ["pack", "--json", "--pack-destination", project], {
    cwd: root,
    encoding: "utf8",
    shell: process.platform === "win32",
  }),
);
const installed = join(project, "node_modules/tim-relay");
mkdirSync(installed, { recursive: true });
execFileSync("tar", ["xzf", filename, "-C", installed, "--strip-components=1"], { cwd: project });
mkdirSync(dirname(join(project, "node_modules/@types/node")), { recursive: true });
symlinkSync(join(root, "node_modules/@types/node"), join(project, "node_modules/@types/node"), "junction");

for (const [module, resolution] of [
  ["node16", "node16"],
  ["nodenext", "nodenext"],
  ["esnext", "bundler"],
] as const)
  test(`a program with the client compiles strictly: ${resolution}`, () => {
    writeFileSync(join(project, "ask.mts"), program);
    const tsc = join(root, "node_modules/@typescript/native/bin/tsc");
    const options = ["--strict", "--exactOptionalPropertyTypes", "--target", "es2022", "--types", "node"];
    const args = [
      tsc,
      ...options,
      "--ignoreConfig",
      "--module",
      module,
      "--moduleResolution",
      resolution,
      "ask.mts",
    ];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: project, encoding: "utf8" });
    assert.equal(stdout + stderr, "");
  });

test("the program of the package says that it takes a checkout", () => {
  const path = join(installed, "src/cli/tim-relay.js");
  const { stderr, status } = spawnSync(process.execPath, [path, "events"], { encoding: "utf8" });
  assert.match(stderr, /^[^\n]+ runs in a checkout of the project\n$/);
  assert.equal(status, 1);
});

test("the compiled program asks a gateway", async () => {
  const gateway = await startGateway();
  await gateway.sendAll([
    { label: "one", group: "@TGS#1" },
    { label: "two", group: "@TGS#2" },
  ]);
  const { stdout, stderr } = spawnSync(process.execPath, ["ask.mjs"], {
    cwd: project,
    encoding: "utf8",
    env: { ...process.env, GATEWAY: gateway.url, TOKEN: adminToken },
    timeout: 120_000,
  });
  assert.equal(stderr, "");
  assert.equal(stdout, "2 @TGS#2\ntrue\nunknown_destination 404\n");
});
