/**
 * SIGKILL, again and again, while callbacks pour in and destinations fail now and then: nothing that was answered is
 * lost, and nothing that is kept stays undelivered. What a kill has struck is told by what comes of it.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Callback } from "./callbacks.ts";
import {
  type Answer,
  hang,
  type Received,
  type Receiver,
  reply,
  startReceiver,
} from "./recording-receiver.ts";
import { type Listed, startRelay } from "./relay.ts";
import { until } from "./until.ts";

const kills = { least: 22, most: 44 };
const senders = 16;
const groups = 8;

const points = [
  "gathering",
  "committed but unanswered",
  "sending",
  "sent but not noted",
  "in the alarm",
] as const;

interface Kill {
  at: number;
  /** Callbacks whose request was under way, and got no answer. */
  unanswered: string[];
  /** What destinations held. */
  held: { receiver: Receiver; request: Received }[];
}

/** What a kill has struck. */
interface Strike {
  kill: number;
  point: (typeof points)[number];
  label: string;
}

/** Every so many requests fail; all take up to 7 ms. */
function mostlyWell(failsEvery: number): Answer {
  let count = 0;
  return (response, request) => {
    const status = ++count % failsEvery === 0 ? 500 : 200;
    setTimeout(() => reply(status)(response, request), (count * 5) % 8);
  };
}

