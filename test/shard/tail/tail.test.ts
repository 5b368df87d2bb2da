/** The tail of shard 0, with a second shard that the test plays. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Batch, FedLines, Feeding } from "../../../src/shard/tail/feed.ts";
import { TailFeed } from "../../../src/shard/tail/feed.ts";
import { filterKey } from "../../../src/shard/tail/filter.ts";
import { Interest, type Watched } from "../../../src/shard/tail/interest.ts";
import type { PageQuery, TailPage } from "../../../src/shard/tail/page.ts";
import { mostViewers, Tail } from "../../../src/shard/tail/tail.ts";
import type { Socket } from "../../../src/shard/tail/viewer.ts";
import { Viewers } from "../../../src/shard/tail/viewers.ts";
import { TestClock } from "../../support/test-clock.ts";

const filter = { command: null, conversation: null, account: null, destination: null };
const key = filterKey(filter);
const live = { filter, since: null };
const sinceEver = { filter, since: 0 };

class TestSocket implements Socket {
  readyState = 1;
  bufferedAmount = 0;
  frames: string[] = [];
  closed: [number, string] | null = null;
  #attachment = "";

  send(text: string): void {
    this.frames.push(text);
  }

  close(code: number, reason: string): void {
    this.readyState = 2;
    this.closed = [code, reason];
  }

  serializeAttachment(value: unknown): void {
    this.#attachment = JSON.stringify(value);
    assert.ok(this.#attachment.length < 16_000);
  }

  deserializeAttachment(): unknown {
    return JSON.parse(this.#attachment);
  }

  /** The numbers that its lines are. */
  get lines(): unknown[] {
    return this.frames.flatMap((frame) => JSON.parse(frame));
  }
}

/** @param length of each line, characters, at least */
const items = (positions: readonly number[], length = 0): (FedLines & { position: number })[] =>
  positions.map((position) => ({ text: String(position).padStart(length), count: 1, position, fits: [0] }));

const batch = (from: number, to: number, positions: readonly number[]): Batch => ({
  from,
  to,
  filters: [key],
  items: items(positions),
  missed: [0],
});

/** Shard 0's own journal is empty; shard 1 holds the positions that the test says. */
function setUp(sockets: readonly Socket[] = [], positions: number[] = []) {
  const clock = new TestClock(1_794_160_000_000);
  const kept = {
    positions,
    end: (positions.at(-1) ?? -1) + 1,
    page: Promise.resolve(),
    heard: Promise.resolve(),
    length: 0,
  };
  const calls: string[] = [];
  let held = 0;
  const peer = {
    async watch({ version, filters }: Watched): Promise<Feeding> {
      calls.push(`watch ${filters.length}`);
      held = Math.max(held, version);
      const feeding = { version: held, from: kept.end };
      await kept.heard;
      return feeding;
    },
    async feed(): Promise<Watched> {
      throw new Error("only shard 0 is fed");
    },
    async tailPage({ from }: PageQuery): Promise<TailPage> {
      const found = kept.positions.filter((position) => position >= from).slice(0, 3);
      const next = found.length === 3 ? found[2]! + 1 : kept.end;
      const end = next >= kept.end;
      calls.push(`page ${from}`);
      await kept.page;
      return { items: items(found, kept.length), next, end };
    },
  };
  const journal = { end: 0, read: () => ({ entries: [], index: 0, next: 0 }) };
  const viewers = new Viewers(sockets, clock);
  const feed = new TailFeed(journal, new Interest(null), { take: (batch) => tail.take(0, batch) }, clock);
  const pages = { page: async (): Promise<TailPage> => ({ items: [], next: 0, end: true }) };
  const tail: Tail = new Tail(
    viewers,
    { feed, pages: pages as never },
    { shard: () => peer },
    { shards: 2 },
    clock,
    1_000,
  );
  const keep = (...positions: number[]) => {
    kept.positions.push(...positions);
    kept.end = positions.at(-1)! + 1;
  };
  return { clock, kept, calls, tail, keep };
}

