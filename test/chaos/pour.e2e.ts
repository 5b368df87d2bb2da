/**
 * Events pour in while every destination misbehaves in turns that a seed draws. Then all is well again, and the books
 * balance.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { imbalances } from "../shard/books.ts";
import type { Callback } from "../support/callbacks.ts";
import { Chance } from "../support/chance.ts";
import { startGateway } from "../support/gateway.ts";
import { givenSeed, times } from "../support/repetition.ts";
import { until } from "../support/until.ts";
import { type Conduct, play } from "./server.ts";
import { ownLog, playable } from "./stage.ts";

const seed = givenSeed ?? Date.now() % 1_000_000;
const count = 300 * times;
const perSecond = 200;
const conversations = 20;

/** The misbehaviours of a server, without floods of headers: each of these keeps both sides busy for long. */
const drawn = playable.filter(({ name, address }) => !address && !/without-end|10-mb|10000/.test(name));

/** Draws a misbehaviour, or none, for some requests in a row, until all is to be well. */
function moody(chance: Chance, mood: { well: boolean }, played: Set<string>): Conduct {
  let left = 0;
  let now: ReturnType<Conduct> = null;
  return () => {
    if (mood.well) return null;
    if (left-- <= 0) {
      left = chance.between(1, 5);
      now = chance.happens(0.5) ? null : chance.pick(drawn);
      if (now) played.add(now.name);
    }
    return now;
  };
}

/** Waits that outlast the trouble, whatever is drawn. */
const patient = Array.from({ length: 50 }, () => "200ms");

const rules = [
  { name: "plain", retry: patient },
  { name: "ordered", retry: patient, order: "conversation" },
  { name: "batched", retry: patient, batch: { size: 10, ms: 200 } },
  { name: "hasty", retry: ["100ms"], order: "conversation" },
];

test(`after chaos each event is delivered or a dead letter, in order where asked (SEED=${seed})`, async (t) => {
  const chance = new Chance(seed);
  const mood = { well: false };
  const played = new Set<string>();
  /** The labels that came to each destination, in the order of their coming. */
  const came = new Map<string, string[]>();
  const servers = await Promise.all(
    rules.map(({ name }) => {
      const labels: string[] = [];
      came.set(name, labels);
      return play(moody(new Chance(chance.between(0, 2 ** 31)), mood, played), (_head, body) => {
        for (const { platform } of [JSON.parse(body)].flat()) labels.push(platform);
      });
    }),
  );
  after(() => Promise.all(servers.map((server) => server.close())));
  const gateway = await startGateway({
    FORWARD_RULES: rules.map((rule, index) => ({
      ...rule,
      url: servers[index]!.url,
      timeoutMs: 400,
      concurrency: 10,
    })),
  });

  assert.deepEqual(await gateway.problems(), []);
  /** A destination that asked to be left alone, or that answered 410, goes on as soon as it is resumed. */
  const resumeAll = async () => {
    const destinations = await gateway.destinations();
    for (const { name, state } of destinations) if (state !== "up") await gateway.resume(name);
    return destinations;
  };

  const callbacks = Array.from(
    { length: count },
    (_, n): Callback => ({ label: `${n}`, group: `@TGS#${chance.between(1, conversations)}` }),
  );
  const from = performance.now();
  const sent: Promise<void>[] = [];
  const acknowledged: string[] = [];
  /** One conversation's callbacks follow each other: two at the same time may be kept in either order. */
  const lastOf = new Map<string, Promise<void>>();
  for (const [n, callback] of callbacks.entries()) {
    const wait = from + (n * 1_000) / perSecond - performance.now();
    if (wait > 0) await sleep(wait);
    const before = lastOf.get(callback.group!);
    const send = async () => {
      await before;
      // On a busy machine a callback may be answered 503. Its event may be kept all the same, later.
      if ((await gateway.sendLabelled(callback)) === 200) acknowledged.push(callback.label);
    };
    const sending = send();
    lastOf.set(callback.group!, sending);
    sent.push(sending);
    if (n % 20 === 0) sent.push(resumeAll().then(() => {}));
  }
  await Promise.all(sent);
  mood.well = true;

  const names = rules.map(({ name }) => name);
  await until(
    "every delivery has ended",
    async () => {
      const destinations = await resumeAll();
      return destinations.every(({ waiting, retrying }) => waiting === 0 && retrying === 0);
    },
    120_000,
  );
  const kept = await gateway.keptLabels();
  const rank = new Map(kept.map((label, index) => [label, index]));
  for (const label of acknowledged) assert.ok(rank.has(label), `${label} is acknowledged, and not kept`);
  for (const { name, delivered, dead } of await gateway.destinations()) {
    assert.equal(delivered + dead, kept.length, name);
    if (name !== "hasty") assert.equal(dead, 0, name);
    const labels = new Set(came.get(name));
    assert.ok(labels.size >= kept.length - dead, `${name}: ${labels.size} events came`);
  }
  t.diagnostic(
    `SEED=${seed}: ${acknowledged.length} of ${count} acknowledged, ${played.size} misbehaviours, ${[...came].map(([name, { length }]) => `${name} ${length}`)}`,
  );

  const groupOf = new Map(callbacks.map(({ label, group }) => [label, group!]));
  for (const name of ["ordered", "hasty"])
    for (const [group, labels] of Map.groupBy(came.get(name)!, (label) => groupOf.get(label)!)) {
      const numbers = labels.map((label) => rank.get(label)!);
      assert.deepEqual(
        numbers,
        numbers.toSorted((a, b) => a - b),
        `${name}: ${group} is out of order`,
      );
    }

  // On a busy machine an answer may be late once more.
  await until("no dead letter is left", async () => {
    const { dead } = await gateway.destinationIs("hasty", { retrying: 0, waiting: 0 });
    if (dead > 0) assert.deepEqual(await gateway.post("/api/dead-letters/replay"), { queued: dead });
    return dead === 0;
  });
  assert.equal(new Set(came.get("hasty")).size, kept.length);
  assert.deepEqual(ownLog(gateway.log()), []);
  await gateway.stop();
  assert.deepEqual(imbalances(gateway.dataDir, names), []);
});
