import assert from "node:assert/strict";
import { test } from "node:test";
import { newsOf } from "../../src/dashboard/overview/news.ts";

const told = (id: number, command: string, conversation: string | null) => ({ id, command, conversation });
const shown = (events: ReturnType<typeof told>[], most = 9) =>
  newsOf(events, most).map(({ event, earlier }) => [event.id, earlier]);

test("a fault that comes again and again is one line, at the place of the last", () => {
  assert.deepEqual(
    shown([
      told(5, "Relay.DeadLetter", "relay:audit"),
      told(4, "Relay.DeadLetter", "relay:search"),
      told(3, "Relay.DeadLetter", "relay:audit"),
      told(2, "Relay.DestinationDown", "relay:audit"),
      told(1, "Relay.DeadLetter", "relay:audit"),
    ]),
    [
      [5, 2],
      [4, 0],
      [2, 0],
    ],
  );
});

test("events without a subject stay apart", () => {
  assert.deepEqual(
    shown([
      told(3, "Relay.Action", "relay:"),
      told(2, "Relay.Action", "relay:"),
      told(1, "Relay.Action", null),
    ]),
    [
      [3, 0],
      [2, 0],
      [1, 0],
    ],
  );
});

test("the lines are bounded, and the newest stay", () => {
  const events = [9, 8, 7].map((id) => told(id, "Relay.Drift", `relay:C${id}`));
  assert.deepEqual(shown(events, 2), [
    [9, 0],
    [8, 0],
  ]);
});
