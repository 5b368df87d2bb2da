import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Entry } from "../../../src/shard/journal/segment.ts";
import { BlockedConversations } from "../../../src/shard/pump/blocked.ts";
import { CatchUp } from "../../../src/shard/pump/catch-up.ts";
import { Cursor } from "../../../src/shard/pump/cursor.ts";
import type { Readable } from "../../../src/shard/pump/cursor-options.ts";
import { EventCounter } from "../../../src/shard/pump/event-counter.ts";
import { newTurn } from "../../../src/shard/turn.ts";
import { newSql } from "../sqlite.ts";

/** A journal in memory that counts how many events are read from it. */
class Log implements Readable {
  readonly entries: Entry[] = [];
  looked = 0;

  get end(): number {
    return this.entries.length;
  }

  add(conversation: string, body = "{}"): void {
    const event = { conversation, quarantined: false, receivedAt: this.end, body } as Entry["event"];
    this.entries.push({ position: this.end, event });
  }

  read(from: number) {
    const entries = this.entries.slice(from, from + 7);
    this.looked += entries.length;
    return { entries, next: Math.max(from, Math.min(from + 7, this.end)) };
  }

  at(position: number): Entry | null {
    return this.entries[position] ?? null;
  }
}

const everything = { matches: () => true };

/** A cursor with an order, its blocked conversations, and their catching up. */
function destination(
  log: Log,
  givenUp: ReadonlySet<number> = new Set(),
  sql = newSql(),
  place = { cursor: 0, underway: [] as number[] },
) {
  const blocked = new BlockedConversations(sql, "audit");
  const waiting = new Set([...blocked.all].flatMap(({ waitsFor: heads }) => heads));
  const cursor = new Cursor(log, place, {
    ordered: true,
    lookAhead: 128,
    exact: false,
    rule: everything,
    blocked,
    skip: new Set([...waiting, ...givenUp]),
  });
  const wants = (position: number) => !givenUp.has(position);
  return { sql, blocked, cursor, catchUp: new CatchUp(log, blocked, { wants }, place.cursor) };
}

