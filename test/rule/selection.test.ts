/** Relay events in the selections of rules and requests: only an entry of a rule's `on` that names them lets them in. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { newRelayEvent } from "../../src/callback/relay-events.ts";
import { compilePattern } from "../../src/rule/match/pattern.ts";
import { hearsOnlyRelay, hearsRelay, readNarrowing, selectionOf } from "../../src/rule/selection.ts";
import { pathAt } from "../../src/rule/setting-path.ts";
import { fitsReplay, type ReplayFilter } from "../../src/shard/replay/order.ts";
import { eventWith } from "../delivery/sample.ts";

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
