/** `tim-relay doctor` beside real gateways: each check finds what it is there for, and a healthy gateway has nothing. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { checks } from "../../src/cli/doctor/checks.ts";
import { age } from "../shard/ageing.ts";
import { app, callbackToken, ofManyGroups, signed } from "../support/callbacks.ts";
import { adminToken } from "../support/client.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { server } from "../support/other-server.ts";
import { run } from "../support/program.ts";
import { reply, replyAfter, startReceiver } from "../support/receiver.ts";
import { silence, silencing } from "../support/silence.ts";
import { until } from "../support/until.ts";

const scratch = mkdtempSync(join(tmpdir(), "tim-relay-doctor-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

const readToken = "test-read-token";
const recall = "Group.CallbackAfterRecallMsg";
const ask = "Group.CallbackBeforeSendMsg";

interface Checked {
  name: string;
  state: "ok" | "warning" | "problem" | "not done";
  says?: string;
  faults?: { severity: "problem" | "warning"; says: string }[];
  mend?: string;
}

/** The checks in which some test has found a fault. */
const provoked = new Set<string>();

type Environment = Readonly<Record<string, string>>;

/** The administrator's environment; an empty text unsets a variable. */
const administrator: Environment = {
  TIM_RELAY_TOKEN: adminToken,
  CALLBACK_TOKEN: callbackToken,
  SDK_APP_ID: app,
};

async function doctor(url: string, environment: Environment = {}, ...args: string[]) {
  const program = run("tim-relay.js", {
    cwd: scratch,
    args: ["doctor", "--url", url, "--json", ...args],
    environment: { ...administrator, ...environment },
  });
  const code = await program.ended;
  const { state, checks }: { state: string; checks: Checked[] } = JSON.parse(program.log());
  const found = new Map(checks.map((one) => [one.name, one]));
  for (const { name, faults = [] } of checks) if (faults.length > 0) provoked.add(name);
  return {
    code,
    state,
    states: Object.fromEntries(checks.map((one) => [one.name, one.state])),
    says: (name: string) => found.get(name)!.says,
    mend: (name: string) => found.get(name)!.mend,
    /** Fails unless a check has a fault of this severity that fits. */
    has(name: string, severity: "problem" | "warning", pattern: RegExp) {
      const { faults = [] } = found.get(name) ?? assert.fail(`there is no check ${name}`);
      assert.ok(
        faults.some((fault) => fault.severity === severity && pattern.test(fault.says)),
        `${name}: ${severity} ${pattern}\n${JSON.stringify(found.get(name))}`,
      );
    },
    /** The names of the checks that found anything, or could not be done. */
    notable: checks.filter((one) => one.state !== "ok").map(({ name }) => name),
  };
}

/** Of the two callback tokens of this gateway the older has signed a callback. It is told of within a minute. */
const bothTokens = `${callbackToken},older-callback-token`;
const rotating = await startGateway({ CALLBACK_TOKEN: bothTokens, READ_TOKEN: readToken });
await rotating.accept(
  recall,
  { GroupId: "g", MsgSeqList: [{ MsgSeq: 1 }] },
  { query: signed("older-callback-token") },
);

test("a healthy gateway has nothing, and is left as it was but for the test event", async () => {
  const receiver = await startReceiver();
  const gateway = await startGateway({ FORWARD_RULES: [{ name: "audit", url: receiver.url }] });
  const { code, state, notable, says } = await doctor(gateway.url);
  assert.deepEqual([code, state, notable], [0, "ok", []]);
  assert.match(says("token")!, /ADMIN_TOKEN/);
  const types = receiver.received.map(({ body }) => JSON.parse(body).type);
  assert.deepEqual(types, ["Relay.Test"]);
  assert.deepEqual(await gateway.allEvents(), []);
  const { minutes } = await gateway.stats();
  const sum = (count: (minute: (typeof minutes)[number]) => number) =>
    minutes.reduce((total, minute) => total + count(minute), 0);
  assert.equal(
    sum(({ received }) => received),
    0,
    "no probe is kept",
  );
  assert.deepEqual(
    minutes.flatMap(({ rejected }) => Object.entries(rejected).filter(([, times]) => times > 0)),
    [["signature", 1]],
    "the one forged probe is all that is counted",
  );
});

