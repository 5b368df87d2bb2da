/** SIGKILL while an expired day is dropped: it goes whole or not at all, and each expired event is counted once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { labelsOf, numbered } from "../support/callbacks.ts";
import { startGateway } from "../support/gateway.ts";
import { hang, reply, startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";
import { age, dayBefore, keptDays } from "./ageing.ts";

/** Days. With a week of retention, the storage has expired when it has been aged twice. */
const ageBy = 4;

/** How long after the log line of a dropped day to kill. At once, nothing may have reached the disk yet. Milliseconds. */
const killAfter = [0, 200, 0, 5, 0];

/** Fifteen events a round: six wait for a paused destination, four behind one of them, and so on. */
const eventsOf = (round: number) => [
  ...numbered(`paused-${round}-`, 6),
  ...numbered(`failing-${round}-`, 2),
  ...numbered(`behind-${round}-`, 4, { group: `@TGS#${round}` }),
  ...numbered(`late-${round}-`, 1),
  ...numbered(`dead-${round}-`, 2),
];

/**
 * The reports of the destinations when the events of `kept` rounds are kept, and the events of `gone` rounds dropped.
 */
const standing = (kept: number, gone: number) => ({
  paused: { waiting: 6 * kept, retrying: 0, dead: 0, expired: 6 * gone },
  failing: { waiting: 0, retrying: 2 * kept, dead: 0, expired: 2 * gone },
  behind: { waiting: 3 * kept, retrying: kept, dead: 0, expired: 4 * gone },
  late: { waiting: 0, retrying: kept, dead: 0, expired: gone },
  dead: { waiting: 0, retrying: 0, dead: 2 * kept, expired: 2 * gone },
});

test("SIGKILL while an expired day is dropped loses no newer event and counts each expired one once", {
  timeout: 400_000,
}, async (t) => {
  const [well, paused] = [await startReceiver(), await startReceiver(hang)];
  const { url } = await startReceiver(reply(422));
  const only = (name: string) => ({ name, match: { platform: [{ prefix: name }] } });
  // Hourly retries are due at every restart: attempts are in flight while the day is dropped. One retry is due on the
  // last day only.
  const [hourly, once] = [Array.from({ length: 20 }, () => "1h"), ["150h"]];
  const gateway = await startGateway({
    FORWARD_RULES: [
      { name: "well", url: well.url },
      { ...only("paused"), url: paused.url, order: "conversation" },
      { ...only("failing"), url, retry: hourly },
      { ...only("behind"), url, retry: hourly, order: "conversation" },
      { ...only("late"), url, retry: once },
      { ...only("dead"), url, retry: [] },
    ],
  });
  const reaches = async (expected: ReturnType<typeof standing>) => {
    const look = async () => {
      const standing: Record<string, object> = {};
      for (const name of Object.keys(expected)) {
        const { waiting, retrying, dead, expired } = await gateway.destination(name);
        standing[name] = { waiting, retrying, dead, expired };
      }
      return standing;
    };
    const same = async () => JSON.stringify(await look()) === JSON.stringify(expected);
    await until("the destinations report this", same, 30_000).catch(() => {});
    assert.deepEqual(await look(), expected);
  };
  /** Labels of the events of these rounds. */
  const sentSince = (round: number, rounds: number) =>
    Array.from({ length: rounds - round }, (_, n) => labelsOf(eventsOf(round + n))).flat();

  const kills: { afterMs: number; committed: boolean }[] = [];
  const killWhileDropping = async () => {
    const [oldest] = keptDays(gateway.dataDir);
    await gateway.start();
    // Without a request, the alarm drops the expired day.
    await gateway.seen(/day dropped/);
    const afterMs = killAfter[kills.length]!;
    await sleep(afterMs);
    await gateway.kill();
    kills.push({ afterMs, committed: !keptDays(gateway.dataDir).includes(oldest!) });
    await gateway.start();
    // The kill may have come after the alarm was set anew, and before the day was gone: it fires within 30 s.
    await gateway.destinationIs("dead", { dead: 2 }, 90_000);
    return oldest!;
  };

  for (let round = 0; round < killAfter.length + 2; round++) {
    if (round === 1) await gateway.start();
    if (round >= 2) {
      const dropped = await killWhileDropping();
      await reaches(standing(1, round - 1));
      assert.ok(!keptDays(gateway.dataDir).includes(dropped));
      const listed = await gateway.keptLabels();
      assert.deepEqual(listed, sentSince(round - 1, round));
    }
    await gateway.sendAll(eventsOf(round));
    // The first round's events are in flight at the pause and at the crash.
    if (round === 0) await gateway.pause("paused");
    await well.delivered(15 * (round + 1));
    await reaches(standing(Math.min(round + 1, 2), Math.max(0, round - 1)));
    if (round === killAfter.length + 1) break;
    await gateway.kill();
    const day = keptDays(gateway.dataDir).at(-1)!;
    age(gateway.dataDir, ageBy);
    assert.equal(keptDays(gateway.dataDir).at(-1), dayBefore(day, ageBy));
  }

  t.diagnostic(
    kills.map(({ afterMs, committed }) => `${afterMs} ms: ${committed ? "dropped" : "as before"}`).join("; "),
  );
  assert.equal(kills.length, killAfter.length);
  assert.ok(kills[1]!.committed);

  paused.answer = reply(200);
  await gateway.resume("paused");
  const left = sentSince(killAfter.length, killAfter.length + 2).filter((label) =>
    label.startsWith("paused"),
  );
  await paused.delivered(left.length);
  assert.deepEqual(paused.labels(200), left);
  await reaches({
    ...standing(2, killAfter.length),
    paused: { waiting: 0, retrying: 0, dead: 0, expired: 6 * killAfter.length },
  });
});
