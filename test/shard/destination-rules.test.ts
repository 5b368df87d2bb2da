/** Rules that change between runs, and what their destinations get. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Receiver, startReceiver } from "./recording-receiver.ts";
import { labelsOf, numbered, startRelay } from "./relay.ts";
import { until } from "./until.ts";

const has = (receiver: Receiver, count: number) =>
  until(`${count} labels`, () => receiver.labels(200).length >= count);

describe("after a restart with other rules", { concurrency: 3 }, () => {
  test("a rule that was wrong gets the events that waited until it was mended", async () => {
    const [wrong, unset, well] = [await startReceiver(), await startReceiver(), await startReceiver()];
    const rules = [
      { name: "wrong", url: wrong.url, order: "conversation", match: { body: { Type: "Community" } } },
      { name: "unset", url: unset.url, secret: "$NOT_SET_YET" },
      { name: "well", url: well.url },
    ];
    const relay = await startRelay(rules);
    const before = numbered("before", 5);
    await relay.sendAll(before);
    await has(well, 5);
    const { status, problems } = await relay.api("/health");
    assert.equal(status, "degraded");
    assert.ok(problems.some((one: string) => one.includes("FORWARD_RULES[0].match.body.Type")));
    assert.ok(problems.some((one: string) => one.includes("NOT_SET_YET")));
    assert.ok(problems.includes("wrong: 5 events wait until its rule is mended"));

    await relay.kill();
    await relay.start([{ ...rules[0], match: { body: { Type: ["Community"] } } }, ...rules.slice(1)], {
      NOT_SET_YET: `whsec_${Buffer.alloc(24, "s").toString("base64")}`,
    });
    await relay.send({ label: "after" });
    for (const receiver of [wrong, unset, well]) await has(receiver, 6);
    assert.deepEqual(wrong.labels(), [...labelsOf(before), "after"]);
    assert.deepEqual(unset.labels().sort(), ["after", ...labelsOf(before)]);
    assert.equal((await relay.api("/health")).status, "ok");
  });

  test("a rule that was away goes on where it stood, with what came meanwhile and what it still had to try", async () => {
    const [receiver, other] = [await startReceiver(), await startReceiver()];
    const away = { name: "away", url: receiver.url, retry: ["3s"] };
    const rules = [{ name: "other", url: other.url }];
    const relay = await startRelay([away, ...rules]);
    await relay.sendAll(numbered("before", 2));
    await has(receiver, 2);
    await receiver.goDown();
    await relay.send({ label: "failed" });
    await until("it has failed", async () => (await relay.destination("away")).retrying === 1);

    await relay.kill();
    await receiver.comeUp();
    await relay.start(rules);
    await relay.sendAll(numbered("meanwhile", 3));
    await has(other, 6);
    assert.deepEqual(receiver.labels(), ["before1", "before2"]);
    const { problems } = await relay.api("/health");
    // The one that failed is taken to wait as well: nobody told of it before the crash.
    assert.match(problems.join("\n"), /^away: no rule has this name any more, and [45] events for it wait\b/);

    await relay.kill();
    await relay.start([away, ...rules]);
    await has(receiver, 6);
    assert.deepEqual(receiver.labels().sort(), [
      "before1",
      "before2",
      "failed",
      "meanwhile1",
      "meanwhile2",
      "meanwhile3",
    ]);
    // Only what a crash may repeat was repeated.
    assert.ok(receiver.received.length <= 8, `${receiver.received.length} requests`);
  });

  test("a new rule gets the first event after it appeared, and none before", async () => {
    const [old, fresh] = [await startReceiver(), await startReceiver()];
    const rules = [{ name: "old", url: old.url }];
    const relay = await startRelay(rules);
    await relay.sendAll(numbered("before", 3));
    await has(old, 3);
    await relay.kill();
    await relay.start([...rules, { name: "fresh", url: fresh.url }]);
    // Nothing came while it was there, and yet it has appeared.
    await relay.kill();
    await relay.start();
    await relay.send({ label: "first" });
    await has(fresh, 1);
    await has(old, 4);
    await relay.send({ label: "second" });
    await has(fresh, 2);
    assert.deepEqual(fresh.labels(), ["first", "second"]);
  });

  test("a rule that is switched off lets events pass by, and none of them comes later", async () => {
    const [receiver, other] = [await startReceiver(), await startReceiver()];
    const rules = (enabled: boolean) => [
      { name: "a", url: receiver.url, enabled },
      { name: "other", url: other.url },
    ];
    const relay = await startRelay(rules(false));
    await relay.sendAll(numbered("missed", 2));
    await has(other, 2);
    await until("it is noted", async () => (await relay.destination("a")).waiting === 0);
    await relay.kill();
    await relay.start(rules(true));
    await relay.send({ label: "meant" });
    await has(receiver, 1);
    await has(other, 3);
    assert.deepEqual(receiver.labels(), ["meant"]);
  });

  test("retries go to the url of today", async () => {
    const [before, today] = [await startReceiver(), await startReceiver()];
    await before.goDown();
    const relay = await startRelay([{ name: "a", url: before.url, retry: ["3s"] }]);
    await relay.send({ label: "one" });
    await until("it has failed", async () => (await relay.destination("a")).retrying === 1);
    await relay.kill();
    await relay.start([{ name: "a", url: today.url, on: "Nothing.Of.This", retry: ["3s"] }]);
    await has(today, 1);
    assert.equal((await relay.delivery("one", "a", "delivered")).attempts.length, 2);
  });
});