test("with --no-test destinations get nothing", async () => {
  const receiver = await startReceiver();
  const gateway = await startGateway({ FORWARD_RULES: [{ name: "audit", url: receiver.url }] });
  const { code, notable, says } = await doctor(gateway.url, {}, "--no-test");
  assert.deepEqual([code, notable], [0, ["tests"]]);
  assert.equal(says("tests"), "left out by --no-test");
  assert.equal(receiver.received.length, 0);
});

test("a slow destination is tested for as long as its rule waits, and one without its listener is not", async () => {
  const slow = await startReceiver();
  slow.answer = replyAfter(5_500, 204);
  const gateway = await startGateway({
    FORWARD_RULES: [
      { name: "slow", url: slow.url },
      { name: "dev", url: "listener:", secret: `whsec_${"A".repeat(43)}=` },
    ],
  });
  const { code, says, states, has } = await doctor(gateway.url, {}, "--timeout", "5");
  assert.deepEqual([code, states.tests], [0, "ok"]);
  assert.equal(says("tests"), "1 destination, each took it");
  has("destinations", "warning", /^dev waits for its listener$/);
});

test("wrong settings and rules are named, each once", async () => {
  const gateway = await startGateway({
    CALLBACK_TOKEN: "",
    LOCATION_HINT: "moon",
    FORWARD_RULES: [
      { name: "odd", url: "https://a.example.com/", colour: "blue" },
      { name: "unset", url: "https://a.example.com/", secret: "$AUDIT_SECRET" },
      { name: "off", url: "https://a.example.com/", enabled: false },
      { name: "misspelt", on: "Group.CallbackAfterRecalMsg", answer: { ErrorCode: 0 } },
      { name: "no-links", on: "Sns.CallbackPrevFriendAdd", answer: { ErrorCode: 0, MsgBody: [] } },
      { name: "mask", on: ask, answer: { ErrorCode: 0 } },
    ],
  });
  await gateway.pause("mask");
  const found = await doctor(gateway.url, { CALLBACK_TOKEN: "" });
  assert.deepEqual([found.code, found.state], [1, "problem"]);
  found.has("settings", "problem", /^LOCATION_HINT: /);
  found.has("rules", "problem", /^FORWARD_RULES\[0\]\.colour: /);
  found.has("secrets", "problem", /AUDIT_SECRET is not set/);
  found.has("idle rules", "warning", /^off is off/);
  found.has("idle rules", "warning", /^mask is paused/);
  found.has("commands", "warning", /Group\.CallbackAfterRecalMsg/);
  found.has("verdicts", "problem", /^no-links: /);
  found.has("forgery", "warning", /not checked/);
  assert.equal(found.states.health, "ok", "no sentence comes twice");
  assert.match(found.says("signature")!, /CALLBACK_TOKEN is not set here/);
});

