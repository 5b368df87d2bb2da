/** Every misbehaviour as the backend of an ask rule: a verdict in time, and the reason why it is not the backend's. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { catalogue } from "../../src/callback/catalogue.ts";
import type { Verdict } from "../../src/callback/event.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { ownTime, privateBytes, untold } from "../support/process-stats.ts";
import { until } from "../support/until.ts";
import { misbehaviours } from "./catalogue.ts";
import type { Misbehaviour } from "./misbehaviour.ts";
import {
  holds,
  largeText,
  leakIn,
  mostBuffered,
  ownLog,
  playable,
  secrets,
  serveAll,
  skipOf,
  withSecrets,
} from "./stage.ts";

const command = "Group.CallbackBeforeSendMsg";
const { example } = catalogue.get(command)!;

/** The code of a rule that got no verdict; a backend's own is 1. */
const otherwise = 2;

/** A rule that asks a server about the events whose label is its name, or begins with that and a number sign. */
function ruleFor(one: Misbehaviour, url: string) {
  const { name } = one;
  const match = { platform: [name, { prefix: `${name}#` }] };
  const deadlineMs = holds(one) ? 600 : 1_600;
  return { name, ask: url, match, deadlineMs, otherwise: { ErrorCode: otherwise }, ...withSecrets };
}

/** Sends a before-callback that a rule is asked about; its label is one of its own. */
async function ask(
  gateway: Gateway,
  { name, large }: Pick<Misbehaviour, "name" | "large">,
  label = name,
): Promise<{ code: number; ms: number }> {
  const clock = ownTime(gateway.pid, process.pid);
  const from = clock();
  const body = JSON.stringify(large ? { ...example, CloudCustomData: largeText } : example);
  const { text } = await gateway.accept(command, body, { query: { OptPlatform: label } });
  return { code: JSON.parse(text).ErrorCode, ms: clock() - from };
}

async function verdicts(gateway: Gateway, labels: readonly string[]): Promise<Map<string, Verdict>> {
  const events = await until(`${labels.length} events are kept`, async () => {
    const events = await gateway.allEvents();
    return labels.every((label) => events.some(({ platform }) => platform === label)) && events;
  });
  const wanted = events.filter(({ platform }) => labels.includes(platform!));
  const found = await Promise.all(
    wanted.map(async ({ id, platform }) => [platform!, (await gateway.event(id)).verdict!] as const),
  );
  return new Map(found);
}

describe("a backend that misbehaves", async () => {
  const servers = await serveAll(playable);
  const gateway = await startGateway({
    ...secrets,
    FORWARD_RULES: playable.map((one) => ruleFor(one, servers.get(one.name)!.url)),
  });
  const answers = new Map<string, { code: number; ms: number }>();
  // Some at a time: a crowd of large bodies would be refused for want of room.
  for (let n = 0; n < playable.length; n += 4)
    await Promise.all(
      playable.slice(n, n + 4).map(async (one) => answers.set(one.name, await ask(gateway, one))),
    );
  const kept = await verdicts(
    gateway,
    playable.map(({ name }) => name),
  );

  for (const one of misbehaviours)
    test(one.name, { skip: skipOf(one) }, () => {
      const { name, backend } = one;
      const { code, ms } = answers.get(name)!;
      const { rule, how, reason, code: keptCode } = kept.get(name)!;
      assert.deepEqual([rule, how], [name, backend.how], reason);
      assert.match(reason ?? "", backend.reason ?? /^$/);
      assert.equal(code, how === "answered" ? 1 : otherwise);
      assert.equal(keptCode, code);
      assert.ok(ms < 2_000, `Tencent waits 2 s, and this took ${ms} ms`);
      const written = servers.get(name)!.mostWritten();
      assert.ok(written < mostBuffered, `${written} bytes were read`);
    });

  test("none of them leaves a secret or a stack behind", async () => {
    for (const text of [gateway.log(), await gateway.metrics(), JSON.stringify([...kept.values()])])
      assert.equal(leakIn(text), undefined);
    assert.deepEqual(ownLog(gateway.log()), []);
  });

  test("an answer that is too large is not read to its end: its connection is closed", async () => {
    for (const [name, server] of servers)
      if (/^gigabyte|^gzip-bomb|^deflate-bomb|without-end/.test(name))
        await until(`the connection of ${name} is closed`, () => server.open() === 0);
  });

  test("floods, bombs and endless heads leave no memory behind", {
    skip: untold,
  }, async () => {
    const heavy = playable.filter(({ name }) => /gigabyte|bomb|without-end|10-mb|emoji/.test(name));
    const megabytes: number[] = [];
    // The first rounds fill caches. Ten failures in a row would open a breaker.
    for (let round = 0; round < 6; round++) {
      for (const one of heavy) await ask(gateway, one);
      megabytes.push(privateBytes(gateway.pid) / 2 ** 20);
    }
    const growth = megabytes[5]! - megabytes[2]!;
    assert.ok(growth < 64, `grew by ${growth} MB: ${megabytes.map(Math.round).join(", ")}`);
  });
});

/** One of each kind of failure that counts. */
const failing = [
  "reset-at-accept",
  "hang-instead-of-answer",
  "drip-body-of-200",
  "gigabyte-chunked-500",
  "ssh-banner",
  "status-999",
  "length-too-long",
  "retry-after-503-a-billion",
].map((name) => misbehaviours.find((one) => one.name === name)!);

test("after ten failures a backend is not waited for, is probed, and decides again once it is well", async () => {
  let well = false;
  const servers = await serveAll(failing, () => well);
  const gateway = await startGateway({
    ...secrets,
    FORWARD_RULES: failing.map((one) => ruleFor(one, servers.get(one.name)!.url)),
  });
  const crowd = (n: number) => failing.map((one) => ask(gateway, one, `${one.name}#${n}`));
  for (let n = 0; n < 10; n++)
    for (const { code } of await Promise.all(crowd(n))) assert.equal(code, otherwise);
  await Promise.all(crowd(10));
  const kept = await verdicts(
    gateway,
    failing.map(({ name }) => `${name}#10`),
  );
  for (const [label, { how }] of kept) assert.equal(how, "breaker", label);
  for (const { name } of failing)
    await gateway.problem(new RegExp(`^${name}: its backend does not answer and is not waited for$`));

  well = true;
  let n = 10;
  await until("every backend decides again", async () => {
    const codes = await Promise.all(crowd(++n));
    return codes.every(({ code }) => code === 1);
  });
  await gateway.noProblem(/its backend does not answer/);
});