test("property: events behind a blocked one are all sent, in the order of their conversation", () => {
  const happening = fc.oneof(
    fc.record({ do: fc.constant("add" as const), conversation: fc.constantFrom("a", "b", "c") }),
    fc.record({ do: fc.constant("begin" as const) }),
    fc.record({
      do: fc.constantFrom("succeed" as const, "fail" as const, "retry" as const, "give up" as const),
      which: fc.nat(),
    }),
    fc.record({ do: fc.constant("restart" as const) }),
  );
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 150 }), (happenings) => {
      const log = new Log();
      const givenUp = new Set<number>();
      let it = destination(log, givenUp);
      const delivered: number[] = [];
      let underway: { position: number; conversation: string; catchingUp: boolean }[] = [];
      const begin = (turn = newTurn(3)) => {
        const next = it.catchUp.next(it.cursor.position, turn);
        if (next !== null && next !== "later") underway.push({ ...next, catchingUp: true });
        const entry = it.cursor.next(undefined, log.end, turn);
        if (entry === null || entry === "later") return;
        underway.push({
          position: entry.position,
          conversation: entry.event.conversation!,
          catchingUp: false,
        });
      };
      const end = (which: number, fails: boolean) => {
        const [job] = underway.splice(which % underway.length, 1);
        const { position, conversation, catchingUp } = job!;
        if (fails) it.blocked.block(conversation, [position]);
        else {
          delivered.push(position);
          it.blocked.moveOn(conversation, position + 1);
        }
        it.cursor.done(position);
        if (fails) it.catchUp.block(conversation, catchingUp ? [] : it.cursor.leave(conversation));
        if (catchingUp) it.catchUp.ended(conversation);
      };
      const retry = (which: number) => {
        const heads = [...it.blocked.all].flatMap(({ conversation, waitsFor: heads }) =>
          heads.map((head) => ({ conversation, head })),
        );
        const one = heads[which % heads.length];
        if (!one) return;
        delivered.push(one.head);
        if (it.blocked.settle(one.conversation, one.head)) it.catchUp.unblock(one.conversation);
      };
      const giveUp = (which: number) => {
        const heads = [...it.blocked.all].flatMap(({ waitsFor: heads }) => heads);
        const taken = new Set([...delivered, ...heads, ...underway.map(({ position }) => position)]);
        const waiting = log.entries.filter(({ position }) => !taken.has(position));
        if (waiting.length === 0) return;
        const { position, event } = waiting[which % waiting.length]!;
        const { conversation } = event;
        givenUp.add(position);
        delivered.push(position);
        it.cursor.giveUp(position);
        it.catchUp.giveUp(conversation!, position);
      };
      for (const one of happenings) {
        if (one.do === "give up") giveUp(one.which);
        if (one.do === "add") log.add(one.conversation);
        if (one.do === "begin") begin();
        if ((one.do === "succeed" || one.do === "fail") && underway.length > 0)
          end(one.which, one.do === "fail");
        if (one.do === "retry") retry(one.which);
        if (one.do === "restart") {
          const { cursor, underway: positions, done = [] } = it.cursor.state;
          // The cursor would pass by events that are recorded as delivered. They are given here as rows record them.
          it = destination(log, givenUp, it.sql, { cursor, underway: [...positions], done } as never);
          underway = [];
        }
      }
      for (let rounds = 0; rounds < 2_000; rounds++) {
        begin(newTurn());
        while (underway.length > 0) end(0, false);
        retry(0);
        if (it.cursor.idle && it.blocked.size === 0) break;
      }
      assert.equal(it.blocked.size, 0);
      assert.equal(it.catchUp.waiting, 0);
      assert.deepEqual(
        [...new Set(delivered)].sort((a, b) => a - b),
        log.entries.map(({ position }) => position),
      );
      for (const conversation of ["a", "b", "c"]) {
        const first = [...new Set(delivered)].filter(
          (at) => log.entries[at]!.event.conversation === conversation && !givenUp.has(at),
        );
        assert.deepEqual(
          first,
          [...first].sort((a, b) => a - b),
          conversation,
        );
      }
    }),
    { numRuns: 400 },
  );
});

test("many blocked conversations catch up by one reading of the journal", () => {
  const log = new Log();
  const conversations = 2_000;
  for (let round = 0; round < 4; round++)
    for (let one = 0; one < conversations; one++) log.add(`group ${one}`);
  const it = destination(log);
  for (let one = 0; one < conversations; one++) {
    it.cursor.next(undefined, log.end, newTurn(100_000));
    it.blocked.block(`group ${one}`, [one]);
    it.cursor.done(one);
    it.catchUp.block(`group ${one}`, it.cursor.leave(`group ${one}`));
  }
  while (it.cursor.next(undefined, log.end, newTurn(100_000)) !== null);
  for (let one = 0; one < conversations; one++)
    if (it.blocked.settle(`group ${one}`, one)) it.catchUp.unblock(`group ${one}`);
  log.looked = 0;
  let sent = 0;
  for (;;) {
    const next = it.catchUp.next(it.cursor.position, newTurn());
    if (next === null) break;
    if (next === "later") continue;
    sent++;
    it.blocked.moveOn(next.conversation, next.position + 1);
    it.catchUp.ended(next.conversation);
  }
  assert.equal(sent, 3 * conversations);
  assert.equal(it.blocked.size, 0);
  assert.ok(log.looked <= 2 * log.end, `${log.looked} events read of ${log.end}`);
});

