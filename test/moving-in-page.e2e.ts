/** The samples of docs/moving-in.md, with a stand-in for the server that receives from Tencent today. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { root } from "../src/cli/root.ts";
import { parseUserFile, partFor } from "../src/cli/user-file.ts";
import { app } from "./support/callbacks.ts";
import { documentedFiles } from "./support/documented-blocks.ts";
import { type Gateway, type Settings, startGateway } from "./support/gateway.ts";
import { outputOf } from "./support/output.ts";
import { unusedPort } from "./support/port.ts";
import { type Received, startReceiver } from "./support/receiver.ts";
import { ok, tencentServer } from "./support/tencent-server.ts";
import { until } from "./support/until.ts";

const page = documentedFiles("docs/moving-in.md");

const consoleToken = "console-token-of-today";
const secret = `whsec_${Buffer.alloc(24, 5).toString("base64")}`;

const before = "C2C.CallbackBeforeSendMsg";
const recall = "Group.CallbackAfterRecallMsg";

/** White space, an escape and a number beyond 2^53: only the same bytes are the same text. */
const question = (text: string) =>
  `{ "CallbackCommand":"${before}", "To_Account" : "siti","From_Account":"\\u006can",\n "MsgSeq":9007199254740993,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"${text}"}}]}`;
const recalled = (group: string) =>
  `{ "CallbackCommand":"${recall}","GroupId" : "${group}","Type":"Public",\n "MsgSeqList":[{"MsgSeq":9007199254740993}]}`;

/** A gateway with the settings of a sample, whose hosts are these. Both the console and the old server have the token. */
function startSample(
  file: string,
  hosts: Readonly<Record<string, string>>,
  { environment = null, ...more }: Settings & { environment?: string | null } = {},
): Promise<Gateway> {
  const { variables } = partFor(parseUserFile(file, page.get(file)!), environment);
  const text = Object.entries(hosts).reduce(
    (rules, [host, url]) => rules.replaceAll(`https://${host}`, new URL(url).origin),
    String(variables.FORWARD_RULES),
  );
  const secrets = { CALLBACK_TOKEN: consoleToken, OLD_SERVER_TOKEN: consoleToken, NEW_SECRET: secret };
  const settings = { ...variables, FORWARD_RULES: text, ...secrets, ...more };
  return startGateway(settings, { behindEdge: true });
}

/** The old server, which refuses "spam" with a code of its own, and the commands that it took for genuine. */
async function startOldServer() {
  const genuine: string[] = [];
  const answer = tencentServer(consoleToken, ({ CallbackCommand, MsgBody }) => {
    genuine.push(CallbackCommand);
    return MsgBody?.[0].MsgContent.Text === "spam" ? ok({ ErrorCode: 120001, ErrorInfo: "no ads" }) : ok();
  });
  return { ...(await startReceiver(answer)), genuine };
}

const path = "/an-unguessable-path";
const verdictOf = async (gateway: Gateway, text: string) =>
  JSON.parse((await gateway.accept(before, question(text), { path })).text);

test("a server written for Tencent gets all from the gateway that Tencent would send it", async () => {
  const old = await startOldServer();
  const gateway = await startSample("raw.jsonc", { "old.example.com": old.url });
  assert.deepEqual(await verdictOf(gateway, "hello"), ok());
  assert.deepEqual(await verdictOf(gateway, "spam"), ok({ ErrorCode: 120001, ErrorInfo: "no ads" }));
  await gateway.accept(recall, recalled("@TGS#1"), { path, query: { OptPlatform: "RESTAPI" } });
  await gateway.destinationIs("old-server", { delivered: 1, waiting: 0 });

  const bodies = old.received.map(({ body }) => body);
  assert.deepEqual(bodies, [question("hello"), question("spam"), recalled("@TGS#1")]);
  assert.deepEqual(old.genuine, [before, before, recall]);
  const query = "SdkAppid=1400000000&contenttype=json&CallbackCommand=.*&OptPlatform=RESTAPI&Sign=";
  assert.match(old.received[2]!.url, new RegExp(`^/imcallback\\?${query}`));
});

