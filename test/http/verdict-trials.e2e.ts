/** `POST /api/verdicts/replay` on long bodies: a Worker has 128 MB, and 200 bodies of 1 MB would take them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";

const command = "Group.CallbackBeforeSendMsg";

interface Trial {
  events: number;
  since: string | null;
  cursor: string | null;
  changes: { event: string; receivedAt: string }[];
}

/** A gateway that has kept messages of these texts. */
async function gatewayWith(texts: readonly string[], settings = {}) {
  const gateway = await startGateway(settings);
  for (const [n, Text] of texts.entries())
    await gateway.accept(command, {
      GroupId: `g${n}`,
      From_Account: "lan",
      MsgBody: [{ MsgType: "TIMTextElem", MsgContent: { Text } }],
    });
  await until("all are kept", async () => (await gateway.allEvents({ command })).length === texts.length);
  return gateway;
}

for (const SHARDS of [1, 3])
  test(`a trial ends before the bodies of ${SHARDS} shards take the memory, and goes on by its cursor`, async () => {
    const gateway = await gatewayWith(
      Array.from({ length: 24 }, () => "x".repeat(1_000_000)),
      { SHARDS },
    );
    const rule = { on: command, answer: { ErrorCode: 1 } };
    const trials: Trial[] = [];
    for (let cursor: string | null | undefined; cursor !== null; cursor = trials.at(-1)!.cursor) {
      const trial: Trial = await gateway.post("/api/verdicts/replay", { rule, limit: 200, cursor }, 200);
      trials.push(trial);
      assert.ok(trial.events <= 16, `${trial.events} events of 1 MB at once`);
      assert.ok(trials.length <= 6, `${trials.length} trials`);
      assert.equal(trial.changes.length, trial.events);
    }
    assert.equal(trials.at(-1)!.since, null);
    assert.ok(trials.length > 1, "one trial");
    const tried = trials.flatMap(({ changes }) => changes.map(({ event }) => event));
    assert.equal(tried.length, 24);
    assert.equal(new Set(tried).size, 24);
  });

test("a trial ends before its answers take the memory", async () => {
  const gateway = await gatewayWith(Array.from({ length: 12 }, () => "x".repeat(200_000)));
  const rule = { on: command, answer: {}, replace: { x: "y".repeat(10) } };
  const tried: string[] = [];
  for (let next: string | null | undefined; next !== null; ) {
    const trial = { rule, limit: 200, cursor: next };
    const { events, cursor, changes }: Trial = await gateway.post("/api/verdicts/replay", trial, 200);
    assert.ok(events <= 5 && changes.length === events, `${events} answers of 2 MB at once`);
    tried.push(...changes.map(({ event }) => event));
    next = cursor;
  }
  assert.equal(tried.length, 12);
  assert.equal(new Set(tried).size, 12);
});