test("a conversation longer than its queue catches up to its end", () => {
  const log = new Log();
  for (let count = 0; count < 500; count++) log.add(count % 2 ? "a" : "b");
  const it = destination(log);
  it.cursor.next();
  it.blocked.block("b", [0]);
  it.cursor.done(0);
  it.catchUp.block("b", it.cursor.leave("b"));
  let other = it.cursor.next();
  for (; other !== null; other = it.cursor.next()) if (other !== "later") it.cursor.done(other.position);
  it.blocked.settle("b", 0);
  it.catchUp.unblock("b");
  const sent: number[] = [];
  for (
    let next = it.catchUp.next(log.end, newTurn());
    next !== null;
    next = it.catchUp.next(log.end, newTurn())
  ) {
    if (next === "later") continue;
    sent.push(next.position);
    it.blocked.moveOn("b", next.position + 1);
    it.catchUp.ended("b");
  }
  assert.deepEqual(
    sent,
    Array.from({ length: 249 }, (_, n) => 2 * n + 2),
  );
});

test("long bodies end a turn early, and none is passed by", () => {
  const log = new Log();
  const long = JSON.stringify("x".repeat(200_000));
  log.add("a", long);
  const it = destination(log);
  it.cursor.next();
  it.blocked.block("a", [0]);
  it.catchUp.block("a", []);
  for (let n = 1; n < 100; n++) log.add("a", long);
  const looked = (look: () => unknown) => {
    log.looked = 0;
    look();
    return log.looked;
  };
  const counter = new EventCounter();
  const count = () => counter.count(log, 1, log.end, () => true, newTurn());
  // A page of this journal is seven events.
  assert.ok(looked(count) <= 21);
  assert.ok(looked(() => it.cursor.mayHaveNext(newTurn())) <= 7);
  assert.ok(looked(() => it.cursor.next(undefined, log.end, newTurn())) <= 100);
  while (it.cursor.next() !== null);
  assert.ok(looked(() => it.catchUp.look(log.end, newTurn())) <= 21);
  let turns = 1;
  while (count().to < log.end) turns++;
  assert.ok(turns >= 5, `${turns} turns`);
  assert.equal(count().waiting, 99);
  it.blocked.settle("a", 0);
  it.catchUp.unblock("a");
  const sent: number[] = [];
  for (let tries = 0; tries < 1_000 && it.blocked.size > 0; tries++) {
    const next = it.catchUp.next(log.end, newTurn());
    if (next === null || next === "later") continue;
    sent.push(next.position);
    it.blocked.moveOn("a", next.position + 1);
    it.catchUp.ended("a");
  }
  assert.deepEqual(
    sent,
    Array.from({ length: 99 }, (_, n) => n + 1),
  );
});

test("property: a backlog is counted exactly, in whatever turns, while the cursor moves", () => {
  const step = fc.record({ add: fc.nat(30), move: fc.nat(30), turn: fc.integer({ min: 1, max: 40 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const log = new Log();
      const backlog = new EventCounter();
      const waits = (position: number) => position % 3 !== 0;
      let cursor = 0;
      for (const { add, move, turn } of steps) {
        for (let count = 0; count < add; count++) log.add("a");
        cursor = Math.min(log.end, cursor + move);
        const { waiting, to, since } = backlog.count(log, cursor, log.end, waits, newTurn(turn));
        const counted = log.entries.filter(
          ({ position }) => position >= cursor && position < to && waits(position),
        );
        assert.equal(waiting, counted.length);
        assert.equal(since, counted[0]?.event.receivedAt ?? null);
      }
      for (;;) {
        const { waiting, to } = backlog.count(log, cursor, log.end, waits, newTurn(5));
        if (to < log.end) continue;
        assert.equal(
          waiting,
          log.entries.filter(({ position }) => position >= cursor && waits(position)).length,
        );
        break;
      }
    }),
  );
});

test("counting up to a position beyond the journal's end terminates", () => {
  const log = new Log();
  log.add("a");
  const { waiting, to } = new EventCounter().count(log, 0, 1_000_000, () => true, newTurn());
  assert.deepEqual([waiting, to], [1, 1_000_000]);
});
