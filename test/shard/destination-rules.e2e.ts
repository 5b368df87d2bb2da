/** Rules that change between two starts, and the events that their destinations get. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { labelsOf, numbered } from "../support/callbacks.ts";
import { startGateway } from "../support/gateway.ts";
import { startReceiver } from "../support/receiver.ts";

describe("after a restart with other rules", { concurrency: 3 }, () => {
  test("a rule that was invalid gets the events that waited until it was corrected", async () => {
    const [wrong, unset, well] = [await startReceiver(), await startReceiver(), await startReceiver()];
    const rules = [
      { name: "wrong", url: wrong.url, order: "conversation", match: { body: { Type: "Community" } } },
      { name: "unset", url: unset.url, secret: "$NOT_SET_YET" },
      { name: "well", url: well.url },
    ];
    const gateway = await startGateway({ FORWARD_RULES: rules });
    const before = numbered("before", 5);
    await gateway.sendAll(before);
    await well.delivered(5);
    const { status, problems } = await gateway.get("/health");
    assert.equal(status, "degraded");
    assert.ok(problems.some((one: string) => one.includes("FORWARD_RULES[0].match.body.Type")));
    assert.ok(problems.some((one: string) => one.includes("NOT_SET_YET")));
    assert.ok(problems.includes("wrong: 5 events wait until its rule is mended"));

    await gateway.restart({
      FORWARD_RULES: [{ ...rules[0], match: { body: { Type: ["Community"] } } }, ...rules.slice(1)],
      NOT_SET_YET: `whsec_${Buffer.alloc(24, "s").toString("base64")}`,
    });
    await gateway.sendLabelled({ label: "after" });
    for (const receiver of [wrong, unset, well]) await receiver.delivered(6);
    assert.deepEqual(wrong.labels(), [...labelsOf(before), "after"]);
    assert.deepEqual(unset.labels().sort(), ["after", ...labelsOf(before)]);
    assert.equal((await gateway.get("/health")).status, "ok");
  });

  test("a rule that was removed and added again gets the events since then, and its retries", async () => {
    const [receiver, other] = [await startReceiver(), await startReceiver()];
    const away = { name: "away", url: receiver.url, retry: ["8s"] };
    const rules = [{ name: "other", url: other.url }];
    const gateway = await startGateway({ FORWARD_RULES: [away, ...rules] });
    await gateway.sendAll(numbered("before", 2));
    await receiver.delivered(2);
    await receiver.goDown();
    await gateway.sendLabelled({ label: "failed" });
    await gateway.destinationIs("away", { retrying: 1 });

    await gateway.kill();
    await receiver.comeUp();
    await gateway.start({ FORWARD_RULES: rules });
    await gateway.sendAll(numbered("meanwhile", 3));
    await other.delivered(6);
    assert.deepEqual(receiver.labels(), ["before1", "before2"]);
    const { problems } = await gateway.get("/health");
    // The failed event may count as waiting as well, if its failure was not stored before the crash.
    assert.match(problems.join("\n"), /^away: no rule has this name any more, and [45] events for it wait\b/);

    await gateway.restart({ FORWARD_RULES: [away, ...rules] });
    // A request wakes the object at once, before its alarm.
    await gateway.destination("away");
    await receiver.delivered(6);
    assert.deepEqual(receiver.labels().sort(), [
      "before1",
      "before2",
      "failed",
      "meanwhile1",
      "meanwhile2",
      "meanwhile3",
    ]);
    // A crash may repeat the two deliveries before it, and no other.
    assert.ok(receiver.received.length <= 8, `${receiver.received.length} requests`);
  });

  test("a new rule gets events from its first appearance on, and none before", async () => {
    const [old, fresh] = [await startReceiver(), await startReceiver()];
    const rules = [{ name: "old", url: old.url }];
    const gateway = await startGateway({ FORWARD_RULES: rules });
    await gateway.sendAll(numbered("before", 3));
    await old.delivered(3);
    await gateway.restart({ FORWARD_RULES: [...rules, { name: "fresh", url: fresh.url }] });
    // The rule has appeared, although no event was received meanwhile.
    await gateway.restart();
    await gateway.sendLabelled({ label: "first" });
    await fresh.delivered(1);
    await old.delivered(4);
    await gateway.sendLabelled({ label: "second" });
    await fresh.delivered(2);
    assert.deepEqual(fresh.labels(), ["first", "second"]);
  });

  test("a disabled rule never gets the events that were received meanwhile", async () => {
    const [receiver, other] = [await startReceiver(), await startReceiver()];
    const rules = (enabled: boolean) => [
      { name: "a", url: receiver.url, enabled },
      { name: "other", url: other.url },
    ];
    const gateway = await startGateway({ FORWARD_RULES: rules(false) });
    await gateway.sendAll(numbered("missed", 2));
    await other.delivered(2);
    await gateway.destinationIs("a", { waiting: 0 });
    await gateway.restart({ FORWARD_RULES: rules(true) });
    await gateway.sendLabelled({ label: "meant" });
    await receiver.delivered(1);
    await other.delivered(3);
    assert.deepEqual(receiver.labels(), ["meant"]);
  });

  test("a retry goes to the rule's present url", async () => {
    const [before, today] = [await startReceiver(), await startReceiver()];
    await before.goDown();
    const gateway = await startGateway({ FORWARD_RULES: [{ name: "a", url: before.url, retry: ["8s"] }] });
    await gateway.sendLabelled({ label: "one" });
    await gateway.destinationIs("a", { retrying: 1 });
    await gateway.restart({
      FORWARD_RULES: [{ name: "a", url: today.url, on: "Nothing.Of.This", retry: ["8s"] }],
    });
    await gateway.destination("a");
    await today.delivered(1);
    assert.equal((await gateway.delivery("one", "a", "delivered")).attempts.length, 2);
  });
});
