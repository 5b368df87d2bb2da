/** The pace of an export beside receiving. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace } from "../../src/shard/query/pace.ts";
import { TestClock } from "../support/test-clock.ts";

/**
 * How many pages an export makes in a second, each within 5 ms, while so many events a second are received.
 * @param after how long the export has gone on before, milliseconds
 */
async function pagesASecond(received: number, after = 1_000): Promise<number> {
  const clock = new TestClock(1_000_000);
  const meter = { counters: { received: 0 } };
  const pace = new Pace(meter, clock);
  let pages = 0;
  let ended = false;
  const exporting = (async () => {
    while (!ended) {
      await new Promise<void>((resolve) => clock.after(5, resolve));
      pages++;
      await pace.giveWay();
    }
  })();
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 10) {
      meter.counters.received += received / 100;
      await clock.advance(10);
    }
  };
  await pass(after);
  pages = 0;
  await pass(1_000);
  ended = true;
  const found = pages;
  await clock.advance(1_500);
  await exporting;
  return found;
}

test("an export rests the longer, the more is received, and not at all beside little", async () => {
  const idle = await pagesASecond(0);
  assert.ok(idle > 180, `${idle}`);
  assert.equal(await pagesASecond(400), idle);
  const some = await pagesASecond(1_000);
  assert.ok(some >= 4 && some <= 6, `${some} pages beside 1,000 events a second`);
  const few = await pagesASecond(5_000);
  assert.ok(few <= 1, `${few} pages beside 5,000 events a second`);
});

test("an export rests after a tenth of a second at the latest, also where none went before it", async () => {
  const pages = await pagesASecond(4_000, 0);
  assert.ok(pages <= 21, `${pages} pages of 5 ms in the first second`);
});
