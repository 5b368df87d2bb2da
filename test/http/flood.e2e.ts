/** A flood of callbacks, whose events go to the shard in groups. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startGateway } from "../support/gateway.ts";

const gateway = await startGateway();

/** So many callers at a time, each of which sends its next callback as soon as the last is answered. */
const senders = 64;
const events = 1_000;

test("every event of a flood is kept once, in fewer calls to the shard than events", async () => {
  let next = 0;
  const statuses: number[] = [];
  const sendOn = async () => {
    while (next < events) {
      const GroupId = `@TGS#${next++}`;
      const { status } = await gateway.send("Group.CallbackAfterRecallMsg", {
        GroupId,
        MsgSeqList: [{ MsgSeq: 1 }],
      });
      statuses.push(status);
    }
  };
  await Promise.all(Array.from({ length: senders }, sendOn));
  assert.deepEqual([statuses.length, ...new Set(statuses)], [events, 200]);

  const { minutes, shardRequests } = await gateway.stats();
  assert.equal(
    minutes.reduce((sum, { received }) => sum + received, 0),
    events,
  );
  assert.ok(shardRequests < events, `${shardRequests} calls for ${events} events`);

  const kept = (await gateway.allEvents()).map(({ conversation }) => conversation);
  assert.equal(kept.length, events);
  assert.equal(new Set(kept).size, events, "each once");
});
