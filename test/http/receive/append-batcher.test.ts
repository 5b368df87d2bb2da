import assert from "node:assert/strict";
import { test } from "node:test";
import { AppendBatcher } from "../../../src/http/receive/append-batcher.ts";

interface Event {
  id: string;
  size: number;
}

/** A batcher to a shard whose answers, like the clock, the test controls. */
function shard() {
  const clock = { now: 0 };
  const timers: { at: number; ring(): void }[] = [];
  const batcher = new AppendBatcher<Event>(
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
    /** The ids of the events of each call. */
    calls: () => calls.map(({ ids }) => ids),
    /** Adds an event for each letter, which is its id. */
    async arrive(ids: string, size = 300) {
      for (const id of ids)
        batcher.add({ id, size }, call).then(
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

test("an event is sent at once in a call of its own below overload", async () => {
  const { arrive, answer, calls, kept } = shard();
  await arrive(sixteen);
  assert.deepEqual(calls(), [...sixteen]);
  await answer(3);
  assert.deepEqual(kept, ["d"]);
  await arrive("q");
  assert.equal(calls().at(-1), "q");
});

/** A stream of events so far apart, whose calls are answered at once. Returns the events of each later call. */
async function stream(gapMs: number, events: number): Promise<number[]> {
  const { arrive, pass, answer, calls } = shard();
  for (let sent = 0, answered = 0; sent < events; sent++) {
    await arrive("x");
    await pass(gapMs);
    while (answered < calls().length) await answer(answered++);
  }
  return calls()
    .map((ids) => ids.length)
    .slice(-10);
}

test("where many events come a second they share calls, each delayed for at most 25 ms", async () => {
  for (const count of await stream(2, 300)) assert.ok(count >= 12 && count <= 14, `${count} events a call`);
  assert.deepEqual(await stream(1, 300), Array(10).fill(16));
});

test("where events come less often each has a call of its own", async () => {
  assert.deepEqual(await stream(5, 300), Array(10).fill(1));
});

test("a batch is sent soon after its stream has ended", async () => {
  const { arrive, pass, answer, calls } = shard();
  for (let sent = 0, answered = 0; sent < 300; sent++) {
    await arrive("x");
    await pass(1);
    while (answered < calls().length) await answer(answered++);
  }
  const before = calls().join("").length;
  assert.ok(before < 300);
  await pass(5);
  assert.equal(calls().join("").length, 300);
});

test("a batch does not stay open where the clock is set back", async () => {
  const { arrive, pass, answer, calls } = shard();
  await pass(3_600_000);
  for (let sent = 0, answered = 0; calls().join("").length > sent - 3; sent++) {
    await arrive("x");
    await pass(1);
    while (answered < calls().length) await answer(answered++);
  }
  const batched = calls().length;
  await pass(-3_600_000);
  await arrive("y".repeat(20));
  assert.ok(calls().length > batched);
});

test("under overload events share calls, and each is kept when its call ends", async () => {
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

test("a full batch is sent at once", async () => {
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

test("a batch holds at most 4 MiB", async () => {
  const { arrive, pass, calls } = shard();
  await arrive(sixteen);
  await arrive("qrstuv", 1024 * 1024);
  await pass(6);
  assert.deepEqual(calls().slice(16), ["qrst", "uv"]);
});

test("a small batch ends the overload", async () => {
  const { arrive, pass, answer, calls } = shard();
  await arrive(sixteen);
  await arrive("qrs");
  for (let index = 0; index < 16; index++) await answer(index);
  await pass(6);
  await arrive("tu");
  assert.deepEqual(calls().slice(16), ["qrs", "t", "u"]);
});

test("a failed call fails its own batch only", async () => {
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

test("a call without an end is not counted after 6 seconds", async () => {
  const { arrive, pass, calls } = shard();
  await arrive(sixteen);
  await pass(6_000);
  await arrive("q");
  assert.equal(calls().at(-1), "q");
});

test("a call without an end is not counted after the clock was set back", async () => {
  const { arrive, pass, calls } = shard();
  await pass(3_600_000);
  await arrive(sixteen);
  await pass(-3_600_000);
  await arrive("q");
  assert.equal(calls().at(-1), "q");
});

for (const later of [100, -100])
  test(`an event does not join a batch whose request was cancelled, ${later} ms later`, () =>
    cancelled(later));

async function cancelled(later: number): Promise<void> {
  const clock = { now: 0 };
  const batcher = new AppendBatcher<Event>(
    () => clock.now,
    () => new Promise(() => {}),
  );
  const calls: number[] = [];
  const add = () => {
    void batcher.add({ id: "x", size: 1 }, async ({ length }) => {
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
