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
import { app, callbackToken } from "./support/callbacks.ts";
import { adminToken, type Client, clientOf } from "./support/client.ts";
import { type Received, startReceiver } from "./support/receiver.ts";

const name = "tim-relay";
const storage = mkdtempSync(join(tmpdir(), "tim-relay-miniflare-"));
const started: Miniflare[] = [];
after(async () => {
  await Promise.all(started.map((miniflare) => miniflare.dispose().catch(() => {})));
  rmSync(storage, { recursive: true, maxRetries: 5 });
});

async function startMiniflare(rules: readonly object[]): Promise<Miniflare> {
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
      ...Object.fromEntries(objects),
    },
    exports: Object.fromEntries(
      build.durableObjects.map(({ className }) => [className, { type: "durable-object", storage: "sqlite" }]),
    ),
  } satisfies MiniflareOptions["workers"][number]["config"];
  const miniflare = new Miniflare({ cf: false, resourcePersistencePath: storage, workers: [{ config }] });
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
  const first = await startMiniflare(rules);
  await (await clientOfMiniflare(first)).sendAll([{ label: "kept" }]);
  const [{ id }] = (await receiver.requests(1)) as [Received];
  await first.dispose();

  const second = await startMiniflare(rules);
  const event = await (await clientOfMiniflare(second)).event(id);
  assert.equal(event.platform, "kept");
});
