import assert from "node:assert/strict";
import { test } from "node:test";
import { Reservation } from "../../src/http/body-memory.ts";

const urlLength = 200;

test("requests with tiny bodies are bounded, too, and have room again when the others are kept", async () => {
  const held: Reservation[] = [];
  const take = async () => {
    const reservation = new Reservation(0);
    if (!(await reservation.begin(urlLength)) || !(await reservation.grow(2))) return false;
    reservation.complete();
    held.push(reservation);
    return true;
  };
  while (held.length < 100_000 && (await take()));
  assert.ok(held.length > 5_000 && held.length < 10_000, `${held.length} requests at once`);
  held.pop()?.release();
  assert.equal(await take(), true);
  for (const reservation of held) reservation.release();
});

test("a long URL counts as much as a long body", async () => {
  const held: Reservation[] = [];
  for (;;) {
    const reservation = new Reservation(0);
    if (!(await reservation.begin(60_000))) break;
    held.push(reservation);
  }
  assert.ok(held.length < 300, `${held.length} requests at once`);
  for (const reservation of held) reservation.release();
});
