/**
 * Every misbehaviour as the destination of a rule: the end of its event, the kept part of its answer, and its effect on
 * other destinations.
 */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import type { DetailedDelivery } from "../support/api.ts";
import { bodyOf, type Callback } from "../support/callbacks.ts";
import { startGateway } from "../support/gateway.ts";
import { privateBytes, untold } from "../support/process-stats.ts";
import { startReceiver } from "../support/receiver.ts";
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

/** An event that only the destination of this misbehaviour wants, beside the one that is healthy. */
function eventFor({ name, large }: Misbehaviour, group = `@TGS#${name}`): Callback {
  const body = JSON.parse(bodyOf("Group.CallbackAfterRecallMsg", group, name));
  return { label: name, body: JSON.stringify(large ? { ...body, CloudCustomData: largeText } : body) };
}

describe("a destination that misbehaves", async () => {
  const servers = await serveAll(playable);
  const healthy = await startReceiver();
  const gateway = await startGateway({
    ...secrets,
    FORWARD_RULES: [
      ...playable.map((one) => ({
        name: one.name,
        url: servers.get(one.name)!.url,
        match: { platform: [one.name] },
        retry: [],
        timeoutMs: holds(one) ? 3_000 : 30_000,
        ...withSecrets,
      })),
      { name: "healthy", url: healthy.url, ...withSecrets },
    ],
  });
  const ids = new Map<string, string>();

  before(async () => {
    assert.deepEqual(await gateway.problems(), []);
    for (const one of playable) assert.equal(await gateway.sendLabelled(eventFor(one)), 200, one.name);
    await healthy.delivered(playable.length);
    for (const { labels, id } of healthy.received) ids.set(labels[0]!, id);
  });

  /** The only delivery of an event, once its first attempt has ended. */
  const ended = (name: string): Promise<DetailedDelivery> =>
    until(`the attempt of ${name} has ended`, async () => {
      const { deliveries } = await gateway.event(ids.get(name)!);
      return deliveries.find(({ destination, attempts }) => destination === name && attempts.length > 0);
    });

  for (const one of misbehaviours)
    test(one.name, { skip: skipOf(one) }, async () => {
      const { name, destination } = one;
      const { state, attempts } = await ended(name);
      const [{ status, error, response }] = attempts as [DetailedDelivery["attempts"][number]];
      assert.deepEqual([state, status, attempts.length], [destination.state, destination.status, 1], error!);
      if (destination.error === null) assert.equal(error, null);
      else assert.match(error!, destination.error);
      if (destination.response) assert.match(response!, destination.response);
      assert.ok((response ?? "").length <= 4_096 && (response ?? "").isWellFormed());
      const { mostWritten } = servers.get(name)!;
      assert.ok(mostWritten() < mostBuffered, `${mostWritten()} bytes were read`);
    });

  for (const name of [
    "dies-when-reused",
    "dies-in-status-line-when-reused",
    "half-close-after-answer",
    "second-answer-unasked",
  ])
    test(`${name}: the next event costs one attempt, though its connection is lost`, async () => {
      const again = eventFor(playable.find((one) => one.name === name)!, "@TGS#again");
      assert.equal(await gateway.sendLabelled(again), 200);
      const { id } = await healthy.request(({ labels, id }) => labels[0] === name && id !== ids.get(name));
      const { state, attempts } = await until("it has ended", async () => {
        const { deliveries } = await gateway.event(id);
        return deliveries.find(({ destination, attempts }) => destination === name && attempts.length > 0);
      });
      assert.deepEqual([state, attempts.length], ["delivered", 1]);
    });

  test("none of them leaves a secret, a stack or a cookie behind", async () => {
    const texts = [gateway.log(), await gateway.metrics(), JSON.stringify(await gateway.destinations())];
    for (const id of ids.values()) texts.push(JSON.stringify(await gateway.event(id)));
    for (const text of texts) assert.equal(leakIn(text), undefined);
    assert.deepEqual(ownLog(gateway.log()), []);
    await gateway.sendLabelled(eventFor(misbehaviours.find(({ name }) => name === "cookies")!, "@TGS#again"));
    await until("the cookie may be sent back", () => servers.get("cookies")!.begun() === 2);
    assert.equal(servers.get("cookies")!.cookies(), 0);
  });

  test("floods, bombs and endless heads leave no memory behind", {
    skip: untold,
  }, async () => {
    const heavy = playable.filter(({ name }) => /gigabyte|bomb|without-end|10-mb|large|emoji/.test(name));
    const round = async (n: number) => {
      for (const one of heavy)
        assert.equal(await gateway.sendLabelled(eventFor(one, `@TGS#${one.name}-${n}`)), 200);
      await until("all have ended", async () =>
        (await gateway.destinations()).every(
          ({ name, waiting }) => waiting === 0 || heavy.every((one) => one.name !== name),
        ),
      );
      return privateBytes(gateway.pid) / 2 ** 20;
    };
    // The first rounds fill caches. Ten failures in a row would open a breaker.
    const megabytes = [];
    for (let n = 0; n < 6; n++) megabytes.push(await round(n));
    const growth = megabytes[5]! - megabytes[2]!;
    assert.ok(growth < 64, `grew by ${growth} MB: ${megabytes.map(Math.round).join(", ")}`);
  });
});

/** Conducts that hold a connection until the time is up. */
const holding = playable.filter((one) => holds(one) && one.destination.state === "dead");

test("destinations that hold every connection delay no healthy one", async () => {
  const servers = await serveAll(holding);
  const healthy = await startReceiver();
  const gateway = await startGateway({
    FORWARD_RULES: [
      ...holding.map(({ name }) => ({ name, url: servers.get(name)!.url, retry: [], timeoutMs: 60_000 })),
      { name: "healthy", url: healthy.url },
    ],
  });
  const count = 200;
  for (let n = 0; n < count; n += 20)
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        gateway.sendLabelled({ label: `n${n + index}`, group: `@TGS#${n + index}` }),
      ),
    );
  await healthy.delivered(count);
  for (const { name, delivered, failed } of await gateway.destinations())
    if (name !== "healthy") assert.deepEqual([delivered, failed], [0, 0], name);
});
