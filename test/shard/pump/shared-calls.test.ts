import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Message } from "../../../src/delivery/message.ts";
import { type Outcome, unanswered } from "../../../src/delivery/outcome.ts";
import { type PartialOutcomes, partialOutcomes } from "../../../src/shard/pump/partial-outcomes.ts";
import { SharedCalls } from "../../../src/shard/pump/shared-calls.ts";
import { TestClock } from "../../support/test-clock.ts";
import { noon } from "../test-shard.ts";

/** How a failed call shows on one of its posts. */
function failureOf(error: unknown): string {
  const { error: sentence, alive, uncounted = false } = unanswered(error, noon, noon);
  assert.match(sentence!, /^the gateway's own call that makes the post has failed/);
  assert.equal(alive, false);
  return uncounted ? "failed, not counted" : "failed";
}

/** An entrypoint whose posts end when the test says so, and fail all at once. */
function stage() {
  const clock = new TestClock(noon);
  const calls: string[][] = [];
  const ends = new Map<string, (outcome: Outcome) => void>();
  let fail = (_error: Error) => {};
  const courier = {
    post(messages: readonly Message[]) {
      calls.push(messages.map(({ id }) => id));
      const posts = messages.map(({ id }) => new Promise<Outcome>((resolve) => ends.set(id, resolve)));
      const failed = new Promise<never>((_, reject) => {
        fail = reject;
      });
      failed.catch(() => {});
      return Promise.race([partialOutcomes(new Map(posts.entries()), clock), failed]);
    },
  };
  const shared = new SharedCalls(courier, clock);
  const heard: string[] = [];
  return {
    clock,
    calls,
    heard,
    post(id: string): void {
      shared.post({ id, rule: id.at(0) } as Message).then(
        ({ status }) => heard.push(`${id}: ${status}`),
        (error) => heard.push(`${id}: ${failureOf(error)}`),
      );
    },
    end: (id: string, status = 200) => ends.get(id)!({ status } as Outcome),
    fail: (message: string) => fail(new Error(message)),
  };
}

describe("posts through the entrypoint", () => {
  test("share a call where they begin together", async () => {
    const { clock, calls, post } = stage();
    post("a");
    post("b");
    assert.deepEqual(calls, []);
    await clock.advance(0);
    assert.deepEqual(calls.splice(0), [["a", "b"]]);
    post("c");
    await clock.advance(0);
    assert.deepEqual(calls, [["c"]]);
  });

  test("are no more in a call than an invocation has connections", async () => {
    const { clock, calls, post } = stage();
    for (const id of "abcdefgh") post(id);
    assert.deepEqual(calls, [[..."abcdef"]], "a full call waits for nothing");
    await clock.advance(0);
    assert.deepEqual(calls, [[..."abcdef"], [..."gh"]]);
  });

  test("have their outcomes without waiting for the slowest of the call", async () => {
    const { clock, heard, post, end } = stage();
    for (const id of "abcd") post(id);
    await clock.advance(0);
    end("c");
    await clock.advance(2);
    end("a", 500);
    await clock.advance(2);
    assert.deepEqual(heard, [], "outcomes gather for a moment");
    await clock.advance(1);
    assert.deepEqual(heard.splice(0), ["c: 200", "a: 500"]);
    await clock.advance(10_000);
    end("d");
    await clock.advance(5);
    assert.deepEqual(heard.splice(0), ["d: 200"]);
    end("b");
    await clock.advance(0);
    assert.deepEqual(heard, ["b: 200"], "the last one waits for none");
  });

  test("fail with their call, and the breaker of a destination counts one of them", async () => {
    const { clock, heard, post, end, fail } = stage();
    for (const id of ["a1", "a2", "b1", "a3"]) post(id);
    await clock.advance(0);
    fail("the isolate is gone");
    await clock.advance(0);
    assert.deepEqual(heard.splice(0), [
      "a1: failed",
      "a2: failed, not counted",
      "b1: failed",
      "a3: failed, not counted",
    ]);
    post("c");
    await clock.advance(0);
    end("c");
    await clock.advance(0);
    assert.deepEqual(heard, ["c: 200"], "the next call goes as before");
  });

  test("fail with a call that ends between its outcomes, and nothing of the call is left open", async () => {
    const clock = new TestClock(noon);
    const closed: number[] = [];
    const answer = (index: number, later: PartialOutcomes["later"]): PartialOutcomes => ({
      outcomes: [[index, { status: 200 } as Outcome]],
      later,
      [Symbol.dispose]: () => void closed.push(index),
    });
    const gone = async () => Promise.reject(new Error("the isolate is gone"));
    const shared = new SharedCalls({ post: async () => answer(1, async () => answer(0, gone)) }, clock);
    const posts = [..."abc"].map((id) => shared.post({ id } as Message));
    const ends = Promise.allSettled(posts);
    await clock.advance(0);
    assert.deepEqual(
      (await ends).map((end) => (end.status === "fulfilled" ? end.value.status : failureOf(end.reason))),
      [200, 200, "failed"],
    );
    assert.deepEqual(closed, [0, 1]);
  });
});
