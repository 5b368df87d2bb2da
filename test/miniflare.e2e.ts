/**
 * The production build in Miniflare, which teams use to try their Workers together. Most other tests of the built Worker
 * run it on workerd as `npm run serve` does, which starts sooner and can be killed.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { callbackToken, queryOf, signed } from "./support/callbacks.ts";
import { adminToken } from "./support/client.ts";
import { startMiniflare } from "./support/miniflare.ts";
import { type Received, startReceiver } from "./support/receiver.ts";

test("Miniflare runs the build: an event is kept, forwarded, and still there after a restart", async () => {
  const receiver = await startReceiver();
  const rules = [{ name: "audit", url: receiver.url }];
  const first = await startMiniflare(rules);
  await first.sendAll([{ label: "kept" }]);
  const [{ id }] = (await receiver.requests(1)) as [Received];
  await first.miniflare.dispose();

  const second = await startMiniflare(rules, { storage: first.storage });
  const event = await second.event(id);
  assert.equal(event.platform, "kept");
});

test("Miniflare serves the page, its files and the documents", async () => {
  const { url } = await startMiniflare([]);
  const page = await fetch(url);
  assert.match(page.headers.get("content-security-policy")!, /^default-src 'none'/);
  const [, script] = /src="([^"]+\.js)"/.exec(await page.text())!;
  const file = await fetch(url + script);
  assert.deepEqual(
    [file.status, file.headers.get("cache-control")],
    [200, "public, max-age=31536000, immutable"],
  );
  assert.equal((await fetch(`${url}/index.html`)).status, 404);
  const document = await fetch(`${url}/openapi.json`);
  assert.equal(document.headers.get("content-type"), "application/json");
  assert.match(await document.text(), /^\{"openapi":"3\.1/);
});

test("an isolate that knows fewer shards than there are by now erases and replays on all of them", async () => {
  const receiver = await startReceiver();
  const before = await startMiniflare([{ name: "audit", url: receiver.url }], { deployed: { after: "3" } });
  await before.events();
  // From here on there are three shards, and the first isolate has heard of one.
  const after = await before.miniflare.getWorker("after");
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
