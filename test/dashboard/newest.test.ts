import assert from "node:assert/strict";
import { test } from "node:test";
import type { Event } from "../../src/client/index.js";
import { mostEvents, withEvents, withLines } from "../../src/dashboard/events/newest.ts";

const event = (n: number, more: Partial<Event> = {}): Event => ({
  id: `evt_${String(n).padStart(6, "0")}`,
  command: "Group.CallbackAfterSendMsg",
  phase: "after",
  known: true,
  valid: true,
  state: "pending",
  app: "1400000000",
  conversation: "group:@TGS#1",
  receivedAt: new Date(1_800_000_000_000 + n).toISOString(),
  clientIp: null,
  platform: null,
  size: 100,
  from: "lan",
  verdict: null,
  destinations: {},
  ...more,
});
const numbers = (events: readonly Event[]) => events.map(({ id }) => Number(id.slice(4)));

test("new events stand before older ones, in the order of their arrival at the gateway", () => {
  const shown = withEvents([], [event(2), event(5), event(3)]);
  assert.deepEqual(numbers(shown), [5, 3, 2]);
  assert.deepEqual(numbers(withEvents(shown, [event(4), event(6), event(1)])), [6, 5, 4, 3, 2, 1]);
});

test("an event that comes again stands there once, as it is now", () => {
  const shown = withEvents([event(2), event(1)], [event(1, { state: "dead" }), event(3)]);
  assert.deepEqual(numbers(shown), [3, 2, 1]);
  assert.equal(shown[2]!.state, "dead");
});

test("no more events are kept than the page can hold", () => {
  const many = Array.from({ length: mostEvents }, (_, n) => event(n));
  const shown = withEvents(withEvents([], many), [event(mostEvents), event(mostEvents + 1)]);
  assert.equal(shown.length, mostEvents);
  assert.equal(numbers(shown)[0], mostEvents + 1);
});

test("a delivery and a verdict change the event that they are about", () => {
  const shown = withLines(
    [event(2, { destinations: { audit: "pending", push: "pending" } }), event(1)],
    [
      { type: "delivery", event: event(2).id, destination: "audit", state: "delivered", attempt: 1 },
      { type: "delivery", event: event(2).id, destination: "push", state: "retrying", attempt: 1 },
      { type: "verdict", event: event(1).id, rule: "no-links", code: 1, ms: 2, how: "rule" },
      { type: "delivery", event: "evt_unknown", destination: "audit", state: "dead", attempt: 1 },
    ],
  );
  assert.deepEqual(shown[0]!.destinations, { audit: "delivered", push: "retrying" });
  assert.equal(shown[0]!.state, "retrying");
  assert.equal(shown[1]!.verdict?.code, 1);
});

test("a quarantined event stays quarantined", () => {
  const [shown] = withLines(
    [event(1, { state: "quarantined" })],
    [{ type: "delivery", event: event(1).id, destination: "audit", state: "delivered", attempt: 1 }],
  );
  assert.equal(shown!.state, "quarantined");
});
