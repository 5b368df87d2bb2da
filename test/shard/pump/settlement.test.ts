import assert from "node:assert/strict";
import { test } from "node:test";
import type { Outcome } from "../../../src/delivery/outcome.ts";
import {
  type Attempted,
  type Settlement,
  type SettlementPolicy,
  settlementOf,
} from "../../../src/shard/pump/settlement.ts";

const now = 100_000;

const failure: Outcome = {
  at: now - 20,
  ms: 20,
  status: 500,
  error: "answered 500",
  response: "",
  delivered: false,
  alive: false,
  gone: false,
  holdMs: null,
};
const success: Outcome = { ...failure, status: 200, error: null, delivered: true, alive: true };
const gone: Outcome = { ...failure, status: 410, error: "answered 410", alive: true, gone: true };

const policy: SettlementPolicy = { retryMs: [1_000, 60_000], ordered: false, retainedFrom: 0 };
const first: Attempted = { positions: [7], source: "journal", failures: 0 };
const retried: Attempted = { positions: [7], source: "retry-list", failures: 1 };
const batch: Attempted = { positions: [7, 8, 9], source: "journal", failures: 0 };
const retriedBatch: Attempted = { ...batch, source: "retry-list", failures: 1 };

const many = Array.from({ length: 10_000 }, (_, position) => position);

/** In the middle of the jitter, a wait is as long as the rule says. */
const settle = (attempted: Attempted, outcome: Outcome, changed: Partial<SettlementPolicy> = {}) =>
  settlementOf(attempted, outcome, { ...policy, ...changed }, now, () => 0.5);

/** Whether it was a first attempt is looked at apart. */
type Expected = Settlement extends infer One ? (One extends unknown ? Omit<One, "first"> : never) : never;

const retry = {
  kind: "retry",
  positions: [7],
  due: now + 1_000,
  failures: 1,
  parts: 1,
  blocks: false,
  disables: false,
} satisfies Expected;