test("what is kept comes first, then what is fed, without gap or repeat", async () => {
  const { clock, tail, keep } = setUp();
  keep(1, 2, 3, 4, 5);
  const socket = new TestSocket();
  await tail.connect(sinceEver, () => socket);
  await clock.advance(10);
  assert.deepEqual(socket.lines, [1, 2, 3, 4, 5]);
  await tail.take(1, batch(4, 8, [4, 5, 7]));
  assert.deepEqual(socket.lines, [1, 2, 3, 4, 5, 7]);
});

test("a batch that comes while the last page is under way is read", async () => {
  const { clock, kept, tail, keep, calls } = setUp();
  keep(1, 2);
  const page = Promise.withResolvers<void>();
  kept.page = page.promise;
  const socket = new TestSocket();
  await tail.connect(sinceEver, () => socket);
  await clock.advance(10);
  assert.equal(calls.at(-1), "page 0");
  // The page was read before this event, and arrives after its batch.
  keep(3);
  await tail.take(1, batch(0, 4, [1, 2, 3]));
  page.resolve();
  await clock.advance(10);
  assert.deepEqual(socket.lines, [1, 2, 3]);
  await tail.take(1, batch(4, 6, [5]));
  assert.deepEqual(socket.lines, [1, 2, 3, 5]);
});

test("what a shard kept before it lost its memory is read", async () => {
  const { clock, tail, keep } = setUp();
  const socket = new TestSocket();
  await tail.connect(live, () => socket);
  keep(1);
  await tail.take(1, batch(0, 2, [1]));
  keep(2, 3);
  await tail.take(1, batch(4, 4, []));
  await clock.advance(10);
  assert.deepEqual(socket.lines, [1, 2, 3]);
});

test("a viewer outlives the object: it goes on where it was", async () => {
  const first = setUp();
  const socket = new TestSocket();
  first.keep(1, 2, 3, 4, 5, 6);
  first.kept.page = new Promise(() => {});
  await first.tail.connect(sinceEver, () => socket);
  const second = setUp([socket], [1, 2, 3, 4, 5, 6]);
  await second.clock.advance(10);
  assert.deepEqual(socket.lines, [1, 2, 3, 4, 5, 6]);

  const third = setUp([socket], [1, 2, 3, 4, 5, 6, 7]);
  await third.tail.take(1, batch(6, 8, [6, 7]));
  assert.deepEqual(socket.lines, [1, 2, 3, 4, 5, 6, 7]);

  const fourth = setUp([socket], [1, 2, 3, 4, 5, 6, 7, 8]);
  await fourth.tail.take(1, batch(6, 9, [6, 7, 8]));
  assert.deepEqual(socket.lines, [1, 2, 3, 4, 5, 6, 7, 8], "fed to the one before, it is not fed again");
});

test("a slow viewer is told what it missed, and delays no other", async () => {
  const { tail } = setUp();
  const [slow, quick] = [new TestSocket(), new TestSocket()];
  for (const socket of [slow, quick]) {
    await tail.connect(live, () => socket);
    tail.message(socket, '{"ack":0}');
  }
  for (let number = 0; number < 100; number++) {
    await tail.take(1, batch(number, number + 1, [number]));
    tail.message(quick, JSON.stringify({ ack: quick.frames.length }));
  }
  assert.equal(quick.lines.length, 100);
  assert.equal(slow.frames.length, 65);
  tail.message(slow, '{"ack":65}');
  assert.deepEqual(slow.lines.at(-1), { type: "gap", missed: 35 });
  await tail.take(1, batch(100, 101, [100]));
  assert.equal(slow.lines.at(-1), 100);
});

test("lines that a shard has lost are told to viewers whose filter they fit", async () => {
  const { tail } = setUp();
  const [one, other] = [new TestSocket(), new TestSocket()];
  await tail.connect(live, () => one);
  await tail.connect({ ...live, filter: { ...live.filter, destination: "other" } }, () => other);
  await tail.take(1, { ...batch(0, 0, []), missed: [3] });
  assert.deepEqual([one.lines, other.lines], [[{ type: "gap", missed: 3 }], []]);
});

