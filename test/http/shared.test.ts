import assert from "node:assert/strict";
import { test } from "node:test";
import { Shared } from "../../src/http/shared.ts";

let now = 1_000_000;

/** A slow look, asked for through a `Shared`. */
function asking() {
  const looks: PromiseWithResolvers<string>[] = [];
  const shared = new Shared<string>(() => now, 1_000, 5_000);
  const ask = () =>
    shared.ask(() => {
      const look = Promise.withResolvers<string>();
      looks.push(look);
      return look.promise;
    });
  return { looks, ask };
}

test("callers that ask together share one answer, as do callers within a second", async () => {
  const { looks, ask } = asking();
  const together = Promise.all([ask(), ask(), ask()]);
  now += 3_000;
  const later = ask();
  looks[0]!.resolve("first");
  assert.deepEqual([...(await together), await later], Array(4).fill("first"));
  now += 999;
  assert.equal(await ask(), "first");
  assert.equal(looks.length, 1);
  now += 1;
  const next = ask();
  looks[1]!.resolve("second");
  assert.equal(await next, "second");
});

test("a caller does not wait for a look that never ends", async () => {
  const { looks, ask } = asking();
  ask();
  now += 5_000;
  const next = ask();
  looks[1]!.resolve("second");
  assert.equal(await next, "second");
  assert.equal(await ask(), "second");
});

test("a clock that is set back makes no answer last", async () => {
  const { looks, ask } = asking();
  const first = ask();
  looks[0]!.resolve("first");
  await first;
  now -= 3_600_000;
  const next = ask();
  looks[1]!.resolve("second");
  assert.equal(await next, "second");
});

test("a failure reaches every caller that waits for it, and no later one", async () => {
  const { looks, ask } = asking();
  const together = [ask(), ask()];
  looks[0]!.reject(new Error("broken"));
  for (const one of together) await assert.rejects(one, /broken/);
  const next = ask();
  looks[1]!.resolve("whole");
  assert.equal(await next, "whole");
});
