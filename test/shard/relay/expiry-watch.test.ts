/** The watch over old backlogs, from outside: destinations and retries as it sees them, and times. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Event } from "../../../src/callback/event.ts";
import { newRelayEvent } from "../../../src/callback/relay-events.ts";
import { positionAt } from "../../../src/shard/journal/position.ts";
import type { Destination } from "../../../src/shard/pump/destination.ts";
import { ExpiringDestinations } from "../../../src/shard/relay/expiry-watch.ts";
import { eventWith, ruleWith } from "../../delivery/sample.ts";

const now = Date.parse("2026-11-27T12:00:00Z");
const hour = 3_600_000;
const retentionMs = 48 * hour;

/** A watch over one destination, whose oldest event waits since a time, and whose retries are of events of another. */
function watchOver(waits: { since: number } | null, retry: { at: number; count: number } | null = null) {
  const end = positionAt(now);
  const destination = {
    firstUndelivered: waits ? positionAt(waits.since) : end,
    backlog: () => ({ waiting: waits ? 7 : 0, since: waits?.since ?? null, estimated: false }),
  } as unknown as Destination;
  const found = retry && ([["audit", { count: retry.count, first: positionAt(retry.at) }]] as const);
  return new ExpiringDestinations(
    {
      rules: { rules: [] },
      journal: {
        end,
        read: (from) => ({ entries: [{ position: from, event: eventWith() }], next: end }),
        at: () => assert.fail(),
      },
      destinations: { all: new Map([["audit", destination]]) },
      retries: {
        before: (position) => new Map(found && positionAt(retry!.at) < position ? found : []),
        firstBefore: () => assert.fail(),
      },
    },
    retentionMs,
  );
}

test("a backlog is old when its first event has waited for half of the retention", () => {
  const since = now - retentionMs / 2;
  assert.deepEqual(watchOver({ since }).look(now), {});
  assert.deepEqual(watchOver({ since: since - 1 }).look(now), { audit: { waiting: 7, oldest: since - 1 } });
});

test("an event in the retry list counts like one that waits, and the older of both is named", () => {
  const at = now - 40 * hour;
  assert.deepEqual(watchOver(null, { at, count: 2 }).look(now), { audit: { waiting: 2, oldest: at } });
  assert.deepEqual(watchOver({ since: now - 30 * hour }, { at, count: 2 }).look(now), {
    audit: { waiting: 9, oldest: at },
  });
  assert.deepEqual(watchOver(null, { at: now - hour, count: 2 }).look(now), {});
});

test("a destination that loses nothing has no old backlog", () => {
  const watch = watchOver({ since: Number.POSITIVE_INFINITY });
  assert.deepEqual(watch.look(now), {});
  assert.equal(watch.nextAt(), null);
});

test("it looks once a minute, and again at once where the clock was set far back", () => {
  const watch = watchOver({ since: now - 40 * hour });
  assert.ok(watch.look(now));
  assert.equal(watch.look(now + 59_999), null);
  assert.ok(watch.look(now + 60_000));
  assert.ok(watch.look(now - hour));
});

test("an alarm is needed when the first event will be old, and none once that was looked at", () => {
  const since = now - hour;
  const watch = watchOver({ since });
  assert.equal(watch.nextAt(), since + retentionMs / 2 + 1);
  assert.ok(watch.nextAt()! >= since + watch.soonestMs);
  watch.look(now);
  assert.equal(watch.nextAt(), since + retentionMs / 2 + 1);
  watch.look(since + retentionMs / 2 + 1);
  assert.equal(watch.nextAt(), null);
});

test("nothing that waits needs no alarm", () => {
  assert.equal(watchOver(null).nextAt(), null);
});

/** A watch over a destination that gets relay events too: what waits for it, in its order, and what is retried. */
function watchOverHearer(waiting: readonly Event[], retried: readonly Event[] = []) {
  const entries = waiting.map((event, index) => ({ position: positionAt(event.receivedAt) + index, event }));
  const retries = retried.map((event) => ({ position: positionAt(event.receivedAt), event }));
  const end = positionAt(now);
  const destination = {
    firstUndelivered: entries[0]?.position ?? end,
    backlog: () => ({ waiting: entries.length, since: waiting[0]?.receivedAt ?? null, estimated: false }),
    waits: () => true,
  } as unknown as Destination;
  const before = (until: number) => retries.map(({ position }) => position).filter((one) => one < until);
  return new ExpiringDestinations(
    {
      rules: { rules: [ruleWith({ on: ["*", "Relay.*"] })] },
      journal: {
        end,
        read: (from) => ({ entries: entries.filter(({ position }) => position >= from), next: end }),
        at: (position) => retries.find((one) => one.position === position) ?? null,
      },
      destinations: { all: new Map([["audit", destination]]) },
      retries: {
        before: (until) => {
          const [first, ...more] = before(until);
          return new Map(first === undefined ? [] : [["audit", { count: 1 + more.length, first }]]);
        },
        firstBefore: before,
      },
    },
    retentionMs,
  );
}

test("relay events that wait for long are not told of unless a callback has waited for so long too", () => {
  const at = (hours: number) => now - hours * hour;
  const telling = { command: "Relay.Test", body: { destination: "audit" } } as const;
  const relay = (hours: number) => newRelayEvent(telling, at(hours), new Uint8Array(12));
  const callback = (hours: number) => eventWith({ receivedAt: at(hours) });
  assert.deepEqual(watchOverHearer([relay(40), callback(1)]).look(now), {});
  assert.deepEqual(watchOverHearer([], [relay(40)]).look(now), {});
  assert.deepEqual(watchOverHearer([relay(40), callback(30)]).look(now), {
    audit: { waiting: 2, oldest: at(40) },
  });
  assert.deepEqual(watchOverHearer([], [relay(40), callback(30)]).look(now), {
    audit: { waiting: 2, oldest: at(40) },
  });
});