test("destinations in trouble, backlogs, dead letters and odd payloads are named", async () => {
  const [down, gone, strict, well] = await Promise.all(
    [500, 410, 400, 200].map((status) => startReceiver(reply(status))),
  );
  const gateway = await startGateway({
    FORWARD_RULES: [
      { name: "down", on: recall, url: down!.url, retry: Array(9).fill("1h") },
      { name: "gone", on: recall, url: gone!.url },
      { name: "strict", on: recall, url: strict!.url, retry: [] },
      { name: "halted", on: recall, url: well!.url },
    ],
  });
  await gateway.pause("halted");
  await gateway.sendAll(ofManyGroups(12));
  assert.equal((await gateway.send(recall, { GroupId: { a: 1 } })).status, 400);
  await gateway.accept("Group.CallbackAfterGroupDestroyed", { GroupId: "odd", Unheard: true });
  for (let n = 0; n < 11; n++)
    await gateway.send(recall, {}, { query: { Sign: "0".repeat(64), RequestTime: signed("").RequestTime } });
  await gateway.destinationIs("down", { state: "open" });
  await gateway.destinationIs("gone", { state: "disabled" });
  await gateway.destinationIs("strict", { dead: 12 });

  const found = await doctor(gateway.url);
  assert.equal(found.code, 1);
  found.has("destinations", "problem", /^down is down/);
  found.has("destinations", "problem", /^gone answered 410/);
  found.has("destinations", "warning", /^halted is paused/);
  found.has("tests", "problem", /^down: .*500/);
  found.has("tests", "problem", /^strict: .*400/);
  found.has("backlog", "problem", /^down: \d+ events? waiting for another attempt/);
  found.has("dead letters", "problem", /^strict: 12 dead letters/);
  found.has("quarantine", "problem", /Group\.CallbackAfterRecallMsg: 1 event is quarantined/);
  found.has("drift", "warning", /Group\.CallbackAfterGroupDestroyed Unheard: unknown field/);
  found.has("refusals", "warning", /signature/);
  assert.equal(found.states.health, "ok", "no sentence comes twice");

  const stranger = await doctor(gateway.url, { TIM_RELAY_TOKEN: "" });
  assert.equal(stranger.code, 1);
  stranger.has("token", "warning", /no token/);
  stranger.has("health", "problem", /^strict: 12 dead letters/);
  assert.equal(stranger.states["dead letters"], "not done");
});

test("warnings alone are exit code 0", async () => {
  const receiver = await startReceiver();
  const gateway = await startGateway({ FORWARD_RULES: [{ name: "audit", url: receiver.url }] });
  await gateway.pause("audit");
  const found = await doctor(gateway.url);
  found.has("destinations", "warning", /^audit is paused/);
  // `/health` names it, too; the doctor takes a pause for an intention.
  assert.deepEqual([found.code, found.state], [0, "warning"]);
});

test("a token, an app and a path that are not the gateway's are told apart, and so are several tokens", async () => {
  const { url } = rotating;
  const wrong = await doctor(url, { CALLBACK_TOKEN: "another-callback-token" });
  assert.equal(wrong.code, 1);
  wrong.has("signature", "problem", /403: Sign does not match/);
  const other = await doctor(url, { SDK_APP_ID: "1400000007" });
  other.has("signature", "problem", /403: SdkAppid is not an app of ours/);
  const elsewhere = await doctor(url, { CALLBACK_PATH: "/elsewhere" });
  elsewhere.has("signature", "problem", /is CALLBACK_PATH another one/);
  assert.match(elsewhere.says("forgery")!, /is CALLBACK_PATH another one/);
  const both = await doctor(url, { CALLBACK_TOKEN: bothTokens });
  assert.deepEqual([both.code, both.states.signature], [0, "ok"]);
  both.has("rotation", "warning", /^2 tokens are accepted$/);
});

test("for a gateway elsewhere the user's file has the path, and .dev.vars is not asked for a token", async () => {
  const gateway = await startGateway({ CALLBACK_PATH: "/an-unguessable-path" });
  const elsewhere = gateway.url.replace("127.0.0.1", "0.0.0.0");
  const files = {
    "tim-relay.jsonc": '{ "vars": { "CALLBACK_PATH": "/an-unguessable-path" } }',
    ".dev.vars": "CALLBACK_TOKEN=token-of-this-machine\n",
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(scratch, name), text);
  try {
    const found = await doctor(elsewhere);
    assert.deepEqual([found.code, found.states.signature, found.states.forgery], [0, "ok", "ok"]);
    const withFilesAlone = async (url: string) => {
      const program = run("tim-relay.js", { cwd: scratch, args: ["doctor", "--url", url] });
      await program.ended;
      return program.log();
    };
    assert.match(await withFilesAlone(elsewhere), /CALLBACK_TOKEN is not set here/);
    assert.match(await withFilesAlone(gateway.url), /403: its signature, or the time of it, is not accepted/);
  } finally {
    for (const name of Object.keys(files)) rmSync(join(scratch, name));
  }
});

