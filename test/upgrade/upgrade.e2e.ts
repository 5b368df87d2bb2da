/**
 * An upgrade and the way back. This version opens a data folder of the version before. Then the version before opens
 * the folder as this version leaves it. `before` holds the folder and the build of that version, written by `write.ts`.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { age } from "../shard/ageing.ts";
import { imbalances } from "../shard/books.ts";
import { type Gateway, todaysBuild } from "../support/gateway.ts";
import { hang, reply } from "../support/receiver.ts";
import { until } from "../support/until.ts";
import { backdate, moveTo, restore } from "./folder.ts";
import {
  bigNumber,
  everything,
  inOrder,
  mended,
  missing,
  names,
  type Receivers,
  rulesFor,
  sendRound,
  startReceivers,
  trouble,
  wants,
} from "./troubles.ts";
import {
  before,
  deadLettersOf,
  eventsOf,
  type LabelledEvent,
  newFolder,
  type Said,
  saidBy,
  start,
} from "./version.ts";

const texts = join(import.meta.dirname, "before");
const { delivered: had, ...said }: Said & { delivered: Record<string, string[]> } = JSON.parse(
  readFileSync(join(texts, "said.json"), "utf8"),
);

/** After this time every retry is due, and no event has expired. Days. */
const week = 7;

function folderOf(daysAgo: number): string {
  const dataDir = newFolder();
  restore(texts, dataDir);
  backdate(dataDir, daysAgo);
  return dataDir;
}

test("the folder of the version before holds rows of every kind", () => {
  assert.deepEqual(missing(folderOf(0)), []);
});

test("a gateway reports on the folder of the version before as that version did", async () => {
  const receivers = await startReceivers();
  for (const name of names) if (name !== everything) receivers.get(name)!.answer = hang;
  const dataDir = folderOf(2);
  moveTo(dataDir, "down", receivers.get("down")!.url);
  const gateway = await start(await todaysBuild, dataDir, rulesFor(receivers, ["removed"]));
  const same = async () => JSON.stringify(await saidBy(gateway)) === JSON.stringify(said);
  await until("it reports the same", same, 30_000).catch(() => {});
  assert.deepEqual(await saidBy(gateway), said);
  await gateway.kill();
});

test("every event that waits in the folder of the version before is delivered once, in order", async () => {
  const receivers = await startReceivers();
  const gateway = await start(await todaysBuild, folderOf(week), rulesFor(receivers), mended);
  await resume(gateway);
  await nothingWaits(gateway);
  assert.deepEqual(await deadLettersOf(gateway), said.deadLetters);
  const events = said.events.filter(({ platform }) => !platform.startsWith("quarantined-"));
  for (const name of names) {
    const received = receivers.get(name)!.received.flatMap(({ labels }) => labels);
    const due = labelsOf(events).filter(
      (label) => wants(name, label) && !said.deadLetters.includes(`${label} ${name}`),
    );
    const left = due.filter((label) => !had[name]!.includes(label));
    // Deliveries that were not noted yet when the gateway was killed come again.
    if (name !== everything) assert.deepEqual(received.toSorted(), left.toSorted(), name);
    if (inOrder.includes(name))
      assert.deepEqual(
        byConversation([...had[name]!, ...received], events),
        byConversation(due, events),
        name,
      );
  }
  await replayDeadLetters(gateway, receivers);
  for (const { body } of receivers.get("backlog")!.received) assert.ok(body.includes(bigNumber), body);
  await allIsOver(gateway, labelsOf(said.events));
  await gateway.kill();
});

