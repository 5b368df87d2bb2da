import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Bundle } from "../../src/cli/bundle.ts";
import { listeningPort, startWorkerd, workerdConfig } from "../../src/cli/workerd.ts";
import { server } from "../support/other-server.ts";

const scratch = realpathSync(mkdtempSync(join(tmpdir(), "tim-relay workerd 中文-")));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** A Worker that does what the gateway needs of the runtime. */
const source = `
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
import page from "./page.html";

export class Courier extends WorkerEntrypoint {
  whatItIs() { return "an entrypoint"; }
}

export class Counter extends DurableObject {
  async count() {
    this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS visits (at)");
    this.ctx.storage.sql.exec("INSERT INTO visits VALUES (1)");
    const { visits } = this.ctx.storage.sql.exec("SELECT count(*) visits FROM visits").one();
    return { name: this.ctx.id.name, visits, inside: await this.ctx.exports.Courier.whatItIs() };
  }
  async ring() {
    const rung = new Promise((resolve) => { this.rung = resolve; });
    await this.ctx.storage.setAlarm(Date.now());
    return rung;
  }
  alarm() { this.rung("rung for " + this.ctx.id.name); }
}

export default {
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    switch (pathname) {
      case "/state": return Response.json({ ...await ctx.exports.Counter.getByName("a").count(), page });
      case "/alarm": return new Response(await env.COUNTER.getByName("b").ring());
      case "/env": return Response.json(env.SETTING);
      case "/fetch": return fetch(searchParams.get("url")).then(
        () => new Response("reached"),
        () => new Response("refused"),
      );
    }
  },
};`;

const bundle: Bundle = {
  dir: join(scratch, "bundle"),
  main: "index.js",
  modules: [
    { name: "page.html", type: "text" },
    { name: "index.js", type: "esModule" },
  ],
  compatibilityDate: "2026-10-01",
  compatibilityFlags: ["global_fetch_strictly_public"],
  durableObjects: [{ binding: "COUNTER", className: "Counter" }],
};
mkdirSync(bundle.dir);
writeFileSync(join(bundle.dir, "index.js"), source);
writeFileSync(join(bundle.dir, "page.html"), "<p>“Größe”</p>");

const running = new Set<() => void>();
after(() => {
  for (const kill of running) kill();
});

async function start(name: string, allowPrivate = false) {
  const dataDir = join(scratch, name);
  mkdirSync(dataDir, { recursive: true });
  const configPath = join(dataDir, "workerd.capnp");
  const settings = ["SETTING", "UNSET"];
  writeFileSync(
    configPath,
    workerdConfig({ bundle, dataDir, address: "127.0.0.1:0", settings, allowPrivate }),
  );
  const child = startWorkerd(configPath, bundle, { SETTING: 'a "value" with $IGNS and 中文' });
  running.add(() => child.kill("SIGKILL"));
  const url = `http://127.0.0.1:${await listeningPort(child)}`;
  return { child, url, ended: once(child, "exit") };
}

test("objects keep their data over a restart, know their name, and reach an entrypoint", async () => {
  for (const visits of [1, 2]) {
    const { child, url, ended } = await start("objects");
    assert.deepEqual(await (await fetch(`${url}/state`)).json(), {
      name: "a",
      visits,
      inside: "an entrypoint",
      page: "<p>“Größe”</p>",
    });
    child.kill("SIGKILL");
    await ended;
  }
});

test("alarms run in the object that set them", async () => {
  const { child, url, ended } = await start("alarms");
  assert.equal(await (await fetch(`${url}/alarm`)).text(), "rung for b");
  child.kill("SIGTERM");
  assert.deepEqual(await ended, [0, null]);
});

test("settings are passed through the environment unchanged", async () => {
  const { child, url, ended } = await start("settings");
  assert.equal(await (await fetch(`${url}/env`)).json(), 'a "value" with $IGNS and 中文');
  child.kill("SIGTERM");
  await ended;
});

test("private addresses are reached only if the configuration allows it", async () => {
  const address = await server((_, response) => response.end());
  for (const [allowPrivate, outcome] of [
    [false, "refused"],
    [true, "reached"],
  ] as const) {
    const { child, url, ended } = await start(`private-${allowPrivate}`, allowPrivate);
    const target = encodeURIComponent(`${address}/`);
    assert.equal(await (await fetch(`${url}/fetch?url=${target}`)).text(), outcome);
    child.kill("SIGTERM");
    await ended;
  }
});

test("a request in flight is answered after Ctrl-C and SIGTERM, then workerd ends", {
  skip: process.platform === "win32" && "Windows knows no SIGTERM",
}, async () => {
  const asked = Promise.withResolvers<() => void>();
  const address = await server((_, response) => asked.resolve(() => response.end()));

  const { child, url, ended } = await start("drain", true);
  const target = encodeURIComponent(`${address}/`);
  const answer = fetch(`${url}/fetch?url=${target}`);
  const letGo = await asked.promise;
  const idle = connect(Number(new URL(url).port), "127.0.0.1");
  idle.write("GET /env HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await once(idle, "data");
  child.kill("SIGINT");
  child.kill("SIGTERM");
  // Idle connections are closed as soon as it drains.
  await once(idle, "close");
  letGo();
  assert.equal(await (await answer).text(), "reached");
  assert.deepEqual(await ended, [0, null]);
});
