/** Each event is delivered once: over several shards, received twice, and again only when it is replayed. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bodyOf, labelsOf } from "../support/callbacks.ts";
import { startGateway } from "../support/gateway.ts";
import { type Received, startReceiver } from "../support/receiver.ts";
import { age } from "./ageing.ts";

const command = "Group.CallbackAfterRecallMsg";

describe("an event", { concurrency: 3 }, () => {
  test("of any of four shards is delivered once, and all are listed together in the order of arrival", async () => {
    const receiver = await startReceiver();
    const gateway = await startGateway({
      FORWARD_RULES: [{ name: "a", url: receiver.url, order: "conversation" }],
      SHARDS: 4,
    });
    const callbacks = Array.from({ length: 240 }, (_, n) => ({
      label: `${n % 40}-${Math.floor(n / 40)}`,
      group: `@TGS#${n % 40}`,
    }));
    const groups = Map.groupBy(callbacks, ({ group }) => group);
    await Promise.all([...groups.values()].map((group) => gateway.sendAll(group)));
    await receiver.delivered(callbacks.length);
    assert.equal(receiver.received.length, callbacks.length);
    const listed = await gateway.allEvents();
    const kept = listed.map(({ platform }) => String(platform)).reverse();
    assert.deepEqual(kept.toSorted(), labelsOf(callbacks).sort());
    assert.equal(new Set(listed.map(({ id }) => id)).size, callbacks.length);
    for (const labels of [kept, receiver.labels()])
      for (const [group, ofGroup] of Map.groupBy(labels, (label) => label.split("-")[0]))
        assert.deepEqual(
          ofGroup,
          [0, 1, 2, 3, 4, 5].map((n) => `${group}-${n}`),
        );
    // An id holds the number of its shard.
    assert.equal(new Set(listed.map(({ id }) => id.slice(14, 16))).size, 4);
  });

  test("received twice is delivered once: after an answer, at the same time, and after a crash", async () => {
    const receiver = await startReceiver();
    const gateway = await startGateway({ FORWARD_RULES: [{ name: "a", url: receiver.url }] });
    const body = bodyOf(command, "@TGS#1", "the same");
    assert.equal(await gateway.sendLabelled({ label: "first", body }), 200);
    assert.equal(await gateway.sendLabelled({ label: "again", body }), 200);
    await gateway.restart();
    assert.equal(await gateway.sendLabelled({ label: "after the crash", body }), 200);

    const other = bodyOf(command, "@TGS#1", "another");
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, n) => gateway.sendLabelled({ label: `at once ${n}`, body: other })),
    );
    assert.deepEqual(new Set(answers), new Set([200]));
    await gateway.sendLabelled({ label: "last" });
    await receiver.delivered("last");
    const labels = await gateway.keptLabels();
    assert.equal(labels.length, 3);
    assert.deepEqual([labels[0], labels[2]], ["first", "last"]);
    assert.match(labels[1]!, /^at once/);
    // The crash may have come before the first delivery was stored: then it is sent again, under its id.
    assert.deepEqual(receiver.labels().sort(), labels.toSorted());
    assert.equal(new Set(receiver.received.map(({ id }) => id)).size, 3);
  });

  test("received again a day later is another event", async () => {
    const receiver = await startReceiver();
    const gateway = await startGateway({ FORWARD_RULES: [{ name: "a", url: receiver.url }] });
    const body = bodyOf(command, "@TGS#1", "the same");
    await gateway.sendAll([{ label: "today", body }]);
    await receiver.delivered(1);
    await gateway.kill();
    age(gateway.dataDir, 1);
    await gateway.start();
    await gateway.sendAll([{ label: "tomorrow", body }]);
    await receiver.delivered(2);
  });

  test("whose body holds no time is never a duplicate", async () => {
    const receiver = await startReceiver();
    const gateway = await startGateway({ FORWARD_RULES: [{ name: "a", url: receiver.url }] });
    const timeless = JSON.stringify({ ...JSON.parse(bodyOf(command, "@TGS#1", "x")), EventTime: undefined });
    await gateway.sendAll([
      { label: "one", body: timeless },
      { label: "two", body: timeless },
    ]);
    await receiver.delivered(2);
  });

  test("is replayed under the same id and with the same body", async () => {
    const [a, b] = [await startReceiver(), await startReceiver()];
    const gateway = await startGateway({
      FORWARD_RULES: [
        { name: "a", url: a.url },
        { name: "b", url: b.url, match: { body: { Type: ["Public"] } } },
      ],
    });
    await gateway.sendLabelled({ label: "one" });
    const [{ id, body }] = (await a.requests(1)) as [Received];
    assert.deepEqual(await gateway.post(`/api/events/${id}/replay`), { queued: 1 });
    await a.requests(2);
    assert.deepEqual([a.received[1]!.id, a.received[1]!.body], [id, body]);
    assert.equal((await gateway.delivery("one", "a", "delivered")).attempts.length, 2);
    // A replay to a named destination does not ask its rule.
    assert.deepEqual(await gateway.post(`/api/events/${id}/replay`, { destinations: ["b"] }), { queued: 1 });
    await b.requests(1);
    assert.equal(b.received[0]!.id, id);
    assert.equal(a.received.length, 2);
  });

  test("of an unknown command is kept and forwarded, or refused, as UNKNOWN_COMMANDS says", async () => {
    const receiver = await startReceiver();
    const unknown = { label: "unknown", command: "Group.CallbackAfterSomethingNew" };
    const rules = [{ name: "a", url: receiver.url }];
    const gateway = await startGateway({ FORWARD_RULES: rules });
    await gateway.sendAll([unknown]);
    await receiver.delivered(1);
    const [event] = await gateway.allEvents();
    assert.equal(event!.known, false);
    assert.equal(event!.command, unknown.command);

    await gateway.restart({ FORWARD_RULES: rules, UNKNOWN_COMMANDS: "reject" });
    assert.equal(await gateway.sendLabelled({ ...unknown, label: "refused" }), 400);
    await gateway.sendLabelled({ label: "last" });
    await receiver.delivered("last");
    assert.deepEqual(receiver.labels(), ["unknown", "last"]);
    assert.equal((await gateway.allEvents()).length, 2);
  });
});