const cases: [what: string, settlement: Settlement, expected: Expected][] = [
  [
    "a message that found no receiver was no attempt, and is due at once",
    settle(first, { ...failure, missed: "unsent" }),
    { ...retry, due: now, failures: 0, unsent: true },
  ],
  [
    "a receiver that went before it answered has failed as any other",
    settle(first, { ...failure, missed: "left" }),
    retry,
  ],
  [
    "a first attempt that succeeds is noted in the next segment",
    settle(first, success),
    { kind: "delivered", positions: [7], unexpired: 0, record: "note" },
  ],
  [
    "a late first attempt that succeeds is filed, because its note would not be found",
    settle({ ...first, source: "catch-up" }, success),
    { kind: "delivered", positions: [7], unexpired: 0, record: "settled" },
  ],
  [
    "a retry that succeeds is filed",
    settle(retried, success),
    { kind: "delivered", positions: [7], unexpired: 0, record: "settled" },
  ],
  ["a first attempt that fails is retried after the rule's first wait", settle(first, failure), retry],
  [
    "a second failure waits for the rule's second wait",
    settle(retried, failure),
    { ...retry, due: now + 60_000, failures: 2 },
  ],
  [
    "a failure after the last wait is a dead letter",
    settle({ ...retried, failures: 2 }, failure),
    { kind: "dead", positions: [7] },
  ],
  [
    "without waits the first failure is a dead letter",
    settle(first, failure, { retryMs: [] }),
    { kind: "dead", positions: [7] },
  ],
  [
    "a 410 disables the destination, and its event is due at once, without a failure of its own",
    settle(first, gone),
    { ...retry, due: now, failures: 0, disables: true },
  ],
  [
    "a 410 after the last wait is no dead letter either",
    settle({ ...retried, failures: 2 }, gone),
    { ...retry, due: now, failures: 2, disables: true },
  ],
  ["a batch's first failure is one entry", settle(batch, failure), { ...retry, positions: [7, 8, 9] }],
  [
    "after a batch's second failure its events go singly",
    settle(retriedBatch, failure),
    { ...retry, positions: [7, 8, 9], due: now + 60_000, failures: 2, parts: 3 },
  ],
  [
    "a second failure of a batch of which one event is left is one entry",
    settle(retriedBatch, failure, { retainedFrom: 9 }),
    { ...retry, positions: [9], due: now + 60_000, failures: 2 },
  ],
  [
    "a large batch is divided after its second failure",
    settle({ ...retriedBatch, positions: many }, failure),
    { ...retry, positions: many, due: now + 60_000, failures: 2, parts: 32 },
  ],
  [
    "a part of it that fails is divided too, which is no failure of its events",
    settle({ ...retriedBatch, positions: many.slice(0, 300), failures: 2 }, failure),
    { ...retry, positions: many.slice(0, 300), due: now + 60_000, failures: 2, parts: 32 },
  ],
  [
    "a part that found no receiver stays one entry",
    settle({ ...retriedBatch, failures: 2 }, { ...failure, missed: "unsent" }),
    { ...retry, positions: [7, 8, 9], due: now, failures: 2, unsent: true },
  ],
  [
    "a batch that meets a 410 twice stays one entry",
    settle({ ...retriedBatch, failures: 1 }, gone),
    { ...retry, positions: [7, 8, 9], due: now, disables: true },
  ],
  [
    "with order, a failed first attempt blocks its conversations",
    settle(first, failure, { ordered: true }),
    { ...retry, blocks: true },
  ],
  [
    "with order, a failed late first attempt blocks its conversations",
    settle({ ...first, source: "catch-up" }, failure, { ordered: true }),
    { ...retry, blocks: true },
  ],
  [
    "with order, a retry that fails again blocks nothing more",
    settle(retried, failure, { ordered: true }),
    { ...retry, due: now + 60_000, failures: 2 },
  ],
  [
    "a first attempt that fails when retention has taken its event was counted as expired already",
    settle(first, failure, { retainedFrom: 8 }),
    { ...retry, positions: [] },
  ],
  [
    "a retry that fails when retention has taken its event was counted as expired already",
    settle(retried, failure, { retainedFrom: 8 }),
    { ...retry, positions: [], due: now + 60_000, failures: 2 },
  ],
  [
    "a retry that fails when retention has taken it out of the list was counted as expired already",
    settle({ ...retried, dropped: [7] }, failure),
    { ...retry, positions: [], due: now + 60_000, failures: 2 },
  ],
  [
    "a retry that succeeds when retention has taken it out of the list was delivered after all",
    settle({ ...retried, dropped: [7] }, success),
    { kind: "delivered", positions: [], unexpired: 1, record: "settled" },
  ],
  [
    "a retry that succeeds when retention has taken its event was delivered after all",
    settle(retried, success, { retainedFrom: 8 }),
    { kind: "delivered", positions: [], unexpired: 1, record: "settled" },
  ],
  [
    "a first attempt that succeeds when retention has taken its event has not expired after all",
    settle(first, success, { retainedFrom: 8 }),
    { kind: "delivered", positions: [], unexpired: 1, record: "note" },
  ],
  [
    "a dead letter of an event that retention has taken is not filed",
    settle(retriedBatch, failure, { retainedFrom: 9, retryMs: [1_000] }),
    { kind: "dead", positions: [9] },
  ],
];

for (const [what, { first: _, ...settlement }, expected] of cases)
  test(what, () => assert.deepEqual(settlement, expected));

test("an attempt is a first one unless its event comes from the retry list", () => {
  for (const outcome of [success, failure, gone]) {
    assert.equal(settle(first, outcome).first, true);
    assert.equal(settle({ ...first, source: "catch-up" }, outcome).first, true);
    assert.equal(settle(retried, outcome).first, false);
    assert.equal(settle({ ...retried, failures: 2 }, outcome).first, false);
  }
});

test("waits vary by a fifth", () => {
  const waits = [0, 0.999].map((chance) => {
    const settlement = settlementOf(first, failure, policy, now, () => chance);
    return settlement.kind === "retry" ? settlement.due - now : Number.NaN;
  });
  assert.deepEqual(waits, [800, 1_200]);
});
