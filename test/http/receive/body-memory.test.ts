import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Reservation } from "../../../src/http/receive/body-memory.ts";

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

/** Reservations until there is no room for another, as of requests that were cancelled. */
async function fill(): Promise<Reservation[]> {
  const held: Reservation[] = [];
  for (;;) {
    const reservation = new Reservation(0);
    if (!(await reservation.begin(60_000))) return held;
    held.push(reservation);
  }
}

test("a clock that is set back keeps no memory of cancelled requests, and lets no body wait for longer", async () => {
  let ahead = 3_600_000;
  const real = Date.now;
  mock.method(Date, "now", () => real() + ahead);
  const held = await fill();
  const waiting = new Reservation(0).begin(60_000);
  ahead = 0;
  assert.equal(await waiting, true, "the others have expired");
  for (const reservation of held) reservation.release();
  mock.restoreAll();
});
