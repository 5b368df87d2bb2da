/** Every relay event on the real runtime, over four shards and across a restart. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { DetailedEvent } from "../support/api.ts";
import { type Gateway, startGateway } from "../support/gateway.ts";
import { startReceiver } from "../support/receiver.ts";
import { until } from "../support/until.ts";

/** The relay events of a command, oldest first, with their bodies. */
async function told(gateway: Gateway, command: string): Promise<DetailedEvent[]> {
  const { events } = await gateway.get(`/api/events?command=${command}&limit=200`);
  const details = events.map(({ id }: { id: string }) => gateway.get(`/api/events/${id}`));
  return (await Promise.all(details)).reverse();
}

async function untilTold(gateway: Gateway, command: string, count = 1, withinMs = 90_000) {
  return until(
    `${count} ${command}`,
    async () => {
      const events = await told(gateway, command);
      return events.length >= count && events;
    },
    withinMs,
  );
}

test("an action is told of, with its target and who it was", async () => {
  const receiver = await startReceiver();
  const pager = await startReceiver();
  const gateway = await startGateway({
    FORWARD_RULES: [
      { name: "audit", url: receiver.url },
      { name: "pager", on: "Relay.*", url: pager.url },
    ],
  });
  await gateway.pause("audit");
  await gateway.resume("audit");
  const [paused, resumed] = await untilTold(gateway, "Relay.Action", 2);
  assert.deepEqual([paused!.body.action, paused!.body.target], ["paused", "audit"]);
  assert.deepEqual([resumed!.body.action, resumed!.body.target], ["resumed", "audit"]);
  assert.match(paused!.body.by, /^[0-9a-f]{8}$/);
  const { app, conversation, known, valid, phase } = paused!;
  assert.deepEqual([app, conversation, known, valid, phase], ["relay", "relay:", true, true, "after"]);
  const posts = await pager.requests(2);
  assert.deepEqual(
    posts.map(({ body }) => JSON.parse(body).type),
    ["Relay.Action", "Relay.Action"],
  );
  assert.equal(receiver.received.length, 0, "a rule without `on` gets none");
  assert.deepEqual(await gateway.allEvents(), []);
});
