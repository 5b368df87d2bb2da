import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Connections } from "../../../src/shard/pump/connections.ts";

/** Posts that end when told, and a clock that runs when told. */
function stage() {
  const timers: (() => void)[] = [];
  const after = (_ms: number, run: () => void) => {
    timers.push(run);
    return () => {};
  };
  let now = 1_794_160_000_000;
  const connections = new Connections({ now: () => now, after });
  const began: string[] = [];
  const ends: (() => void)[] = [];
  return {
    began,
    /** A post begins; the answer ends it, where it goes on an own connection. */
    async post(usualMs: number | null): Promise<void> {
      const own = () => {
        began.push("own");
        return new Promise<void>((resolve) => ends.push(resolve));
      };
      void connections.use(usualMs, own, async () => void began.push("entrypoint"));
      await settled();
    },
    async endOne(): Promise<void> {
      ends.shift()!();
      await settled();
    },
    async timeIsUp(): Promise<void> {
      now += 50;
      timers.shift()!();
      await settled();
    },
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** All five connections are taken. */
async function taken() {
  const all = stage();
  for (let post = 0; post < 5; post++) await all.post(null);
  assert.deepEqual(
    all.began.splice(0),
    Array.from({ length: 5 }, () => "own"),
  );
  return all;
}

describe("a post that finds all connections of the object taken", () => {
  test("waits for one where its destination is quick", async () => {
    const { began, post, endOne } = await taken();
    await post(2);
    await post(2);
    assert.deepEqual(began, []);
    await endOne();
    assert.deepEqual(began, ["own"]);
    await endOne();
    assert.deepEqual(began, ["own", "own"]);
  });

  test("goes through the entrypoint where its destination is slow, or not known", async () => {
    const { began, post } = await taken();
    await post(11);
    await post(null);
    assert.deepEqual(began, ["entrypoint", "entrypoint"]);
  });

  test("does not wait behind more than soon have their turn", async () => {
    const { began, post } = await taken();
    for (let waiting = 0; waiting < 50; waiting++) await post(10);
    assert.deepEqual(began, []);
    await post(10);
    assert.deepEqual(began, ["entrypoint"]);
  });

  test("goes through the entrypoint while connections hang, and waits again afterwards", async () => {
    const { began, post, endOne, timeIsUp } = await taken();
    await post(2);
    await endOne();
    await post(2);
    await timeIsUp();
    assert.deepEqual(began.splice(0), ["own"], "a connection was given back meanwhile");
    await timeIsUp();
    assert.deepEqual(began.splice(0), ["entrypoint"], "none was given back");
    await post(2);
    assert.deepEqual(began.splice(0), ["entrypoint"]);
    await endOne();
    await post(2);
    await post(2);
    assert.deepEqual(began.splice(0), ["own"]);
    await endOne();
    assert.deepEqual(began, ["own"]);
  });

  test("goes through the entrypoint after a while, also where connections are given back", async () => {
    const { began, post, endOne, timeIsUp } = await taken();
    for (let waiting = 0; waiting < 3; waiting++) await post(2);
    await endOne();
    await timeIsUp();
    await endOne();
    assert.deepEqual(began.splice(0), ["own", "own"]);
    await timeIsUp();
    assert.deepEqual(began.splice(0), ["entrypoint"]);
    await post(2);
    assert.deepEqual(began, [], "the next one waits again");
  });
});
