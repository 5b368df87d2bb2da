/** The key `limit` on the real gateway: several shards, and two isolates of the Worker. */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fingerprint } from "../../src/callback/fingerprint.ts";
import type { Bundle } from "../../src/cli/bundle.ts";
import type { Client } from "../support/client.ts";
import { startGateway, todaysBuild } from "../support/gateway.ts";
import { ownTime } from "../support/process-stats.ts";
import { until } from "../support/until.ts";

const command = "Group.CallbackBeforeSendMsg";
const refusal = { ErrorCode: 10100, ErrorInfo: "too fast" };
const limited = (name: string, more: object, limit: object) => ({
  name,
  on: command,
  match: { body: { GroupId: [name] } },
  answer: refusal,
  limit: { by: "body.From_Account", count: 20, seconds: 3_600, ...limit },
  ...more,
});

const gateway = await startGateway(
  {
    SHARDS: 3,
    FORWARD_RULES: [
      limited("fast", {}, {}),
      limited("same-text", {}, { by: "body.MsgBody[0].MsgContent", count: 1 }),
      limited("hangs", {}, { count: 7 }),
      limited("throws", {}, { count: 8 }),
      limited("flooded", {}, { count: 2, seconds: 61 }),
      { name: "behind", on: command, match: { body: { GroupId: ["hangs"] } }, answer: { ErrorCode: 2 } },
    ],
  },
  { hasTwin: true, build: await withBrokenCounts() },
);
const { twin } = gateway;

/** A build whose objects break for two limits, and of which one of three breaks for a third limit. */
async function withBrokenCounts(): Promise<Bundle> {
  const build = await todaysBuild;
  const dir = mkdtempSync(join(tmpdir(), "tim-relay-limits-"));
  after(() => rmSync(dir, { recursive: true }));
  cpSync(build.dir, dir, { recursive: true });
  const source = `
    import worker, { Courier, Limiter as Base, Shard, Steward } from "./index.js";
    export { Courier, Shard, Steward };
    export default worker;
    export class Limiter extends Base {
      async count(key, count, seconds) {
        if (count === 7) await scheduler.wait(2_000);
        if (seconds === 61 && key % 3 === 0) throw new Error("broken by a test");
        if (count === 8) throw new Error("broken by a test");
        return super.count(key, count, seconds);
      }
    }`;
  writeFileSync(join(dir, "limits.js"), source);
  return {
    ...build,
    dir,
    main: "limits.js",
    modules: [{ name: "limits.js", type: "esModule" }, ...build.modules],
  };
}

let sent = 0;

/** Sends a message, and resolves with the code of its answer. */
async function send(
  to: Client,
  GroupId: string,
  From_Account: string | undefined,
  Text = "hi",
): Promise<number> {
  const MsgBody = [{ MsgType: "TIMTextElem", MsgContent: { Text } }];
  const body = { GroupId, From_Account, MsgBody, Random: ++sent };
  return JSON.parse((await to.accept(command, body)).text).ErrorCode;
}

test("of 60 senders at once, in two isolates and on three objects, exactly the first 20 messages of each pass", async () => {
  const codes = await Promise.all(
    Array.from({ length: 60 }, async (_, sender) => {
      const answers: number[] = [];
      for (let n = 0; n < 22; n++)
        answers.push(await send((sender + n) % 2 ? gateway : twin, "fast", `sender-${sender}`));
      return answers;
    }),
  );
  for (const answers of codes) assert.ok(answers.slice(0, 20).every((code) => code === 0));
  const further = codes.flatMap((answers) => answers.slice(20)).filter((code) => code === 0).length;
  await passed("fast", further);
});

/** By rule, how many messages have passed that its limit had to refuse. */
const beyond = { fast: 0, "same-text": 0 };

/**
 * Fails unless each message that has passed beyond a limit was not counted in time. On a busy machine a count may take
 * more than 100 ms, and the rule does not fit then. Counts travel with their events, which are kept after the answers.
 */
async function passed(rule: keyof typeof beyond, further: number): Promise<void> {
  beyond[rule] += further;
  const pattern = new RegExp(`rule="${rule}",result="(?:late|failed)"\\} (\\d+)`, "g");
  await until(`${rule}: ${beyond[rule]} events were not counted in time`, async () => {
    const counts = (await gateway.metrics()).matchAll(pattern);
    return [...counts].reduce((sum, [, times]) => sum + Number(times), 0) >= beyond[rule];
  });
}

