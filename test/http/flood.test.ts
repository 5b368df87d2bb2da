/** Floods on the built Worker: many requests, whose events go to the shard together. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startWorker, usual } from "./worker.ts";

const worker = await startWorker(usual);

/** Sent by so many at once, each again as soon as it is answered. */
const senders = 64;
const events = 1_000;

interface Minute {
  received: number;
}

async function counted(): Promise<{ received: number; calls: number }> {
  const { body } = await worker.api("/api/stats");
  const received = body.minutes.reduce((sum: number, minute: Minute) => sum + minute.received, 0);
  return { received, calls: body.shardRequests };
}

test("every event of a flood is answered and kept once, and the shard sees fewer calls than events", async () => {
  let next = 0;
  const statuses: number[] = [];
  const sendOn = async () => {
    while (next < events) {
      const GroupId = `@TGS#${next++}`;
      const { status } = await worker.send("Group.CallbackAfterRecallMsg", {
        GroupId,
        MsgSeqList: [{ MsgSeq: 1 }],
      });
      statuses.push(status);
    }
  };
  await Promise.all(Array.from({ length: senders }, sendOn));
  assert.deepEqual([statuses.length, ...new Set(statuses)], [events, 200]);

  const { received, calls } = await counted();
  assert.equal(received, events);
  assert.ok(calls < events, `${calls} calls for ${events} events`);

  const kept = new Set<string>();
  for (let cursor: string | null = ""; cursor !== null; ) {
    const from: string = cursor && `&cursor=${cursor}`;
    const { body } = await worker.api(`/api/events?limit=200${from}`);
    for (const { conversation } of body.events) {
      assert.ok(!kept.has(conversation), `${conversation} is kept twice`);
      kept.add(conversation);
    }
    cursor = body.cursor;
  }
  assert.equal(kept.size, events);
});
