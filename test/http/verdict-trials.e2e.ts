/** `POST /api/verdicts/replay` on long bodies: a Worker has 128 MB, and 200 bodies of 1 MB would take them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startGateway } from "../support/gateway.ts";
import { until } from "../support/until.ts";

const command = "Group.CallbackBeforeSendMsg";

interface Trial {
  events: number;
  since: string | null;
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
  test(`a trial ends before the bodies of ${SHARDS} shards take the memory, and goes on before the time that it names`, async () => {
    const gateway = await gatewayWith(
      Array.from({ length: 24 }, () => "x".repeat(1_000_000)),
      { SHARDS },
    );
    const rule = { on: command, answer: { ErrorCode: 1 } };
    const trials: Trial[] = [];
    for (let before: string | undefined; ; ) {
      const trial: Trial = await gateway.post(
        "/api/verdicts/replay",
        { rule, limit: 200, until: before },
        200,
      );
      trials.push(trial);
      assert.ok(trials.length < 24, `no end: ${trials.map(({ since }) => since).slice(-3)}`);
      assert.ok(trial.events <= 16, `${trial.events} events of 1 MB at once`);
      assert.equal(trial.changes.length, trial.events);
      for (const { receivedAt } of trial.changes) assert.ok(trials.length === 1 || receivedAt < before!);
      if (trial.since === null) break;
      before = trial.since;
    }
    assert.ok(trials.length >= 2 && trials.length <= 4, `${trials.length} trials`);
    const tried = new Set(trials.flatMap(({ changes }) => changes.map(({ event }) => event)));
    assert.equal(tried.size, 24);
  });

test("a trial ends before its answers take the memory", async () => {
  const gateway = await gatewayWith(Array.from({ length: 12 }, () => "x".repeat(200_000)));
  const rule = { on: command, answer: {}, replace: { x: "y".repeat(10) } };
  const tried: string[] = [];
  for (let before: string | undefined; ; ) {
    const { events, since, changes }: Trial = await gateway.post(
      "/api/verdicts/replay",
      { rule, limit: 200, until: before },
      200,
    );
    assert.ok(events <= 5 && changes.length === events, `${events} answers of 2 MB at once`);
    tried.push(...changes.map(({ event }) => event));
    if (since === null) break;
    before = since;
  }
  assert.equal(new Set(tried).size, 12);
});