test("clocks that differ are named, though the signature is right", async () => {
  const gateway = await startGateway();
  const shift = join(scratch, "shift.mjs");
  writeFileSync(shift, "const now = Date.now; Date.now = () => now() - 300_000;\n");
  const found = await doctor(gateway.url, { NODE_OPTIONS: `--import ${shift}` });
  assert.equal(found.code, 1);
  found.has("clock", "problem", /(299|30\d) s apart/);
  assert.equal(found.states.signature, "ok");
});

test("slow verdicts, and those that no backend gave, are named with their share", async () => {
  const slow = await startReceiver((response, request) => replyAfter(1_030)(response, request));
  const gateway = await startGateway({
    FORWARD_RULES: [
      { name: "slow", on: ask, ask: slow.url, deadlineMs: 1_500 },
      { name: "closed", on: "C2C.CallbackBeforeSendMsg", ask: "http://127.0.0.1:9/" },
    ],
  });
  const asked = Array.from({ length: 24 }, (_, n) => n);
  await Promise.all(
    asked.map((n) =>
      gateway.accept("C2C.CallbackBeforeSendMsg", { From_Account: "lan", To_Account: `minh${n}` }),
    ),
  );
  await gateway.accept(ask, { GroupId: "g", From_Account: "lan" });
  const found = await until("the verdicts are counted", async () => {
    const found = await doctor(gateway.url);
    return found.states.otherwise === "problem" && found;
  });
  found.has("otherwise", "problem", /^closed: 24 of 24 verdicts \(.*unreachable/);
  found.has("verdict time", "warning", /^slow: one of a hundred verdicts takes about 1\d\d\d of/);
  found.has("verdicts", "problem", /^closed: its backend does not answer/);
});

test("what has waited for half of its time is named with its end, then what was lost", async () => {
  const settings = {
    RETENTION_HOURS: 48,
    FORWARD_RULES: [{ name: "audit", on: "Group.*", url: "http://127.0.0.1:9/" }],
  };
  const gateway = await startGateway(settings);
  await gateway.pause("audit");
  await gateway.sendAll(ofManyGroups(3));
  await gateway.stop();
  age(gateway.dataDir, 1);
  await gateway.start(settings);
  await until(
    "it is told of",
    async () => (await gateway.events({ command: "Relay.Expiring" })).events.length > 0,
    150_000,
  );
  const expiring = await doctor(gateway.url, {}, "--no-test");
  expiring.has("expiring", "problem", /^audit: .* will be dropped at 20.*Z; 3 events in all/);
  expiring.has("backlog", "warning", /^audit: 3 events waiting, the oldest since/);
  assert.equal(expiring.code, 1);

  await gateway.stop();
  age(gateway.dataDir, 3);
  await gateway.start(settings);
  await gateway.destinationIs("audit", { expired: 3 } as object, 150_000);
  const expired = await doctor(gateway.url, {}, "--no-test");
  expired.has("expired", "problem", /^audit: 3 events dropped undelivered/);
});

test("a READ_TOKEN does all but the tests, and each check that is not done says why", async () => {
  const gateway = await startGateway({
    READ_TOKEN: readToken,
    FORWARD_RULES: [{ name: "audit", url: "http://127.0.0.1:9/" }],
  });
  const reader = await doctor(gateway.url, { TIM_RELAY_TOKEN: readToken });
  assert.deepEqual([reader.code, reader.notable], [0, ["tests"]]);
  assert.equal(reader.says("tests"), "it takes an ADMIN_TOKEN");
  assert.match(reader.says("token")!, /READ_TOKEN/);

  const wrong = await doctor(gateway.url, { TIM_RELAY_TOKEN: "wrong-token" });
  assert.equal(wrong.code, 1);
  wrong.has("token", "problem", /token/);
  assert.equal(wrong.says("drift"), "the gateway refuses the token");

  const bare = await doctor(gateway.url, { TIM_RELAY_TOKEN: "", CALLBACK_TOKEN: "" });
  assert.match(bare.says("signature")!, /CALLBACK_TOKEN is not set here/);
  assert.equal(bare.says("old token"), "it takes an ADMIN_TOKEN or a READ_TOKEN");
});

test("the commands of a remedy are for the gateway of --url, unless that is the usual one", async () => {
  const gateway = await startGateway({ FORWARD_RULES: [{ name: "audit", url: "http://127.0.0.1:9/" }] });
  await gateway.pause("audit");
  const pages = checks.find(({ name }) => name === "destinations")!.mend;
  assert.match(pages, /`npx tim-relay resume NAME`/);
  const shown = (await doctor(gateway.url, {}, "--no-test")).mend("destinations");
  assert.equal(shown, pages.replace("resume NAME", `resume NAME --url ${gateway.url}`));
  const usual = await doctor(gateway.url, { TIM_RELAY_URL: gateway.url }, "--no-test");
  assert.equal(usual.mend("destinations"), pages);
});

test("no gateway, another server and another release are told apart", async () => {
  const nobody = await startReceiver();
  await nobody.goDown();
  const nothing = await doctor(nobody.url);
  assert.equal(nothing.code, 1);
  nothing.has("reachable", "problem", /nothing listens/);
  assert.equal(nothing.says("signature"), "the gateway does not answer");

  const other = await startReceiver(reply(200, { "content-type": "text/html" }, "<h1>hello</h1>"));
  (await doctor(other.url)).has("reachable", "problem", /not as a gateway does/);

  const gateway = await startGateway();
  const url = await newer(gateway);
  (await doctor(url)).has("version", "warning", /the gateway runs 9\.0\.0/);
});

test("people get a line a check, and programs an exit code; a wrong use is 2", async () => {
  const gateway = await startGateway({ LOCATION_HINT: "moon" });
  const shown = run("tim-relay.js", {
    cwd: scratch,
    args: ["doctor", "--url", gateway.url],
    environment: administrator,
  });
  assert.equal(await shown.ended, 1);
  const lines = shown.log().split("\n");
  assert.ok(
    lines.some((line) => /^✔ signature +is accepted$/.test(line)),
    shown.log(),
  );
  const at = lines.findIndex((line) => /^✘ settings +LOCATION_HINT: /.test(line));
  assert.match(lines[at + 1] ?? "", /^ +means: /);
  assert.match(lines[at + 2] ?? "", /^ +mend: /);
  assert.doesNotMatch(shown.log(), new RegExp(`${adminToken}|${callbackToken}`));

  const misused = run("tim-relay.js", { cwd: scratch, args: ["doctor", "--no-tests"] });
  assert.equal(await misused.ended, 2);
  assert.match(misused.log(), /--no-test\b/);
});

test("a callback that an older token has signed is named", async () => {
  const told = async () => (await rotating.events({ command: "Relay.OldToken" })).events.length > 0;
  await until("the gateway tells of it", told, 150_000);
  (await doctor(rotating.url)).has("old token", "warning", /^callbacks are signed with token 2,/);
  const reader = await doctor(rotating.url, { TIM_RELAY_TOKEN: readToken });
  reader.has("old token", "warning", /^callbacks are signed with another than the first token,/);
});

test("a shard that does not answer is named, and has no part in the counts", async () => {
  const gateway = await startGateway({ SHARDS: 2 }, { build: await silencing() });
  await gateway.sendAll(ofManyGroups(8));
  await silence(gateway, 1, "throws");
  await gateway.problem(/^shard 1 /);
  const found = await doctor(gateway.url);
  found.has("health", "problem", /^shard 1 does not answer: /);
  found.has("shards", "problem", /^shard 1 does not answer, and has no part in the counts$/);
});

test("every check was provoked", () => {
  assert.deepEqual([...provoked].sort(), checks.map(({ name }) => name).sort());
});

/** The gateway behind a proxy that changes the release it names. */
function newer(gateway: Gateway): Promise<string> {
  return server(async (request, response) => {
    const { authorization = "" } = request.headers;
    const answer = await fetch(gateway.url + request.url, {
      method: request.method!,
      headers: { authorization },
    });
    const text = await answer.text();
    const headers = { "content-type": answer.headers.get("content-type") ?? "" };
    response.writeHead(answer.status, headers).end(text.replace(/"version":"[^"]+"/, '"version":"9.0.0"'));
  });
}
