/** When a listener counts as slow, and when as gone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FramedRequest } from "../../../src/delivery/frame.ts";
import { arrivalsOf, type ListenerSocket, Listeners } from "../../../src/shard/listen/listeners.ts";
import { TestClock } from "../../support/test-clock.ts";

const start = Date.parse("2026-11-27T12:00:00Z");

class TestSocket implements ListenerSocket {
  readyState = 1;
  frames: string[] = [];
  closed: number | null = null;
  pingedAt: number | null = null;
  #attached: unknown = null;

  send(text: string): void {
    if (this.readyState !== 1) throw new Error("closed");
    this.frames.push(text);
  }

  close(code: number): void {
    this.readyState = 2;
    this.closed = code;
  }

  serializeAttachment(value: unknown): void {
    this.#attached = structuredClone(value);
  }

  deserializeAttachment(): unknown {
    return this.#attached;
  }
}

function setUp(sockets: TestSocket[] = []) {
  const clock = new TestClock(start);
  const news: string[] = [];
  let arrivals = 0;
  const presence = {
    came: (rule: string) => {
      news.push(`${rule} came`);
      return ++arrivals;
    },
    left: (rule: string) => void news.push(`${rule} left`),
  };
  const pings = { pingedAt: (socket: ListenerSocket) => (socket as TestSocket).pingedAt };
  const listeners = new Listeners(sockets, pings, presence, clock);
  const connected = (rule = "laptop") => {
    const socket = new TestSocket();
    listeners.connect(rule, socket);
    return socket;
  };
  const ask = async (more: Partial<FramedRequest> = {}) => {
    const request = {
      id: "evt_1",
      kind: "event",
      headers: {},
      body: "{}",
      deadlineMs: 10_000,
      ...more,
    } as const;
    const { kind } = await listeners.exchange("laptop", request);
    return `${kind} after ${clock.now() - start} ms`;
  };
  return { clock, listeners, news, connected, ask };
}

test("one that pings and answers late is slow: its connection stays", async () => {
  const { clock, connected, ask, news } = setUp();
  const socket = connected();
  socket.pingedAt = start - 2_000;
  const asked = ask();
  await clock.advance(9_000);
  socket.pingedAt = clock.now();
  await clock.advance(1_000);
  assert.equal(await asked, "late after 10000 ms");
  assert.deepEqual([socket.closed, news], [null, ["laptop came"]]);
});

test("one that has pinged and is silent for 25 s is gone, however soon its answers are due", async () => {
  for (const deadlineMs of [100, 10_000, 60_000]) {
    const { clock, connected, ask, news } = setUp();
    const socket = connected();
    socket.pingedAt = start - 2_000;
    const asked = ask({ deadlineMs });
    await clock.advance(60_000);
    assert.equal(await asked, `left after ${Math.max(deadlineMs, 23_000)} ms`);
    assert.deepEqual([socket.closed, news], [1001, ["laptop came", "laptop left"]]);
    assert.equal(await ask(), "unsent after 60000 ms");
  }
});

test("one that has slept is gone before anything is sent to it", async () => {
  const { clock, connected, ask } = setUp();
  const socket = connected();
  socket.pingedAt = start;
  await clock.advance(600_000);
  assert.equal(await ask(), "unsent after 600000 ms");
  assert.deepEqual(socket.frames, []);
});

test("one that never pings is late, and never gone by that", async () => {
  const { clock, connected, ask, news } = setUp();
  const socket = connected();
  const asked = ask();
  await clock.advance(10_000);
  assert.equal(await asked, "late after 10000 ms");
  assert.deepEqual([socket.closed, news], [null, ["laptop came"]]);
});

test("a verdict is waited for no longer, whether its listener is slow or gone", async () => {
  const { clock, connected, ask } = setUp();
  connected().pingedAt = start - 2_000;
  const asked = ask({ kind: "ask", deadlineMs: 1_200 });
  await clock.advance(1_200);
  assert.equal(await asked, "late after 1200 ms");
});

test("a clock that is set back lets a listener be silent for no longer, and a slow one be waited for no longer", async () => {
  const hour = 3_600_000;
  for (const pings of [false, true]) {
    const { clock, connected, listeners } = setUp();
    const socket = connected();
    socket.pingedAt = start;
    clock.set(start - hour);
    const request = { id: "evt_1", kind: "event", headers: {}, body: "{}", deadlineMs: 10_000 } as const;
    const asked = listeners.exchange("laptop", request);
    clock.set(start - 2 * hour);
    for (let passed = 0; passed < 40_000; passed += 5_000) {
      await clock.advance(5_000);
      if (pings) socket.pingedAt = clock.now();
    }
    assert.equal((await asked).kind, pings ? "late" : "left");
    assert.equal(socket.closed, pings ? null : 1001);
  }
});

test("an answer that comes during the doubt counts", async () => {
  const { clock, listeners, connected, ask } = setUp();
  const socket = connected();
  socket.pingedAt = start;
  const asked = ask();
  await clock.advance(15_000);
  listeners.message(socket, '{"id":"evt_1","status":204}');
  assert.equal(await asked, "answered after 15000 ms");
});

test("listeners outlive their object, with the time of their arrival", async () => {
  const before = setUp();
  const sockets = [before.connected("laptop"), before.connected("other")];
  const again = setUp(sockets);
  assert.deepEqual(arrivalsOf(sockets), { laptop: 1, other: 2 });
  const asked = again.ask();
  again.listeners.message(sockets[0]!, '{"id":"evt_1","status":204}');
  assert.equal(await asked, "answered after 0 ms");
  assert.deepEqual(again.news, []);
  sockets[0]!.close(1000);
  again.listeners.closed(sockets[0]!);
  assert.deepEqual(again.news, ["laptop left"]);
  assert.deepEqual(arrivalsOf(sockets), { other: 2 });
});

test("a stop lets requests end, and sends no more", async () => {
  const { clock, listeners, connected, ask } = setUp();
  const socket = connected();
  const asked = ask();
  const stopped = listeners.stop();
  assert.equal(await ask({ id: "evt_2" }), "unsent after 0 ms");
  await clock.advance(1_000);
  assert.equal(socket.closed, null);
  listeners.message(socket, '{"id":"evt_1","status":204}');
  assert.equal(await asked, "answered after 1000 ms");
  await stopped;
  assert.equal(socket.closed, 1001);

  // The process has not ended after all.
  assert.equal(listeners.stopped, true);
  await clock.advance(30_000);
  assert.equal(listeners.stopped, false);
  const later = connected();
  const again = ask();
  listeners.message(later, '{"id":"evt_1","status":204}');
  assert.match(await again, /^answered/);

  const silent = setUp();
  const other = silent.connected();
  const lost = silent.ask();
  void silent.listeners.stop();
  await silent.clock.advance(5_000);
  assert.equal(await lost, "left after 5000 ms");
  assert.equal(other.closed, 1001);
});
