/**
 * The production build in Miniflare, which teams use to try their Workers together. All other tests of the built Worker
 * run it on workerd as `npm run serve` does, which starts sooner and can be killed.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Miniflare, type MiniflareOptions } from "miniflare";
import { bundle } from "../src/cli/bundle.ts";
import { app, callbackToken, queryOf, signed } from "./support/callbacks.ts";
import { adminToken, type Client, clientOf } from "./support/client.ts";
import { type Received, startReceiver } from "./support/receiver.ts";

const name = "tim-relay";
const storage = mkdtempSync(join(tmpdir(), "tim-relay-miniflare-"));
const started: Miniflare[] = [];
after(async () => {
  await Promise.all(started.map((miniflare) => miniflare.dispose().catch(() => {})));
  rmSync(storage, { recursive: true, maxRetries: 5 });
});

/**
 * @param folder of its storage
 * @param deployed further Workers over the same objects, by name, with their number of shards: later versions
 */
async function startMiniflare(
  folder: string,
  rules: readonly object[],
  deployed: Readonly<Record<string, string>> = {},
): Promise<Miniflare> {
  const build = await bundle(AbortSignal.timeout(60_000));
  const modules = build.modules.map(({ name, type }) => {
    const contents = readFileSync(join(build.dir, name));
    return [name, type === "esModule" ? { type: "esm", contents: contents.toString() } : { type, contents }];
  });
  const text = (value: string) => ({ type: "text", value }) as const;
  const objects = build.durableObjects.map(({ binding, className }) => [
    binding,
    { type: "durable-object", worker: name, exportName: className },
  ]);
  const { binding, folder: files } = build.assets!;
  const config = {
    name,
    compatibilityDate: build.compatibilityDate,
    compatibilityFlags: [...build.compatibilityFlags],
    manifest: { mainModule: build.main, modules: Object.fromEntries(modules) },
    env: {
      SDK_APP_ID: text(app),
      CALLBACK_TOKEN: text(callbackToken),
      ADMIN_TOKEN: text(adminToken),
      ALLOW_PRIVATE_DESTINATIONS: text("true"),
      FORWARD_RULES: text(JSON.stringify(rules)),
      [binding]: { type: "assets" } as const,
      ...Object.fromEntries(objects),
    },
    assets: {
      directory: join(build.dir, files),
      hasUserWorker: true,
      htmlHandling: "none",
      runWorkerFirst: true,
    },
    exports: Object.fromEntries(
      build.durableObjects.map(({ className }) => [className, { type: "durable-object", storage: "sqlite" }]),
    ),
  } satisfies MiniflareOptions["workers"][number]["config"];
  const later = Object.entries(deployed).map(([name, shards]) => {
    const { exports: _, ...more } = config;
    return { config: { ...more, name, env: { ...config.env, SHARDS: text(shards) } } };
  });
  const workers = [{ config }, ...later];
  const miniflare = new Miniflare({ cf: false, resourcePersistencePath: join(storage, folder), workers });
  started.push(miniflare);
  return miniflare;
}

async function clientOfMiniflare(miniflare: Miniflare): Promise<Client> {
  const { origin } = await miniflare.ready;
  return clientOf(
    () => origin,
    () => callbackToken,
  );
}

test("Miniflare runs the build: an event is kept, forwarded, and still there after a restart", async () => {
  const receiver = await startReceiver();
  const rules = [{ name: "audit", url: receiver.url }];
  const first = await startMiniflare("one", rules);
  await (await clientOfMiniflare(first)).sendAll([{ label: "kept" }]);
  const [{ id }] = (await receiver.requests(1)) as [Received];
  await first.dispose();

  const second = await startMiniflare("one", rules);
  const event = await (await clientOfMiniflare(second)).event(id);
  assert.equal(event.platform, "kept");
});

test("Miniflare serves the page, its files and the documents", async () => {
  const miniflare = await startMiniflare("page", []);
  const { origin } = await miniflare.ready;
  const page = await fetch(origin);
  assert.match(page.headers.get("content-security-policy")!, /^default-src 'none'/);
  const [, script] = /src="([^"]+\.js)"/.exec(await page.text())!;
  const file = await fetch(origin + script);
  assert.deepEqual(
    [file.status, file.headers.get("cache-control")],
    [200, "public, max-age=31536000, immutable"],
  );
  assert.equal((await fetch(`${origin}/index.html`)).status, 404);
  const document = await fetch(`${origin}/openapi.json`);
  assert.equal(document.headers.get("content-type"), "application/json");
  assert.match(await document.text(), /^\{"openapi":"3\.1/);
});

test("an isolate that knows fewer shards than there are by now erases and replays on all of them", async () => {
  const receiver = await startReceiver();
  const miniflare = await startMiniflare("grown", [{ name: "audit", url: receiver.url }], { after: "3" });
  const before = await clientOfMiniflare(miniflare);
  await before.events();
  // From here on there are three shards, and the first isolate has heard of one.
  const after = await miniflare.getWorker("after");
  const authorization = `Bearer ${adminToken}`;
  const callback = (n: number) => `{"GroupId":"g${n}","From_Account":"lan","MsgSeqList":[{"MsgSeq":${n}}]}`;
  const query = () => queryOf({ CallbackCommand: "Group.CallbackAfterRecallMsg", ...signed(callbackToken) });
  for (let n = 0; n < 20; n++) {
    const sent = await after.fetch(`http://gateway/${query()}`, { method: "POST", body: callback(n) });
    assert.equal(sent.status, 200, await sent.text());
  }
  const seen = await after.fetch("http://gateway/api/events", { headers: { authorization } });
  const { events } = (await seen.json()) as { events: { id: string }[] };
  assert.equal(events.length, 20);
  assert.ok((await before.events()).events.length < 20, "the first isolate knows of one shard");
  await receiver.requests(20);
  const replay = { destination: "audit", since: "1h", until: "0s", dryRun: true };
  assert.deepEqual(await before.post("/api/replay", replay, 200), { matched: 20 });
  assert.equal((await before.post("/api/erase", { account: "lan" }, 202)).matched, 20);
});
