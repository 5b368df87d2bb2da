/** Events past retention whose day is not dropped yet: no list, no count and no replay has them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { numbered } from "../support/callbacks.ts";
import { startGateway } from "../support/gateway.ts";
import { reply, startReceiver } from "../support/receiver.ts";
import { age } from "./ageing.ts";

test("once an event is past retention, its dead letter counts as expired, and no replay has it", async () => {
  const receiver = await startReceiver(reply(400));
  const gateway = await startGateway({
    RETENTION_HOURS: 24,
    FORWARD_RULES: [{ name: "audit", url: receiver.url, retry: [] }],
  });
  await gateway.sendAll(numbered("old", 3));
  assert.equal((await gateway.send("Group.CallbackAfterRecallMsg", { GroupId: 1.5 })).status, 400);
  await gateway.destinationIs("audit", { dead: 3 });
  await gateway.kill();
  // To the second: these events alone are past retention, and the search by time looks two minutes further.
  age(gateway.dataDir, 1);
  await gateway.restart();
  await gateway.sendAll(numbered("new", 2));
  await gateway.destinationIs("audit", { dead: 2, expired: 3 });

  assert.equal((await gateway.events()).events.length, 2);
  assert.equal((await gateway.deadLetters()).length, 2);
  for (const state of ["all", "dead", "quarantined"]) {
    const order = { destination: "audit", since: "720h", until: "0s", state, dryRun: true };
    const matched = state === "quarantined" ? 0 : 2;
    assert.deepEqual(await gateway.post("/api/replay", order, 200), { matched }, state);
  }
  const { problems } = await gateway.health();
  const quarantined = problems.filter((problem) => problem.includes("quarantined"));
  // Around midnight their day may be dropped already.
  for (const problem of quarantined) assert.match(problem, /: about 1 event is quarantined because of /);
  const metrics = await gateway.metrics();
  assert.match(metrics, /tim_relay_dead_letters\{destination="audit"\} 2\n/);
  assert.match(metrics, /tim_relay_expired_events\{destination="audit"\} 3\n/);
  assert.deepEqual(await gateway.post("/api/dead-letters/replay"), { queued: 2 });
});
