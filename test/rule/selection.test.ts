/** The selections of rules and requests: relay events, which only an entry of a rule's `on` lets in, and samples. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { newEventId } from "../../src/callback/event-id.ts";
import { newRelayEvent } from "../../src/callback/relay-events.ts";
import { compilePattern } from "../../src/rule/match/pattern.ts";
import { hearsOnlyRelay, hearsRelay, readNarrowing, selectionOf } from "../../src/rule/selection.ts";
import { pathAt } from "../../src/rule/setting-path.ts";
import { fitsReplay, type ReplayFilter } from "../../src/shard/replay/order.ts";
import { eventWith } from "../delivery/sample.ts";
import { Chance } from "../support/chance.ts";

const path = pathAt("", assert.fail);
const telling = { command: "Relay.DeadLetter", body: { destination: "audit", count: 3 } } as const;
const relay = newRelayEvent(telling, Date.UTC(2026, 10, 27), new Uint8Array(12));
const callback = eventWith({ command: "Group.CallbackAfterSendMsg" });
const anyRelay = compilePattern({ command: [{ prefix: "Relay." }] }, path)!;

test("a rule gets relay events if an entry of its `on` names them, and callbacks if another one does", () => {
  const choices: [on: string[] | null, relay: boolean, callback: boolean][] = [
    [null, false, true],
    [["*"], false, true],
    [["*elay.*"], false, false],
    [["Relay*"], false, false],
    [["*.*", "Group.*"], false, true],
    [["Relay.*"], true, false],
    [["Relay.DeadLetter"], true, false],
    [["Relay.Expired"], false, false],
    [["Group.*", "Relay.Dead*"], true, true],
  ];
  for (const [on, takesRelay, takesCallback] of choices) {
    const selection = selectionOf(on, null);
    assert.deepEqual(
      [selection.matches(relay), selection.matches(callback)],
      [takesRelay, takesCallback],
      `${on}`,
    );
    assert.deepEqual(
      [selection.explain(relay) === null, selection.explain(callback) === null],
      [takesRelay, takesCallback],
    );
  }
  assert.equal(selectionOf(null, anyRelay).matches(relay), false, "a pattern that names them is not enough");
});

test("a rule says whether it may get relay events, and whether nothing else", () => {
  const said = (on: string[] | null) => [hearsRelay({ on }), hearsOnlyRelay({ on })];
  assert.deepEqual(said(null), [false, false]);
  assert.deepEqual(said(["*"]), [false, false]);
  assert.deepEqual(said(["*", "Relay.*"]), [true, false]);
  assert.deepEqual(said(["Relay.Dead*", "Relay.Expired"]), [true, true]);
});

test("a replay narrows the events of its rule, and widens nothing: not by `on`, `match`, or neither", () => {
  const settled = { isDeadSince: assert.fail } as unknown as Parameters<typeof fitsReplay>[2];
  const filter = (narrowing: object): ReplayFilter => ({
    destination: "audit",
    since: 0,
    until: Number.MAX_SAFE_INTEGER,
    choice: "all",
    orderedAt: 0,
    narrowing: JSON.stringify(narrowing),
  });
  const sent = (on: string[] | null, narrowing: object) => {
    const fits = fitsReplay(filter(narrowing), selectionOf(on, null), settled);
    return [relay, callback].filter((event) => fits({ position: 0, event })).map(({ command }) => command);
  };
  const group = callback.command;
  for (const narrowing of [{}, { on: null }, { on: "*" }, { on: ["*", "Relay.*"] }]) {
    assert.deepEqual(sent(null, narrowing), [group], JSON.stringify(narrowing));
    assert.deepEqual(sent(["*"], narrowing), [group]);
    assert.deepEqual(sent(["Relay.*"], narrowing), [relay.command]);
    assert.deepEqual(sent(["*", "Relay.*"], narrowing), [relay.command, group]);
  }
  assert.deepEqual(sent(null, { on: "Relay.*" }), []);
  assert.deepEqual(sent(null, { match: { command: [{ prefix: "Relay." }] } }), []);
  assert.deepEqual(sent(["*", "Relay.*"], { on: "Group.*" }), [group]);
  assert.deepEqual(sent(["*", "Relay.*"], { on: "Relay.*" }), [relay.command]);
  assert.deepEqual(sent(["*", "Relay.*"], { match: { body: { count: [3] } } }), [relay.command]);
});

test("a narrowing that cannot be read is reported by its path", () => {
  const said: string[] = [];
  const at = pathAt("", (path) => said.push(path));
  assert.equal(readNarrowing({ on: [7], match: { stranger: [1] } }, at), undefined);
  assert.deepEqual(said.sort(), ["match.stranger", "on[0]"]);
});

test("a sample is that share of the events that fit, the same events each time, and more of them in a larger one", () => {
  const chance = new Chance(7);
  const random = () => Uint8Array.from({ length: 12 }, () => chance.between(0, 255));
  const events = Array.from({ length: 10_000 }, (_, index) =>
    eventWith({ id: newEventId(index % 256, 1_770_000_000_000 + index, random()) }),
  );
  const chosen = (sample: number, match = "Group.CallbackAfterSendMsg") => {
    const { matches, explain } = selectionOf([match], null, sample);
    const ids = events.filter(matches).map(({ id }) => id);
    assert.deepEqual(
      events.filter((event) => explain(event) === null).map(({ id }) => id),
      ids,
    );
    return ids;
  };
  assert.equal(chosen(1).length, 10_000);
  const [tenth, half] = [chosen(0.1), chosen(0.5)];
  assert.ok(Math.abs(tenth.length - 1_000) < 150 && Math.abs(half.length - 5_000) < 250);
  assert.ok(tenth.every((id) => half.includes(id)));
  assert.deepEqual(chosen(0.1), tenth);
  assert.deepEqual(chosen(0.5, "C2C.*"), []);
});

test("a miss is told as the event's place in the sample, after the other conditions", () => {
  const event = eventWith({ id: `evt_${"0".repeat(12)}00${"g".padEnd(10, "0")}` });
  const pattern = compilePattern({ body: { Type: ["Public"] } }, path);
  assert.equal(selectionOf(null, null, 0.51).explain(event), null);
  assert.deepEqual(selectionOf(null, null, 0.5).explain(event), {
    field: "sample",
    found: "0.5000",
    expected: "below 0.5",
  });
  assert.equal(selectionOf(null, pattern!, 0.5).explain(event)?.field, "body.Type");
});
