import assert from "node:assert/strict";
import { test } from "node:test";
import { plain } from "../../src/cli/screen.ts";
import { cutPieces, linePieces } from "../../src/cli/tail/line.ts";
import { Place } from "../../src/cli/tail/place.ts";
import type { Event, TailLine } from "../../src/client/index.js";

const start = Date.parse("2026-11-27T04:00:00Z");

/** An event received so many seconds after the start. */
const event = (id: string, seconds: number): TailLine => ({
  type: "event",
  event: { id, receivedAt: new Date(start + seconds * 1000).toISOString() } as Event,
});
const verdict = (id: string): TailLine => ({
  type: "verdict",
  event: id,
  rule: null,
  code: 0,
  ms: 1,
  how: "default",
});
const at = (seconds: number) => new Date(start + seconds * 1000).toISOString();

test("a tail without since goes on from where it began, before its first event", () => {
  const place = new Place(null);
  assert.equal(place.since(0), undefined);
  place.opened(5_000);
  assert.equal(place.since(8_000), "4s");
  place.opened(9_000);
  assert.equal(place.since(9_500), "6s");
});

test("a tail goes on a minute before its newest event, and never before its beginning", () => {
  const place = new Place(null);
  place.opened(1_000);
  // By the gateway's clock the tail began 2 s before this event.
  place.takes(event("a", 2), 3_000);
  assert.equal(place.since(4_000), at(0));
  place.takes(event("b", 90), 91_000);
  place.takes(event("late", 80), 91_100);
  assert.equal(place.since(92_000), at(30));
  const told = new Place(start);
  told.opened(0);
  told.takes(event("a", 10), 0);
  assert.equal(told.since(1), at(0));
});

test("an event that was seen is left out with its verdict, and forgotten when it cannot come again", () => {
  const place = new Place(start);
  assert.ok(place.takes(event("a", 1), 0));
  assert.ok(place.takes(verdict("a"), 0));
  assert.ok(!place.takes(event("a", 1), 1));
  assert.ok(!place.takes(verdict("a"), 1));
  assert.ok(place.takes(event("b", 30), 2));
  assert.ok(place.takes(verdict("b"), 2));
  assert.ok(place.takes(event("c", 70), 3));
  // Of another connection, which begins 60 s before c, it cannot come.
  assert.ok(place.takes(event("a", 1), 4));
  assert.ok(!place.takes(event("b", 30), 4));
  assert.ok(place.takes({ type: "gap", missed: 2 }, 5));
});

const textOf = (line: TailLine) => linePieces(line, start).map(plain).join("");

test("gaps and later attempts are told", () => {
  assert.equal(
    textOf({ type: "gap", missed: 120 }),
    "          120 lines missed: they came faster than they were read",
  );
  const delivery = {
    type: "delivery",
    event: "evt_1",
    destination: "audit",
    state: "retrying",
    attempt: 2,
  } as const;
  assert.match(textOf(delivery), /^\d\d:\d\d:\d\d {2}evt_1 {2}→ audit retrying, attempt 2$/);
});

test("a line is cut where a terminal ends", () => {
  const cut = (width: number) =>
    cutPieces(["ab  ", { text: "港口\ncd", style: "bold" }, "  end"], width)
      .map(plain)
      .join("");
  assert.equal(cut(20), "ab  港口\\ncd  end");
  assert.equal(cut(9), "ab  港口…");
  assert.equal(cut(Number.POSITIVE_INFINITY), "ab  港口\\ncd  end");
});
