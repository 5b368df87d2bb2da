import assert from "node:assert/strict";
import { test } from "node:test";
import { Appending } from "../../src/http/appending.ts";

interface Event {
  id: string;
  size: number;
}

/** A shard that answers when told to, and how far events have come. */
function shard() {
  const clock = { now: 0 };
  const appending = new Appending<Event>(() => clock.now);
  const calls: { ids: string[]; end: PromiseWithResolvers<void> }[] = [];
  const ended: Record<string, "kept" | "failed"> = {};
  const call = (appends: Event[]) => {
    const end = Promise.withResolvers<void>();
    calls.push({ ids: appends.map(({ id }) => id), end });
    return end.promise;
  };
  return {
    calls,
    clock,
    ended,
    /** Events with these ids arrive, one after the other. */
    async arrive(ids: Iterable<string>, size = 300) {
      for (const id of ids)
        appending.add({ id, size }, call).then(
          () => {
            ended[id] = "kept";
          },
          () => {
            ended[id] = "failed";
          },
        );
      await microtasks();
    },
    async answer(index: number, error?: Error) {
      if (error) calls[index]!.end.reject(error);
      else calls[index]!.end.resolve();
      await microtasks();
    },
  };
}

const microtasks = () => new Promise(setImmediate);

test("an event goes at once and alone while few are under way", async () => {
  const { arrive, answer, calls, ended } = shard();
  await arrive("abcdefgh");
  assert.deepEqual(
    calls.map(({ ids }) => ids.join("")),
    [..."abcdefgh"],
  );
  await answer(3);
  assert.deepEqual(ended, { d: "kept" });
  await arrive("i");
  assert.deepEqual(calls.at(-1)!.ids, ["i"]);
});

test("in a flood events gather and go together, each kept when its call is", async () => {
  const { arrive, answer, calls, ended } = shard();
  await arrive("abcdefgh");
  await arrive("ijkl");
  assert.equal(calls.length, 8);
  await answer(0);
  assert.deepEqual(calls[8]!.ids, [..."ijkl"]);
  for (let index = 1; index < 7; index++) await answer(index);
  await arrive("mn");
  assert.equal(calls.length, 9, "two calls are under way, which is enough in a flood");
  await answer(8);
  assert.equal(ended.l, "kept");
  assert.equal(ended.m, undefined);
  assert.deepEqual(calls[9]!.ids, ["m", "n"]);
});

test("after a flood events go alone again", async () => {
  const { arrive, answer, calls } = shard();
  await arrive("abcdefghi");
  for (let index = 0; index < 9; index++) await answer(index);
  await arrive("xyz");
  assert.deepEqual(
    calls.slice(9).map(({ ids }) => ids.join("")),
    ["x", "y", "z"],
  );
});

test("a call that fails fails all that it carried, and the next go on", async () => {
  const { arrive, answer, calls, ended } = shard();
  await arrive("abcdefgh");
  await arrive("ij");
  await answer(0);
  await arrive("k");
  await answer(8, new Error("broken"));
  assert.deepEqual(ended, { a: "kept", i: "failed", j: "failed" });
  assert.deepEqual(calls[9]!.ids, ["k"]);
});

test("a call takes only so many bytes", async () => {
  const { arrive, answer, calls } = shard();
  await arrive("abcdefgh");
  await arrive("ijklmn", 1024 * 1024);
  await answer(0);
  assert.deepEqual(calls[8]!.ids, [..."ijkl"]);
});

test("calls whose end nobody tells hold up nobody for long; who waited behind them is taken along", async () => {
  const { arrive, calls, clock } = shard();
  await arrive("abcdefgh");
  await arrive("i");
  clock.now = 6_001;
  await arrive("j");
  assert.deepEqual(calls.at(-1)!.ids, ["j", "i"]);
});