/** Sends a message that a limit has to refuse. */
async function sendBeyond(rule: keyof typeof beyond, From_Account: string, Text?: string): Promise<void> {
  const code = await send(gateway, rule, From_Account, Text);
  assert.ok([0, refusal.ErrorCode].includes(code), `${code}`);
  await passed(rule, code === 0 ? 1 : 0);
}

test("messages of one sender that come together are counted one by one", async () => {
  const codes = await Promise.all(
    Array.from({ length: 30 }, (_, n) => send(n % 2 ? gateway : twin, "fast", "together")),
  );
  const taken = codes.filter((code) => code === 0).length;
  assert.ok(taken >= 20, `${taken} pass`);
  await passed("fast", taken - 20);
});

test("a rule may count by any field, and does not fit where the field is missing", async () => {
  for (const text of ["one", "two"]) assert.equal(await send(gateway, "same-text", "minh", text), 0);
  await sendBeyond("same-text", "lan", "one");
  for (let n = 0; n < 25; n++) assert.equal(await send(gateway, "fast", undefined), 0);
});

test("a count that hangs delays no verdict beyond 100 ms, and the next rule decides", async () => {
  const clock = ownTime(gateway.pid, process.pid);
  const from = clock();
  assert.equal(await send(gateway, "hangs", "lan"), 2);
  const ms = clock() - from;
  assert.ok(ms < 1_500, `${ms} ms`);
});

test("counts that go on failing are named by /health of each isolate, and counted in /metrics", async () => {
  for (let n = 0; n < 10; n++) assert.equal(await send(gateway, "throws", "lan"), 0);
  const uncounted = /^throws: its limit counts too slowly or not at all/;
  await gateway.problem(uncounted);
  await send(gateway, "throws", "lan");
  await twin.problem(uncounted);
  assert.match(
    await gateway.metrics(),
    /^tim_relay_limit_counts_total\{rule="throws",result="(?:failed|late)"\} (?:[1-9]|10)$/m,
  );
});

test("an object that cannot count switches the limit off for its own senders only", async () => {
  const senders = Array.from({ length: 20 }, (_, n) => `member-${n}`);
  const objects = await Promise.all(
    senders.map(async (sender) => (await fingerprint(JSON.stringify(sender))) % 3),
  );
  const [flooder, other] = [senders[objects.indexOf(0)]!, senders[objects.indexOf(1)]!];
  for (let n = 0; n < 11; n++) assert.equal(await send(gateway, "flooded", flooder), 0);
  await until("the third message of another sender is refused", async () => {
    const codes: number[] = [];
    for (let n = 0; n < 3; n++) codes.push(await send(gateway, "flooded", other));
    return codes[2] === refusal.ErrorCode;
  });
  // All of them were counted, without a wait for a probe. The event that was not is the eleventh of the flooder.
  assert.match(
    await gateway.metrics(),
    /^tim_relay_limit_counts_total\{rule="flooded",result="skipped"\} [01]$/m,
  );
  await gateway.problem(/^flooded: its limit counts too slowly or not at all/);
});

test("a trial says that a limit is not counted", async () => {
  const event = { command, body: { GroupId: "fast", From_Account: "lan" } };
  const { body } = await gateway.api("/api/rules/test", { event });
  assert.deepEqual(body.results[0], {
    rule: "fast",
    matches: true,
    untried: "only beyond 20 of a body.From_Account within 3600 s, which a trial does not count",
  });
});

test("objects that are ended begin to count anew", async () => {
  await sendBeyond("fast", "sender-7");
  await gateway.abortShards();
  assert.equal(await send(gateway, "fast", "sender-7"), 0);
});

test("without the binding the rule alone is wrong", async () => {
  const { durableObjects, ...build } = await todaysBuild;
  const without = await startGateway(
    { FORWARD_RULES: [limited("fast", {}, {}), { name: "rest", answer: { ErrorCode: 2 } }] },
    { build: { ...build, durableObjects: durableObjects.filter(({ binding }) => binding !== "LIMITER") } },
  );
  await without.problem(
    /^FORWARD_RULES\[0\]\.limit: needs the binding LIMITER to count, which is not there: take it/,
  );
  assert.equal(await send(without, "fast", "lan"), 2);
});