test("the version before goes on with the folder as this version leaves it, and this version after it", async () => {
  const receivers = await startReceivers();
  const dataDir = folderOf(week);
  const acknowledged = labelsOf(said.events);
  const failed = (name: string, round: string) =>
    receivers
      .get(name)!
      .received.filter(({ status, labels }) => status === 503 && labels[0]!.includes(`-${round}-`)).length;

  trouble(receivers, 2);
  const upgraded = await start(await todaysBuild, dataDir, rulesFor(receivers, ["removed"]));
  await resume(upgraded);
  acknowledged.push(...(await sendRound(upgraded, "upgraded")));
  const tried = names.filter((name) => name !== "wrong" && name !== "removed");
  for (const name of tried)
    await until(`${name} has got some`, () => receivers.get(name)!.labels(200).length > 0);
  await until("some of the new events wait, some are dead", async () => {
    const fresh = (await eventsOf(upgraded)).filter(({ platform }) => platform.includes("-upgraded-"));
    const states = new Set(fresh.map(({ state }) => state));
    return (["pending", "retrying", "dead", "delivered"] as const).every((state) => states.has(state));
  });
  await until("new batches have failed twice", () => failed("singly", "upgraded") >= 4);
  await upgraded.kill();
  assert.deepEqual(imbalances(dataDir, [everything]), []);

  age(dataDir, week);
  for (const name of names) receivers.get(name)!.answer = reply(200);
  const back = await start(before(), dataDir, rulesFor(receivers), mended);
  assert.deepEqual(labelsOf(await eventsOf(back)).sort(), acknowledged.toSorted());
  await resume(back);
  acknowledged.push(...(await sendRound(back, "back")));
  await nothingWaits(back);
  await replayDeadLetters(back, receivers);
  const kept = await eventsOf(back);
  await allIsOver(back, acknowledged);
  await back.kill();

  for (const name of names) {
    const first = [...new Set([...had[name]!, ...receivers.get(name)!.labels(200)])];
    const due = labelsOf(kept).filter((label) => wants(name, label));
    assert.deepEqual(first.toSorted(), due.toSorted(), name);
    if (inOrder.includes(name))
      assert.deepEqual(byConversation(first, kept), byConversation(due, kept), name);
  }
  const requests = requestsOf(receivers);
  const again = await start(await todaysBuild, dataDir, rulesFor(receivers), mended);
  acknowledged.push(...(await sendRound(again, "again")));
  await nothingWaits(again);
  await replayDeadLetters(again, receivers);
  await allIsOver(again, acknowledged);
  await again.kill();
  for (const name of names) {
    const { received } = receivers.get(name)!;
    const late = received.slice(requests.get(name)).flatMap(({ labels }) => labels);
    const lastRound = (label: string) => /-(back|again)-/.test(label);
    assert.deepEqual(
      late.filter((label) => !lastRound(label)),
      [],
      `${name} gets no old event again`,
    );
  }
});

async function resume(gateway: Gateway): Promise<void> {
  for (const name of ["paused", "gone"]) await gateway.resume(name);
}

async function nothingWaits(gateway: Gateway): Promise<void> {
  const waiting = async () =>
    (await gateway.destinations()).filter((one) => one.waiting + one.retrying > 0).map(({ name }) => name);
  await until("nothing waits", async () => (await waiting()).length === 0).catch(() => {});
  assert.deepEqual(await waiting(), []);
}

async function replayDeadLetters(gateway: Gateway, receivers: Receivers): Promise<void> {
  const letters = await deadLettersOf(gateway);
  assert.deepEqual(await gateway.post("/api/dead-letters/replay"), { queued: letters.length });
  await nothingWaits(gateway);
  for (const letter of letters) {
    const [label = "", name = ""] = letter.split(" ");
    assert.ok(receivers.get(name)!.has(label, 200), letter);
  }
}

/** Fails unless each acknowledged event is kept once, is quarantined or delivered to all, and none has expired. */
async function allIsOver(gateway: Gateway, acknowledged: readonly string[]): Promise<void> {
  const events = await eventsOf(gateway);
  assert.deepEqual(labelsOf(events).sort(), acknowledged.toSorted());
  for (const { platform, state } of events)
    assert.equal(state, platform.startsWith("quarantined-") ? "quarantined" : "delivered", platform);
  for (const { name, waiting, retrying, dead, expired } of await gateway.destinations())
    assert.deepEqual(
      { waiting, retrying, dead, expired },
      { waiting: 0, retrying: 0, dead: 0, expired: 0 },
      name,
    );
  assert.deepEqual(await deadLettersOf(gateway), []);
}

function labelsOf(events: readonly Pick<LabelledEvent, "platform">[]): string[] {
  return events.map(({ platform }) => platform);
}

/** Labels by the conversation of their event; of a label that comes again, the first place counts. */
function byConversation(
  labels: readonly string[],
  events: readonly Pick<LabelledEvent, "platform" | "conversation">[],
): Record<string, string[]> {
  const conversations = new Map(events.map(({ platform, conversation }) => [platform, conversation]));
  return Object.groupBy(new Set(labels), (label) => conversations.get(label)!) as Record<string, string[]>;
}

function requestsOf(receivers: Receivers): Map<string, number> {
  return new Map([...receivers].map(([name, { received }]) => [name, received.length]));
}