test("a receiver of signed events and a shadow stand beside the old server, and take over", async () => {
  const old = await startOldServer();
  const feed = await startProgram("handle.mjs", { FEED_SECRET: secret });
  const fresh = await startReceiver(async (response, request) => {
    if (request.url === "/verdict") return response.end(JSON.stringify(ok({ ErrorCode: 1 })));
    const { method, headers, bytes } = request;
    const passed = { method, headers: headers as Record<string, string>, body: new Uint8Array(bytes) };
    const answer = await fetch(feed.url, passed);
    return response.writeHead(answer.status).end();
  });
  const hosts = { "old.example.com": old.url, "new.example.com": fresh.url };
  const gateway = await startSample("side-by-side.jsonc", hosts);

  assert.equal((await verdictOf(gateway, "hello")).ErrorCode, 0);
  await gateway.accept(recall, recalled("@TGS#first"), { path });
  for (const name of ["old-server", "feed"]) await gateway.destinationIs(name, { delivered: 1 });
  await feed.seen(/^Group\.CallbackAfterRecallMsg @TGS#first$/m);
  const diff = () => gateway.get("/api/verdicts/diff", { rule: "new-verdicts" });
  await until("the shadow's verdict is counted", async () => (await diff()).differed === 1);

  await gateway.pause("feed");
  await gateway.pause("old-server");
  const seenByOld = old.received.length;
  await gateway.accept(recall, recalled("@TGS#second"), { path });
  await gateway.resume("feed");
  await feed.seen(/@TGS#second$/m);
  assert.equal(old.received.length, seenByOld);
  await gateway.resume("old-server");
  await old.request(({ body }) => body === recalled("@TGS#second"));
});

test("calls without a signature are refused, but by an environment of their own", async () => {
  const started = "Call.CallbackAfterStartCall";
  const body = { CallbackCommand: started, CallInfo: { CallId: "1" }, UserList: [{ User_Account: "lan" }] };
  const from = (address: string) => ({ cf: '{"colo":"HKG"}', "cf-connecting-ip": address });
  const headers = from("203.0.113.9");
  const unsigned = { Sign: undefined, RequestTime: undefined };
  const fresh = await startReceiver();
  const hosts = { "new.example.com": fresh.url };

  const chat = await startSample("calls.jsonc", hosts);
  const refused = await chat.send(started, body, { path, headers, query: unsigned });
  assert.deepEqual(
    [refused.status, JSON.parse(refused.text).ErrorInfo],
    [403, "Sign is missing from the URL"],
  );

  const calls = await startSample("calls.jsonc", hosts, { environment: "calls", CALLBACK_TOKEN: "" });
  const its = { path: "/another-unguessable-path", headers };
  await calls.accept(started, body, its);
  await calls.destinationIs("feed", { delivered: 1 });
  const elsewhere = { ...its, headers: from("192.0.2.1") };
  assert.equal((await calls.send(started, body, elsewhere)).status, 403);
  assert.equal((await calls.send(started, body, { ...its, path })).status, 404);
  assert.equal((await calls.send("Call.Unheard", body, its)).status, 400);
  await calls.problem(/signatures are not checked/);
});

test("each app's events go to the rule that names the app", async () => {
  const shop = await startReceiver();
  const game = await startReceiver();
  const hosts = { "shop.example.com": shop.url, "game.example.com": game.url };
  const secrets = { SHOP_SECRET: secret, GAME_SECRET: secret };
  const gateway = await startSample("apps.jsonc", hosts, { SDK_APP_ID: `${app},1400000001`, ...secrets });
  for (const SdkAppid of [app, "1400000001"])
    await gateway.accept(recall, recalled("@TGS#1"), { query: { SdkAppid } });
  for (const [receiver, expected] of [
    [shop, app],
    [game, "1400000001"],
  ] as const) {
    const [{ body }] = (await receiver.requests(1)) as [Received];
    assert.equal(JSON.parse(body).app, expected);
  }
  for (const name of ["shop", "game"]) await gateway.destinationIs(name, { delivered: 1, waiting: 0 });
});

/** A program of the page, in a project that has the package. */
async function startProgram(file: string, environment: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), "tim-relay-moving-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules/tim-relay"), "junction");
  writeFileSync(join(folder, file), page.get(file)!);
  const port = await unusedPort();
  const env = { ...process.env, ...environment, PORT: String(port) };
  const child = spawn(process.execPath, [file], { cwd: folder, env });
  after(() => child.kill("SIGKILL"));
  const output = outputOf(child, file);
  const url = `http://127.0.0.1:${port}/`;
  await until(`${file} refuses what is not signed`, async () => {
    const answer = await fetch(url, { method: "POST" }).catch(() => null);
    return answer?.status === 401;
  });
  return { ...output, url };
}