test("no kill loses anything, wherever it strikes", { timeout: 170_000 }, async (t) => {
  const any = await startReceiver(mostlyWell(41));
  const ordered = await startReceiver(mostlyWell(37));
  const batched = await startReceiver(mostlyWell(31));
  const alarmed = await startReceiver();
  const receivers = [any, ordered, batched, alarmed];
  const loaded = {
    match: { platform: [{ prefix: "load-" }] },
    retry: Array.from({ length: 50 }, () => "200ms"),
    concurrency: 16,
  };
  const inOrder = { ...loaded, order: "conversation" };
  const relay = await startRelay(
    [
      { name: "any", url: any.url, ...loaded },
      { name: "ordered", url: ordered.url, ...inOrder },
      { name: "batched", url: batched.url, batch: { size: 10, ms: 30 }, ...inOrder },
      { name: "alarmed", url: alarmed.url, match: { platform: ["alarm"] }, retry: ["3s", "3s", "3s"] },
    ],
    { SHARDS: "2" },
  );

  const acknowledged = new Set<string>();
  const unanswered = new Set<string>();
  const killed: Kill[] = [];
  /** False: no answer came, and none will. */
  const send = async (callback: Callback): Promise<boolean> => {
    unanswered.add(callback.label);
    const status = await relay.send(callback).catch(() => null);
    if (status === null) return false;
    unanswered.delete(callback.label);
    if (status === 200) acknowledged.add(callback.label);
    return true;
  };
  /** @param sending ends when all requests under way have */
  const killAndRestart = async (sending?: Promise<unknown>) => {
    const held = receivers.flatMap((receiver) => receiver.held().map((request) => ({ receiver, request })));
    const at = Date.now();
    await Promise.all([relay.kill(), sending]);
    killed.push({ at, unanswered: [...unanswered], held });
    unanswered.clear();
    await relay.start();
  };
  const underLoad = async (round: number) => {
    let sent = 0;
    let stopped = false;
    const enough = acknowledged.size + [1, 10, 30, 80, 160][round % 5]!;
    const sending = Array.from({ length: senders }, async () => {
      for (let alive = true; alive && !stopped; ) {
        const n = ++sent;
        alive = await send({ label: `load-${round}-${n}`, group: `@TGS#${n ** 2 % groups}` });
      }
    });
    await until("the load", () => acknowledged.size >= enough);
    // Commits come every few milliseconds: strike at another moment of one each time.
    await new Promise((resolve) => setTimeout(resolve, round % 11));
    const restarted = killAndRestart(Promise.all(sending));
    stopped = true;
    await restarted;
  };
  const destinationsOf = (label: string) => (label === "alarm" ? [alarmed] : [any, ordered, batched]);
  const allDelivered = async () => {
    const kept = await relay.events();
    for (const receiver of receivers) {
      const due = kept.filter(({ platform }) => destinationsOf(platform).includes(receiver));
      await until(
        "all are delivered",
        () => due.every(({ platform }) => receiver.has(platform, 200)),
        60_000,
      );
    }
    return kept;
  };
  const cameAfter = (receiver: Receiver, label: string, at: number) =>
    receiver.received.some((request) => request.at > at && request.labels.includes(label));
  const strikes = (kept: readonly Listed[]): Strike[] => {
    const labels = new Set(kept.map(({ platform }) => platform));
    return killed.flatMap(({ at, unanswered, held }, kill) => {
      const strike = (point: Strike["point"]) => (label: string) => ({ kill, point, label });
      const answered = receivers.flatMap((receiver) =>
        receiver.received
          .filter(({ status, endedAt }) => status === 200 && endedAt! <= at && endedAt! > at - 1_000)
          .flatMap((request) => ({ receiver, request })),
      );
      const again = ({ receiver, request }: Kill["held"][number]) =>
        request.labels.filter((label) => cameAfter(receiver, label, at));
      return [
        ...unanswered.filter((label) => !labels.has(label)).map(strike("gathering")),
        ...unanswered.filter((label) => labels.has(label)).map(strike("committed but unanswered")),
        ...held.flatMap((one) =>
          again(one).map(strike(one.receiver === alarmed ? "in the alarm" : "sending")),
        ),
        ...answered.flatMap((one) => again(one).map(strike("sent but not noted"))),
      ];
    });
  };
  const isStruck = (all: readonly Strike[], point: Strike["point"]) =>
    all.some((strike) => strike.point === point);

  for (let round = 0; round < kills.most; round++) {
    await underLoad(round);
    // The time between a commit and its answers is short: a few kills in a hundred may all miss it.
    if (round >= kills.least - 1 && isStruck(strikes(await relay.events()), "committed but unanswered"))
      break;
  }

  // Nobody sends: no segment tells what was sent, and that it was is told by itself only after a second.
  await allDelivered();
  await until("quiet", async () => (await relay.destination("any")).waiting === 0);
  await send({ label: "load-alone" });
  await until("it is sent", () => any.labels(200).includes("load-alone"));
  await killAndRestart();
  await allDelivered();

  // A retry that only the alarm makes: no timer waits that long, and nobody calls.
  alarmed.answer = reply(500);
  await send({ label: "alarm" });
  const failed = await until("it fails", () => alarmed.received.find(({ status }) => status === 500));
  alarmed.answer = hang;
  const attempt = await until("the alarm", () => alarmed.held()[0]);
  assert.ok(attempt.at - failed.endedAt! > 2_000);
  await killAndRestart();
  alarmed.answer = reply(200);
  const kept = await allDelivered();

  const struck = strikes(kept);
  const counts = points.map((point) => `${point} ${struck.filter((one) => one.point === point).length}`);
  t.diagnostic(
    `${killed.length} kills, ${acknowledged.size} acknowledged, ${kept.length} kept; ${counts.join(", ")}`,
  );
  for (const point of points) assert.ok(isStruck(struck, point), `no kill has struck: ${point}`);
  assert.ok(killed.length >= kills.least);

  const ids = new Map(kept.map(({ platform, id }) => [platform, id]));
  assert.equal(ids.size, kept.length, "nothing is kept twice");
  const lost = [...acknowledged].filter((label) => !ids.has(label));
  assert.deepEqual(lost, [], "what was acknowledged is kept");
  // Nothing is sent before it is kept for good.
  for (const { labels } of receivers.flatMap(({ received }) => received))
    for (const label of labels) assert.ok(ids.has(label), `${label} was sent, and is not kept`);
  for (const { id, labels } of [any, ordered, alarmed].flatMap(({ received }) => received))
    assert.equal(id, ids.get(labels[0]!), "an event's id stays the same");

  const conversations = new Map(kept.map(({ platform, conversation }) => [platform, conversation]));
  const byConversation = (labels: readonly string[]) =>
    Map.groupBy(labels, (label) => conversations.get(label));
  const keptInOrder = byConversation([...ids.keys()].filter((label) => label !== "alarm"));
  assert.deepEqual(byConversation(ordered.labels()), keptInOrder);
  assert.deepEqual(byConversation(batched.labels()), keptInOrder);
  for (const name of ["any", "ordered", "batched", "alarmed"]) {
    const { dead, expired } = await relay.destination(name);
    assert.deepEqual({ dead, expired }, { dead: 0, expired: 0 });
  }
});
