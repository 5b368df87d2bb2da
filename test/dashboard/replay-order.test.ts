import assert from "node:assert/strict";
import { test } from "node:test";
import { emptyForm, momentsOf, readOrder } from "../../src/dashboard/destinations/replay-order.ts";

const now = Date.parse("2026-11-27T10:30:00.000Z");
const read = (fields: object) => readOrder({ ...emptyForm, ...fields }, "audit", now);

test("a form becomes an order whose period has fixed ends", () => {
  assert.deepEqual(read({ since: "2h", until: "30m" }), {
    order: {
      destination: "audit",
      since: "2026-11-27T08:30:00.000Z",
      until: "2026-11-27T10:00:00.000Z",
      state: "all",
      perSecond: 100,
    },
  });
});

test("an empty end is now, and commands are a list", () => {
  const answer = read({
    since: "1d",
    on: " Group.*，C2C.CallbackAfterSendMsg, ",
    state: "dead",
    perSecond: "5",
  });
  assert.deepEqual(answer, {
    order: {
      destination: "audit",
      since: "2026-11-26T10:30:00.000Z",
      until: "2026-11-27T10:30:00.000Z",
      on: ["Group.*", "C2C.CallbackAfterSendMsg"],
      state: "dead",
      perSecond: 5,
    },
  });
});

test("every mistake is named at its field", () => {
  assert.deepEqual(read({ since: "soon", until: "later", perSecond: "0" }), {
    mistakes: { since: "moment", until: "moment", perSecond: "rate" },
  });
  assert.deepEqual(read({ since: "", perSecond: "1001" }), {
    mistakes: { since: "moment", perSecond: "rate" },
  });
  assert.deepEqual(read({ since: "1h", until: "2h" }), { mistakes: { until: "order" } });
  assert.deepEqual(read({ since: "1h", until: "1h" }), { mistakes: { until: "order" } });
  assert.deepEqual(read({ perSecond: "1.5" }), { mistakes: { perSecond: "rate" } });
  assert.deepEqual(read({ perSecond: "" }), { mistakes: { perSecond: "rate" } });
});

test("the times are told as they are understood while a person types", () => {
  assert.deepEqual(momentsOf({ since: "2h", until: "" }, now), { since: now - 7_200_000, until: now });
  assert.deepEqual(momentsOf({ since: "2", until: "x" }, now), { since: null, until: null });
});
