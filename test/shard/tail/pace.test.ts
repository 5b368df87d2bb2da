import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  afterAck,
  afterFrame,
  corrected,
  newPace,
  type Pace,
  SharedPace,
  waitFor,
} from "../../../src/shard/tail/pace.ts";

/** Sends as much as may be sent without a wait. Answers the number of frames. */
function pour(pace: Pace, bytes: number, now: number): [frames: number, pace: Pace] {
  let frames = 0;
  let after = pace;
  while (frames < 10_000 && waitFor(after, bytes, 0, now) === 0) {
    after = afterFrame(after, bytes, now);
    frames++;
  }
  return [frames, after];
}

test("a viewer that acknowledges may have 64 frames unacknowledged, and is then sent one more", () => {
  const begun = afterAck(newPace(0), 0)!;
  const [frames, full] = pour(begun, 30_000, 0);
  assert.equal(frames, 65);
  assert.equal(waitFor(full, 10, 0, 1_000_000), null);
  assert.equal(pour(afterAck(full, 10)!, 30_000, 0)[0], 10);
});

test("an acknowledgement of more frames than were sent is refused; a late one changes nothing", () => {
  const [frames, sent] = pour(newPace(0), 100_000, 0);
  assert.equal(afterAck(sent, frames + 1), null);
  const acked = afterAck(sent, frames)!;
  assert.equal(afterAck(acked, 0)!.acked, frames);
});

test("property: a viewer that never acknowledges gets less than 1 MB in any second", () => {
  const steps = fc.array(fc.record({ ms: fc.nat(400), bytes: fc.integer({ min: 1, max: 60_000 }) }), {
    minLength: 20,
  });
  fc.assert(
    fc.property(steps, (given) => {
      let now = 0;
      let pace = newPace(now);
      const sent: { at: number; bytes: number }[] = [];
      for (const { ms, bytes } of given) {
        now += ms;
        for (let times = 0; times < 30 && waitFor(pace, bytes, 0, now) === 0; times++) {
          pace = afterFrame(pace, bytes, now);
          sent.push({ at: now, bytes });
        }
      }
      for (const { at: from } of sent) {
        const within = sent.filter(({ at }) => at >= from && at < from + 1_000);
        assert.ok(within.reduce((sum, { bytes }) => sum + bytes, 0) <= 1_000_000);
      }
    }),
  );
});

test("a frame that must wait goes after the time that is told, also one that is longer than the burst", () => {
  for (const bytes of [1_000, 32_000, 400_000]) {
    const [, used] = pour(newPace(0), bytes, 0);
    const wait = waitFor(used, bytes, 0, 0)!;
    assert.ok(wait > 0 && wait < 1_000, `${wait}`);
    assert.equal(waitFor(used, bytes, 0, wait), 0);
    assert.notEqual(waitFor(used, bytes, 0, wait - 2), 0);
  }
});

test("a viewer that reads nothing and never acknowledges waits; a clock that is set back gives it nothing", () => {
  assert.equal(waitFor(newPace(0), 10, 2_000_000, 0), 500);
  const [, used] = pour(newPace(1_000_000), 1_000, 1_000_000);
  assert.notEqual(waitFor(used, 1_000, 0, 0), 0);
});

test("after a clock was set back, a frame waits for no longer than is told", () => {
  const [, used] = pour(newPace(1_000_000), 1_000, 1_000_000);
  const now = corrected(used, 0);
  const wait = waitFor(now, 1_000, 0, 0)!;
  assert.ok(wait > 0 && wait < 1_000, `${wait}`);
  assert.equal(waitFor(corrected(now, wait), 1_000, 0, wait), 0);
  assert.equal(corrected(used, 1_000_500), used);
});

test("all viewers together are sent 12 MB a second, after 12 MB at once", () => {
  const pace = new SharedPace();
  let sent = 0;
  for (let now = 0; now < 10_000; now += 10)
    while (pace.waitAt(now) === 0) {
      pace.spend(32_000);
      sent += 32_000;
    }
  assert.ok(sent > 130_000_000 && sent < 132_100_000, `${sent}`);
  const wait = pace.waitAt(10_000);
  assert.equal(pace.waitAt(10_000 + wait), 0);
});
