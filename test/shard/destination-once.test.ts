/** That an event comes, and comes once: over several shards, of events sent twice, and again when it is replayed. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { age } from "./ageing.ts";
import { bodyOf } from "./callbacks.ts";
import { startReceiver } from "./recording-receiver.ts";
import { labelsOf, startRelay } from "./relay.ts";
import { until } from "./until.ts";

const command = "Group.CallbackAfterRecallMsg";

describe("an event", { concurrency: 3 }, () => {
  test("of four shards comes once, and all stand in one list in the order of keeping", async () => {
    const receiver = await startReceiver();
    const relay = await startRelay([{ name: "a", url: receiver.url, order: "conversation" }], {
      SHARDS: "4",
    });
    const callbacks = Array.from({ length: 240 }, (_, n) => ({
      label: `${n % 40}-${Math.floor(n / 40)}`,
      group: `@TGS#${n % 40}`,
    }));
    const groups = Map.groupBy(callbacks, ({ group }) => group);
    await Promise.all([...groups.values()].map((group) => relay.sendAll(group)));
    await until("all are there", () => receiver.labels(200).length === callbacks.length);
    assert.equal(receiver.received.length, callbacks.length);
    const listed = await relay.events();
    assert.deepEqual(listed.map(({ platform }) => platform).sort(), labelsOf(callbacks).sort());
    assert.equal(new Set(listed.map(({ id }) => id)).size, callbacks.length);
    for (const labels of [listed.map(({ platform }) => platform), receiver.labels()])
      for (const [group, ofGroup] of Map.groupBy(labels, (label) => label.split("-")[0]))
        assert.deepEqual(
          ofGroup,
          [0, 1, 2, 3, 4, 5].map((n) => `${group}-${n}`),
        );
    // Shards tell in their events' ids.
    assert.equal(new Set(listed.map(({ id }) => id.slice(14, 16))).size, 4);
  });

  test("sent again comes once: after an answer, at the same time, and after a crash", async () => {
    const receiver = await startReceiver();
    const relay = await startRelay([{ name: "a", url: receiver.url }]);
    const body = bodyOf(command, "@TGS#1", "the same");
    assert.equal(await relay.send({ label: "first", body }), 200);
    assert.equal(await relay.send({ label: "again", body }), 200);
    await relay.kill();
    await relay.start();
    assert.equal(await relay.send({ label: "after the crash", body }), 200);

    const other = bodyOf(command, "@TGS#1", "another");
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, n) => relay.send({ label: `at once ${n}`, body: other })),
    );
    assert.deepEqual(new Set(answers), new Set([200]));
    await relay.send({ label: "last" });
    await until("the last is there", () => receiver.labels(200).includes("last"));
    const labels = (await relay.events()).map(({ platform }) => platform);
    assert.equal(labels.length, 3);
    assert.deepEqual([labels[0], labels[2]], ["first", "last"]);
    assert.match(labels[1]!, /^at once/);
    // The crash may have come before the first delivery was noted.
    assert.deepEqual(receiver.labels().sort(), labels.toSorted());
    assert.equal(new Set(receiver.received.map(({ id }) => id)).size, 3);
  });

  test("sent again a day later is another one", async () => {
    const receiver = await startReceiver();
    const relay = await startRelay([{ name: "a", url: receiver.url }]);
    const body = bodyOf(command, "@TGS#1", "the same");
    await relay.sendAll([{ label: "today", body }]);
    await until("it is there", () => receiver.labels(200).length === 1);
    await relay.kill();
    age(relay.dataDir, 1);
    await relay.start();
    await relay.sendAll([{ label: "tomorrow", body }]);
    await until("it is there too", () => receiver.labels(200).length === 2);
  });

  test("whose body holds no time comes as often as it is sent", async () => {
    const receiver = await startReceiver();
    const relay = await startRelay([{ name: "a", url: receiver.url }]);
    const timeless = JSON.stringify({ ...JSON.parse(bodyOf(command, "@TGS#1", "x")), EventTime: undefined });
    await relay.sendAll([
      { label: "one", body: timeless },
      { label: "two", body: timeless },
    ]);
    await until("both are there", () => receiver.labels(200).length === 2);
  });

  test("comes again, as the same, when it is replayed", async () => {
    const [a, b] = [await startReceiver(), await startReceiver()];
    const relay = await startRelay([
      { name: "a", url: a.url },
      { name: "b", url: b.url, match: { body: { Type: ["Public"] } } },
    ]);
    await relay.send({ label: "one" });
    const { id, body } = await until("it is there", () => a.received[0]);
    assert.deepEqual(await relay.api(`/api/events/${id}/replay`, {}), { queued: 1 });
    await until("it is there again", () => a.received.length === 2);
    assert.deepEqual([a.received[1]!.id, a.received[1]!.body], [id, body]);
    assert.equal((await relay.delivery("one", "a", "delivered")).attempts.length, 2);
    // Named, a destination gets also what its rule does not want.
    assert.deepEqual(await relay.api(`/api/events/${id}/replay`, { destinations: ["b"] }), { queued: 1 });
    await until("the other has it", () => b.received.length === 1);
    assert.equal(b.received[0]!.id, id);
    assert.equal(a.received.length, 2);
  });

  test("of a command that nobody knows is kept and forwarded, or refused, as the settings say", async () => {
    const receiver = await startReceiver();
    const unknown = { label: "unknown", command: "Group.CallbackAfterSomethingNew" };
    const relay = await startRelay([{ name: "a", url: receiver.url }]);
    await relay.sendAll([unknown]);
    await until("it is there", () => receiver.labels(200).length === 1);
    const [event] = await relay.events();
    assert.equal(event!.known, false);
    assert.equal(event!.command, unknown.command);

    await relay.kill();
    await relay.start(undefined, { UNKNOWN_COMMANDS: "reject" });
    assert.equal(await relay.send({ ...unknown, label: "refused" }), 400);
    await relay.send({ label: "last" });
    await until("the last is there", () => receiver.labels(200).includes("last"));
    assert.deepEqual(receiver.labels(), ["unknown", "last"]);
    assert.equal((await relay.events()).length, 2);
  });
});
