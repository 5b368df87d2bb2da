/** SIGKILL while a day is dropped: it goes whole or not at all, and what waiting destinations lose is counted once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { age, dayBefore, keptDays } from "./ageing.ts";
import { hang, reply, startReceiver } from "./recording-receiver.ts";
import { labelsOf, numbered, startRelay } from "./relay.ts";
import { until } from "./until.ts";

/** With a week of retention, the second time a day is over. */
const ageBy = 4;

/** How long after the line that a day was dropped. At once, nothing may have reached the disk yet. Milliseconds. */
const killAfter = [0, 200, 0, 5, 0];

/** Fifteen events a round: six wait for a paused destination, four behind one of them, and so on. */
const eventsOf = (round: number) => [
  ...numbered(`paused-${round}-`, 6),
  ...numbered(`failing-${round}-`, 2),
  ...numbered(`behind-${round}-`, 4, { group: `@TGS#${round}` }),
  ...numbered(`late-${round}-`, 1),
  ...numbered(`dead-${round}-`, 2),
];

/** Where destinations stand when the events of so many rounds are kept, and those of others are gone. */
const standing = (kept: number, gone: number) => ({
  paused: { waiting: 6 * kept, retrying: 0, dead: 0, expired: 6 * gone },
  failing: { waiting: 0, retrying: 2 * kept, dead: 0, expired: 2 * gone },
  behind: { waiting: 3 * kept, retrying: kept, dead: 0, expired: 4 * gone },
  late: { waiting: 0, retrying: kept, dead: 0, expired: gone },
  dead: { waiting: 0, retrying: 0, dead: 2 * kept, expired: 2 * gone },
});

test("a kill while a day is dropped harms nothing newer, and counts what is lost once", {
  timeout: 120_000,
}, async (t) => {
  const [well, paused] = [await startReceiver(), await startReceiver(hang)];
  const { url } = await startReceiver(reply(422));
  const only = (name: string) => ({ name, match: { platform: [{ prefix: name }] } });
  // Due at every restart, so that attempts are under way while the day is dropped; and due on the last day only.
  const [hourly, once] = [Array.from({ length: 20 }, () => "1h"), ["150h"]];
  const relay = await startRelay([
    { name: "well", url: well.url },
    { ...only("paused"), url: paused.url, order: "conversation" },
    { ...only("failing"), url, retry: hourly },
    { ...only("behind"), url, retry: hourly, order: "conversation" },
    { ...only("late"), url, retry: once },
    { ...only("dead"), url, retry: [] },
  ]);
  const reaches = async (expected: ReturnType<typeof standing>) => {
    const look = async () => {
      const standing: Record<string, object> = {};
      for (const name of Object.keys(expected)) {
        const { waiting, retrying, dead, expired } = await relay.destination(name);
        standing[name] = { waiting, retrying, dead, expired };
      }
      return standing;
    };
    const same = async () => JSON.stringify(await look()) === JSON.stringify(expected);
    await until("it stands so", same, 10_000).catch(() => {});
    assert.deepEqual(await look(), expected);
  };
  /** Labels of all that is kept, but for the rounds before. */
  const sentSince = (round: number, rounds: number) =>
    Array.from({ length: rounds - round }, (_, n) => labelsOf(eventsOf(round + n))).flat();

  const kills: { afterMs: number; committed: boolean }[] = [];
  const killWhileDropping = async () => {
    const [oldest] = keptDays(relay.dataDir);
    await relay.start();
    // Nobody calls: the alarm finds it over.
    await relay.gateway.seen(/day dropped/);
    const afterMs = killAfter[kills.length]!;
    await sleep(afterMs);
    await relay.kill();
    kills.push({ afterMs, committed: !keptDays(relay.dataDir).includes(oldest!) });
    await relay.start();
    await until("the day is gone", () => relay.destination("dead").then(({ dead }) => dead === 2));
    return oldest!;
  };

  for (let round = 0; round < killAfter.length + 2; round++) {
    if (round === 1) await relay.start();
    if (round >= 2) {
      const dropped = await killWhileDropping();
      await reaches(standing(1, round - 1));
      assert.ok(!keptDays(relay.dataDir).includes(dropped));
      const listed = (await relay.events()).map(({ platform }) => platform);
      assert.deepEqual(listed, sentSince(round - 1, round));
    }
    await relay.sendAll(eventsOf(round));
    // The first round's events are under way when it is paused, and at the crash.
    if (round === 0) await relay.api("/api/destinations/paused/pause", null, 200);
    await until("all have come", () => well.labels(200).length === 15 * (round + 1));
    await reaches(standing(Math.min(round + 1, 2), Math.max(0, round - 1)));
    if (round === killAfter.length + 1) break;
    await relay.kill();
    const day = keptDays(relay.dataDir).at(-1)!;
    age(relay.dataDir, ageBy);
    assert.equal(keptDays(relay.dataDir).at(-1), dayBefore(day, ageBy));
  }

  t.diagnostic(
    kills.map(({ afterMs, committed }) => `${afterMs} ms: ${committed ? "dropped" : "as before"}`).join("; "),
  );
  assert.equal(kills.length, killAfter.length);
  assert.ok(kills[1]!.committed);

  paused.answer = reply(200);
  await relay.api("/api/destinations/paused/resume", null, 200);
  const left = sentSince(killAfter.length, killAfter.length + 2).filter((label) =>
    label.startsWith("paused"),
  );
  await until("it gets what is left", () => paused.labels(200).length >= left.length);
  assert.deepEqual(paused.labels(200), left);
  await reaches({
    ...standing(2, killAfter.length),
    paused: { waiting: 0, retrying: 0, dead: 0, expired: 6 * killAfter.length },
  });
});
