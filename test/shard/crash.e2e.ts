/**
 * SIGKILL, again and again, while callbacks pour in and destinations fail now and then: every acknowledged event is
 * kept, and every kept event is delivered. Where a kill has struck is inferred from what comes after it.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ListedEvent } from "../support/api.ts";
import type { Callback } from "../support/callbacks.ts";
import { startGateway } from "../support/gateway.ts";
import {
  type Answer,
  hang,
  type Received,
  type Receiver,
  reply,
  startReceiver,
} from "../support/receiver.ts";
import { until } from "../support/until.ts";

/** As many as it takes until a kill has struck at each point, within these bounds. */
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
  /** Labels of callbacks whose request was under way, and got no answer. */
  unanswered: string[];
  /** Posts that destinations had not answered yet. */
  held: { receiver: Receiver; request: Received }[];
}

/** An event that a kill has struck at this point. */
interface Strike {
  kill: number;
  point: (typeof points)[number];
  label: string;
}

/** An event as it is listed; its label is its platform. */
type KeptEvent = ListedEvent & { platform: string };

/** Every so many requests fail; all take up to 7 ms. */
function mostlyWell(failsEvery: number): Answer {
  let count = 0;
  return (response, request) => {
    const status = ++count % failsEvery === 0 ? 500 : 200;
    setTimeout(() => reply(status)(response, request), (count * 5) % 8);
  };
}

test("SIGKILL at any moment loses no acknowledged event", { timeout: 170_000 }, async (t) => {
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
  const gateway = await startGateway({
    FORWARD_RULES: [
      { name: "any", url: any.url, ...loaded },
      { name: "ordered", url: ordered.url, ...inOrder },
      { name: "batched", url: batched.url, batch: { size: 10, ms: 30 }, ...inOrder },
      { name: "alarmed", url: alarmed.url, match: { platform: ["alarm"] }, retry: ["3s", "3s", "3s"] },
    ],
    SHARDS: 2,
  });

  const acknowledged = new Set<string>();
  const unanswered = new Set<string>();
  const killed: Kill[] = [];
  /** Resolves with false if no answer came. */
  const send = async (callback: Callback): Promise<boolean> => {
    unanswered.add(callback.label);
    const status = await gateway.sendLabelled(callback).catch(() => null);
    if (status === null) return false;
    unanswered.delete(callback.label);
    if (status === 200) acknowledged.add(callback.label);
    return true;
  };
  /** @param sending ends when all requests under way have */
  const killAndRestart = async (sending?: Promise<unknown>) => {
    const held = receivers.flatMap((receiver) => receiver.held().map((request) => ({ receiver, request })));
    const at = Date.now();
    await Promise.all([gateway.kill(), sending]);
    killed.push({ at, unanswered: [...unanswered], held });
    unanswered.clear();
    await gateway.start();
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
    await until(`${enough} callbacks are acknowledged`, () => acknowledged.size >= enough);
    // Commits come every few milliseconds: strike at another moment of one each time.
    await new Promise((resolve) => setTimeout(resolve, round % 11));
    const restarted = killAndRestart(Promise.all(sending));
    stopped = true;
    await restarted;
  };
  const keptEvents = async (): Promise<KeptEvent[]> =>
    (await gateway.allEvents()).map((event) => ({ ...event, platform: String(event.platform) })).reverse();
  const destinationsOf = (label: string) => (label === "alarm" ? [alarmed] : [any, ordered, batched]);
  const allDelivered = async () => {
    const kept = await keptEvents();
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
  const strikes = (kept: readonly KeptEvent[]): Strike[] => {
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
    if (round >= kills.least - 1 && isStruck(strikes(await keptEvents()), "committed but unanswered")) break;
  }

  // Without callbacks no segment records a delivery: the shard records it by itself, a second later.
  await allDelivered();
  await gateway.destinationIs("any", { waiting: 0 });
  await send({ label: "load-alone" });
  await any.delivered("load-alone");
  await killAndRestart();
  await allDelivered();

  // A retry that only the alarm makes: no timer waits that long, and no request wakes the object.
  alarmed.answer = reply(500);
  await send({ label: "alarm" });
  const failed = await alarmed.request(({ status }) => status === 500);
  alarmed.answer = hang;
  const attempt = await until("the alarm sends the retry", () => alarmed.held()[0]);
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
  assert.deepEqual(lost, [], "acknowledged events are kept");
  // No event is sent before it is durable.
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
    const { dead, expired } = await gateway.destination(name);
    assert.deepEqual({ dead, expired }, { dead: 0, expired: 0 });
  }
});