test("what is kept waits for a slow viewer: nothing of it is missed", async () => {
  const { clock, tail, keep } = setUp();
  keep(...Array.from({ length: 300 }, (_, number) => number));
  const socket = new TestSocket();
  await tail.connect(sinceEver, () => socket);
  tail.message(socket, '{"ack":0}');
  await clock.advance(10);
  assert.equal(socket.frames.length, 65);
  for (let acks = 0; acks < 300 && socket.lines.length < 300; acks++) {
    tail.message(socket, JSON.stringify({ ack: socket.frames.length }));
    await clock.advance(10);
  }
  assert.deepEqual(
    socket.lines,
    Array.from({ length: 300 }, (_, number) => number),
  );
});

/** A viewer that has two of six kept lines, and must wait for the others. */
async function waiting() {
  const { clock, kept, tail, keep } = setUp();
  kept.length = 100_000;
  keep(1, 2, 3, 4, 5, 6);
  const socket = new TestSocket();
  await tail.connect(sinceEver, () => socket);
  await clock.advance(0);
  return { clock, tail, socket };
}

test("what is kept is sent on from the line at which a viewer had to wait", async () => {
  const { clock, socket } = await waiting();
  assert.deepEqual(socket.lines, [1, 2], "a page has three lines");
  await clock.advance(2_000);
  assert.deepEqual(socket.lines, [1, 2, 3, 4, 5, 6]);
});

test("a clock that is set back keeps no line from a viewer, and no viewer that reads nothing", async () => {
  const { clock, tail, socket } = await waiting();
  assert.deepEqual(socket.lines, [1, 2]);
  clock.set(clock.now() - 3_600_000);
  await clock.advance(2_000);
  assert.deepEqual(socket.lines, [1, 2, 3, 4, 5, 6]);

  const other = new TestSocket();
  other.bufferedAmount = 2_000_000;
  await tail.connect(sinceEver, () => other);
  await clock.advance(10_000);
  clock.set(clock.now() - 3_600_000);
  await clock.advance(60_000);
  assert.match(other.closed![1], /nothing was read for a minute/);
});

test("a viewer that reads nothing is closed after a minute, while what is kept waits for it", async () => {
  const { clock, tail, keep } = setUp();
  keep(1, 2, 3);
  const socket = new TestSocket();
  socket.bufferedAmount = 2_000_000;
  await tail.connect(sinceEver, () => socket);
  await clock.advance(50_000);
  assert.equal(socket.closed, null);
  await clock.advance(20_000);
  assert.match(socket.closed![1], /nothing was read for a minute/);
});

test("another shard is told of a filter once, and again when its last viewer goes", async () => {
  const { tail, calls } = setUp();
  const [one, other] = [new TestSocket(), new TestSocket()];
  for (const socket of [one, other]) await tail.connect(live, () => socket);
  assert.deepEqual(calls, ["watch 1"]);
  for (const socket of [one, other]) {
    socket.readyState = 3;
    await tail.closed(socket);
  }
  assert.deepEqual(calls, ["watch 1", "watch 0"]);
  assert.deepEqual((await tail.take(1, batch(0, 1, [0]))).filters, []);
});

test("a shard is told of a filter again, though an answer of before came late", async () => {
  const { kept, tail, calls } = setUp();
  const sockets = [new TestSocket(), new TestSocket()] as const;
  const other = { filter: { ...filter, command: "Group.*" }, since: null };
  await tail.connect(live, () => sockets[0]);
  await tail.connect(other, () => sockets[1]);
  const late = Promise.withResolvers<void>();
  kept.heard = late.promise;
  sockets[1].readyState = 3;
  const closed = tail.closed(sockets[1]);
  kept.heard = Promise.resolve();
  sockets[0].readyState = 3;
  await tail.closed(sockets[0]);
  late.resolve();
  await closed;
  await tail.connect(live, () => new TestSocket());
  assert.deepEqual(calls, ["watch 1", "watch 2", "watch 1", "watch 0", "watch 1"]);
});

test("there is a most of viewers; none is connected once the gateway stops", async () => {
  const { tail } = setUp();
  const sockets = Array.from({ length: mostViewers }, () => new TestSocket());
  for (const socket of sockets) {
    assert.equal(tail.full, false);
    await tail.connect(live, () => socket);
  }
  assert.equal(tail.full, true);
  sockets[0]!.readyState = 3;
  assert.equal(tail.full, false);
  tail.stop();
  assert.equal(tail.full, true);
  assert.deepEqual(sockets[1]!.closed, [1001, "the gateway stops: connect again, with since"]);
});
