import assert from "node:assert/strict";
import { test } from "node:test";
import { Appending } from "../../src/http/appending.ts";

interface Event {
  id: string;
  size: number;
}

/** Events on their way to a shard that answers when told to, by a clock that goes when told to. */
function shard() {
  const clock = { now: 0 };
  const timers: { at: number; ring(): void }[] = [];
  const appending = new Appending<Event>(
    () => clock.now,
    (ms) => new Promise((ring) => timers.push({ at: clock.now + ms, ring })),
  );
  const calls: { ids: string; end: PromiseWithResolvers<void> }[] = [];
  const kept: string[] = [];
  const failed: string[] = [];
  const call = (appends: Event[]) => {
    const end = Promise.withResolvers<void>();
    calls.push({ ids: appends.map(({ id }) => id).join(""), end });
    return end.promise;
  };
  return {
    kept,
    failed,
    /** Whose events went together, call by call. */
    calls: () => calls.map(({ ids }) => ids),
    /** Events with these letters as ids arrive, one after the other. */
    async arrive(ids: string, size = 300) {
      for (const id of ids)
        appending.add({ id, size }, call).then(
          () => kept.push(id),
          () => failed.push(id),
        );
      await settled();
    },
    async pass(ms: number) {
      clock.now += ms;
      for (const { at, ring } of timers) if (at <= clock.now) ring();
      await settled();
    },
    async answer(index: number, error?: Error) {
      if (error) calls[index]!.end.reject(error);
      else calls[index]!.end.resolve();
      await settled();
    },
  };
}

const settled = () => new Promise(setImmediate);

const sixteen = "abcdefghijklmnop";

test("an event goes at once and alone while not too many are under way", async () => {
  const { arrive, answer, calls, kept } = shard();
  await arrive(sixteen);
  assert.deepEqual(calls(), [...sixteen]);
  await answer(3);
  assert.deepEqual(kept, ["d"]);
  await arrive("q");
  assert.equal(calls().at(-1), "q");
});

test("in a flood events go in groups, each kept when its call is", async () => {
  const { arrive, pass, answer, calls, kept } = shard();
  await arrive(sixteen);
  await arrive("qr");
  await pass(5);
  await arrive("stuvwxyzABCDEF");
  assert.equal(calls().length, 16);
  await pass(1);
  assert.deepEqual(calls().slice(16), ["qrstuvwxyzABCDEF"]);
  await arrive("GH");
  assert.deepEqual(kept, []);
  await answer(16);
  assert.deepEqual(kept.sort(), [..."ABCDEFqrstuvwxyz"]);
  await pass(6);
  assert.equal(calls().at(-1), "GH");
});

test("a group that is full does not wait", async () => {
  const { arrive, calls } = shard();
  await arrive(sixteen);
  await arrive("x".repeat(49));
  assert.deepEqual(
    calls()
      .slice(16)
      .map((ids) => ids.length),
    [48],
  );
});

test("a group holds only so many bytes", async () => {
  const { arrive, pass, calls } = shard();
  await arrive(sixteen);
  await arrive("qrstuv", 1024 * 1024);
  await pass(6);
  assert.deepEqual(calls().slice(16), ["qrst", "uv"]);
});

test("when few come together the flood is over", async () => {
  const { arrive, pass, answer, calls } = shard();
  await arrive(sixteen);
  await arrive("qrs");
  for (let index = 0; index < 16; index++) await answer(index);
  await pass(6);
  await arrive("tu");
  assert.deepEqual(calls().slice(16), ["qrs", "t", "u"]);
});

test("a call that fails fails its whole group, and nobody else", async () => {
  const { arrive, pass, answer, calls, kept, failed } = shard();
  await arrive(sixteen);
  await arrive("qrst");
  await pass(6);
  await arrive("uvwx");
  await pass(6);
  await answer(16, new Error("broken"));
  await answer(17);
  assert.deepEqual(calls().slice(16), ["qrst", "uvwx"]);
  assert.deepEqual(failed.sort(), [..."qrst"]);
  assert.deepEqual(kept.sort(), [..."uvwx"]);
});

test("calls whose end nobody saw are forgotten", async () => {
  const { arrive, pass, calls } = shard();
  await arrive(sixteen);
  await pass(6_000);
  await arrive("q");
  assert.equal(calls().at(-1), "q");
});

test("calls whose end nobody saw are forgotten though the clock was set back", async () => {
  const { arrive, pass, calls } = shard();
  await pass(3_600_000);
  await arrive(sixteen);
  await pass(-3_600_000);
  await arrive("q");
  assert.equal(calls().at(-1), "q");
});

for (const later of [100, -100])
  test(`nobody joins a group whose request has gone away, by a clock that went ${later} ms`, () =>
    gone(later));

async function gone(later: number): Promise<void> {
  const clock = { now: 0 };
  const appending = new Appending<Event>(
    () => clock.now,
    () => new Promise(() => {}),
  );
  const calls: number[] = [];
  const add = () => {
    void appending.add({ id: "x", size: 1 }, async ({ length }) => {
      calls.push(length);
      await new Promise(() => {});
    });
  };
  for (let index = 0; index < 16; index++) add();
  add();
  clock.now = later;
  for (let index = 0; index < 48; index++) add();
  await settled();
  assert.deepEqual(calls, [...Array(16).fill(1), 48]);
}
