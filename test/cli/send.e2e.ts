import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { catalogue } from "../../src/callback/catalogue.ts";
import { signatureProblem, signaturesOf } from "../../src/callback/signature.ts";
import { unusedPort } from "../support/port.ts";
import { run } from "../support/program.ts";
import { type Received, reply, startReceiver } from "../support/receiver.ts";

const scratch = mkdtempSync(join(tmpdir(), "tim-relay-send-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

/** Stands in for the gateway. `statuses` are used in turn. */
async function gateway(...statuses: number[]) {
  let answered = 0;
  const receiver = await startReceiver((response, request) => {
    const status = statuses[answered++ % statuses.length] ?? 200;
    setImmediate(() => reply(status, {}, `{"ErrorCode":${status === 200 ? 0 : 1}}`)(response, request));
  });
  const { origin, port } = new URL(receiver.url);
  return { url: origin, port, received: receiver.received, busiest: receiver.mostHeld };
}

/** Path and query of a request. */
function partsOf({ url }: Received): { path: string; query: URLSearchParams } {
  const { pathname, searchParams } = new URL(url, "http://localhost");
  return { path: pathname, query: searchParams };
}

/** Runs `npm run send` in a folder of its own, with the test's `.dev.vars`. */
async function send(args: readonly string[], environment: Record<string, string> = {}, devVars = "") {
  writeFileSync(join(scratch, ".dev.vars"), devVars);
  const program = run("tim-relay.js", { cwd: scratch, args: ["send", ...args], environment });
  return { code: await program.ended, log: program.log() };
}

const recall = "Group.CallbackAfterRecallMsg";

test("a command's example is sent signed, and the answer is printed in a line", async () => {
  const { url, received } = await gateway();
  const { code, log } = await send([recall, "--url", url, "--app", "1400000001", "--token", "t0"]);
  assert.equal(code, 0);
  assert.match(log, /^200 \{"ErrorCode":0\} \(.+ ms\)\n$/);
  const [request] = received as [Received];
  const { path, query } = partsOf(request);
  const { method, headers, body } = request;
  assert.deepEqual([method, path, headers["content-type"]], ["POST", "/", "application/json"]);
  assert.deepEqual(
    [...query.keys()],
    ["SdkAppid", "CallbackCommand", "contenttype", "ClientIP", "OptPlatform", "Sign", "RequestTime"],
  );
  assert.equal(query.get("SdkAppid"), "1400000001");
  assert.equal(query.get("CallbackCommand"), recall);
  assert.equal(query.get("ClientIP"), "203.0.113.7");
  assert.equal(
    signatureProblem(
      await signaturesOf(["t0"], query.get("RequestTime")),
      query.get("Sign"),
      query.get("RequestTime"),
      Date.now() / 1000,
    ),
    null,
  );
  assert.equal(JSON.parse(body).CallbackCommand, recall);
});

test("defaults come from .dev.vars, and the environment has the last word", async () => {
  const { port, received } = await gateway();
  const devVars = `PORT=1\nCALLBACK_PATH=/tim\nSDK_APP_ID=1400000002,1400000003\nCALLBACK_TOKEN=a,b\n`;
  const { code } = await send([recall], { PORT: port, SDK_APP_ID: "1400000009" }, devVars);
  assert.equal(code, 0);
  const { path, query } = partsOf(received[0]!);
  assert.equal(path, "/tim");
  assert.equal(query.get("SdkAppid"), "1400000009");
  assert.equal(
    signatureProblem(
      await signaturesOf(["a"], query.get("RequestTime")),
      query.get("Sign"),
      query.get("RequestTime"),
      Date.now() / 1000,
    ),
    null,
  );
});

test("an empty token sends unsigned, and a URL with a path is used unchanged", async () => {
  const { url, received } = await gateway();
  await send([recall, "--url", `${url}/elsewhere`, "--token", ""], {
    CALLBACK_TOKEN: "t",
    CALLBACK_PATH: "/tim",
  });
  const { path, query } = partsOf(received[0]!);
  assert.equal(path, "/elsewhere");
  assert.equal(query.get("Sign"), null);
});

test("--set changes the body", async () => {
  const { url, received } = await gateway();
  await send([recall, "--url", url, "--set", "MsgSeqList[0].MsgSeq=7", "--set", "GroupId=harbour"]);
  const body = JSON.parse(received[0]?.body ?? "");
  assert.equal(body.MsgSeqList[0].MsgSeq, 7);
  assert.equal(body.GroupId, "harbour");
});

test("--count sends as many different bodies, --concurrency at a time, and prints a summary", async () => {
  const { url, received, busiest } = await gateway(200, 200, 503);
  const { code, log } = await send([recall, "--url", url, "--count", "30", "--concurrency", "5"]);
  assert.equal(code, 1);
  assert.equal(new Set(received.map(({ body }) => body)).size, 30);
  assert.ok(busiest() <= 5);
  assert.match(log, /^20 × 200 \{"ErrorCode":0\}$/m);
  assert.match(log, /^10 × 503 \{"ErrorCode":1\}$/m);
  assert.match(log, /^30 in .+ s, \d+ a second; latency p50 .+ ms, p99 .+ ms, max .+ ms$/m);
});

test("--rate spreads the callbacks over time", async () => {
  const { url } = await gateway();
  const { log } = await send([recall, "--url", url, "--count", "6", "--concurrency", "6", "--rate", "25"]);
  const took = Number(log.match(/^6 in ([\d.]+) s/m)?.[1]);
  assert.ok(took >= 0.2, `the sixth is due after 200 ms, but all were done after ${took} s`);
});

test("a mistake prints one sentence and ends with exit code 2", async () => {
  for (const [args, sentence] of [
    [[], /^name one command; --list shows all, --all sends all, --help the options\n$/],
    [["Group.CallbackAfterRecalMsg"], /^there is no command .*: did you mean Group\.CallbackAfterRecallMsg/],
    [[recall, "--nope"], /^unknown option '--nope'/],
    [[recall, "--count", "many"], /expected a whole number above 0, got "many"/],
    [[recall, "--rate", "0"], /expected a number above 0, got "0"/],
    [[recall, "--url", "gw"], /^--url: "gw" is not a URL/],
    [[recall, "--set", "Nowhere.x=1"], /^--set Nowhere\.x=1: there is no Nowhere\n$/],
  ] as const) {
    const { code, log } = await send(args, { PORT: "9" });
    assert.equal(code, 2);
    assert.match(log, sentence);
    assert.doesNotMatch(log, /\n\s+at /);
  }
});

test("a gateway that does not run is named as the reason", async () => {
  const address = `http://127.0.0.1:${await unusedPort()}`;
  const { code, log } = await send([recall, "--url", address]);
  assert.equal(code, 1);
  assert.match(log, /^nothing listens on http:\S+: is the gateway running \(npm start\)\?\n$/);
});

test("--list names every command, --help the options", async () => {
  const { log, code } = await send(["--list"]);
  assert.equal(code, 0);
  assert.match(log, /^Group\.CallbackAfterRecallMsg \(after\): .+$/m);
  assert.match(log, /^Group\.CallbackBeforeSendMsg \(before\): .+$/m);
  const listed = JSON.parse((await send(["--list", "--json"])).log);
  assert.deepEqual(
    listed.map(({ command }: { command: string }) => command),
    [...catalogue.keys()],
  );
  assert.deepEqual(Object.keys(listed[0]), ["command", "phase", "summary"]);
  assert.match((await send(["--help"])).log, /--concurrency <n>/);
});

test("--all sends the example of every command", async () => {
  const { url, received } = await gateway();
  const { log, code } = await send(["--all", "--url", url, "--concurrency", "4"]);
  assert.equal(code, 0);
  assert.deepEqual(
    received.map((request) => partsOf(request).query.get("CallbackCommand")).sort(),
    [...catalogue.keys()].sort(),
  );
  for (const name of catalogue.keys()) assert.ok(log.includes(`${name}: 200 `), name);
});
