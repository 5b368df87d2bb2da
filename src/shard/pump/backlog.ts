/**
 * The backlog of a destination: events ahead of its cursor, events under way, and events behind it in blocked
 * conversations. Three readers share the work and agree on every position: the cursor, the blocked conversations, and
 * their catch-up.
 */
import { type Event, isForwardable } from "../../callback/event.ts";
import { maxBatchBytes } from "../../delivery/batch.ts";
import type { ForwardRule } from "../../rule/rule.ts";
import type { Journal } from "../journal/journal.ts";
import type { DestinationState } from "../journal/progress-record.ts";
import type { Entry } from "../journal/segment.ts";
import type { Sql } from "../sql.ts";
import type { Turn } from "../turn.ts";
import { BlockedConversations } from "./blocked.ts";
import { CatchUp } from "./catch-up.ts";
import { Cursor } from "./cursor.ts";
import { DeliveryRows } from "./delivery-rows.ts";
import type { Job } from "./job.ts";
import type { RetryList } from "./retry-list.ts";
import type { SettledDeliveries } from "./settled.ts";
import { WaitingEvents } from "./waiting-events.ts";

/** The tables in which a destination's events stand. */
export interface DeliveryTables {
  readonly sql: Sql;
  readonly journal: Journal;
  readonly retries: RetryList;
  readonly settled: SettledDeliveries;
}

/** Bounds on the events of one destination that are held in memory. */
export interface BacklogLimits {
  /** Events that may wait behind others of their conversation. */
  lookAhead: number;
  /** Blocked conversations from which on the journal is not read on. */
  blockedConversations: number;
  /** Bodies of events that polls may have. */
  polledCharacters: number;
}

export class Backlog {
  /** Which of its events wait. */
  readonly waiting: WaitingEvents;
  readonly #cursor: Cursor;
  readonly #catchUp: CatchUp;
  readonly #journal: Journal;
  readonly #blocked: BlockedConversations;
  /** Each event from here on that was ahead of the cursor at the start had no attempt, or was given up. */
  readonly #triedTo: number;
  #unreadChanges = 0;

  constructor(
    rule: ForwardRule,
    state: DestinationState,
    tables: DeliveryTables,
    { lookAhead, blockedConversations }: Omit<BacklogLimits, "polledCharacters">,
  ) {
    const { journal } = tables;
    const blocked = new BlockedConversations(tables.sql, rule.name, blockedConversations);
    const rows = new DeliveryRows(rule.name, tables);
    this.#journal = journal;
    this.#blocked = blocked;
    if (!rule.enabled) blocked.releaseAll();
    if (blocked.size > 0) {
      // An event that is in the retry list no more would block its conversation for good.
      blocked.keepHeads((position) => rows.isListed(position));
    }
    const from = Math.min(state.cursor, state.underway[0] ?? state.cursor);
    // Deliveries that ended after the last segment was written have a row.
    const ended = rows.from(from);
    const tried = ended.filter(({ dead }) => !dead).map(({ position }) => position);
    this.#triedTo = [...(state.done ?? []), ...tried].reduce((to, one) => Math.max(to, one + 1), 0);
    this.#cursor = new Cursor(
      journal,
      { ...state, underway: ownUnderway(state, journal, blocked) },
      {
        ordered: rule.order === "conversation",
        lookAhead,
        exact: rule.address.kind === "poll",
        rule,
        blocked,
        skip: new Set(ended.map(({ position }) => position)),
      },
    );
    // A crash may have forgotten a delivery of which a replay is in the retry list.
    const wants = (position: number, event: Event) =>
      isForwardable(event) && rule.matches(event) && !rows.has(position);
    this.#catchUp = new CatchUp(journal, blocked, { wants }, state.cursor);
    this.waiting = new WaitingEvents(rule, {
      journal,
      cursor: this.#cursor,
      blocked,
      catchUp: this.#catchUp,
      rows,
    });
  }

  /** How far the journal is read, for the next row to record. */
  get cursorState(): Cursor["state"] {
    return this.#cursor.state;
  }

  /** Every event from here on waits for its first attempt, or was given up. */
  get untriedFrom(): number {
    return Math.max(this.#cursor.position, this.#triedTo);
  }

  /** Everything that stands in the journal was read, and has an outcome. */
  get idle(): boolean {
    return this.#cursor.idle;
  }

  /** Whether an event may be begun, now or when another one ends; blocked conversations that wait for a retry apart. */
  mayHaveNext(turn: Turn): boolean {
    return this.#catchUp.mayHaveNext || this.#cursor.mayHaveNext(turn);
  }

  /** So many conversations are blocked that the journal is not read on. */
  get isFull(): boolean {
    return this.#blocked.isFull;
  }

  /** See `Destination`. */
  get unreadChanges(): number {
    return this.#unreadChanges;
  }

  /** How many events its rule has matched since the start. */
  get fitted(): number {
    return this.#cursor.fitted;
  }

  /** Lets every event pass by that stands in the journal now. */
  skipToEnd(): void {
    this.#cursor.skipToEnd();
  }

  /**
   * The next event of the journal, now under way. See `Cursor`.
   * @param joining conversations of the batch that the event would join
   */
  next(joining: ReadonlySet<string> | undefined, until: number, turn: Turn): Entry | null | "later" {
    return this.#cursor.next(joining, until, turn);
  }

  /**
   * The next events of a blocked conversation that waits for no retry any more; "later": another turn may find some.
   * @param size as many events at most; fewer, if they are large
   */
  nextOfBlocked(size: number, turn: Turn): { conversation: string; entries: Entry[] } | null | "later" {
    const next = this.#catchUp.next(this.#cursor.position, turn);
    if (next === null || next === "later") return next;
    const { conversation } = next;
    const entries: Entry[] = [];
    let bytes = 0;
    let position: number | null = next.position;
    while (position !== null) {
      const entry = this.#journal.at(position);
      bytes += entry?.event.size ?? 0;
      if (entry && entries.length > 0 && bytes > maxBatchBytes) {
        this.#catchUp.putBack(conversation, position);
        break;
      }
      if (entry) entries.push(entry);
      position = entries.length < size ? this.#catchUp.follow(conversation, turn) : null;
    }
    if (entries.length > 0) return { conversation, entries };
    // Retention has taken these events.
    this.#blocked.moveOn(conversation, next.position + 1);
    this.#catchUp.ended(conversation);
    return "later";
  }

  /**
   * The events at positions that are under way, in the order of the journal. The cursor may have given an event that
   * waited for its conversation after later ones. Events that retention has taken are left out.
   */
  take(positions: readonly number[]): Entry[] {
    return positions
      .toSorted((a, b) => a - b)
      .flatMap((position) => {
        const entry = this.#journal.at(position);
        if (!entry) this.#cursor.done(position);
        return entry ?? [];
      });
  }

  /** Whether `next` has given the event at a position, which is neither answered nor left to its blocked conversation. */
  hasBegun(position: number): boolean {
    return this.#cursor.hasBegun(position);
  }

  /** The events of a job are delivered at their first attempt, or get none: their conversation goes on. */
  delivered({ entries, catchingUp }: Job): void {
    for (const { position } of entries) this.#cursor.done(position);
    if (catchingUp === null) return;
    this.#blocked.moveOn(catchingUp, entries.at(-1)!.position + 1);
    this.#catchUp.ended(catchingUp);
  }

  /**
   * The first attempt of a job has failed.
   * @param blocks whether the conversation of the event at a position waits for its retry
   */
  failed({ entries, catchingUp }: Job, blocks: (position: number) => boolean): void {
    const waitsFor = new Map<string, number[]>();
    for (const { position, event } of entries) {
      const { conversation } = event;
      const ordered = catchingUp !== null || this.#cursor.isOrdered(position);
      const block = conversation !== null && ordered && blocks(position);
      if (!block && catchingUp !== null) this.#blocked.moveOn(catchingUp, position + 1);
      this.#cursor.done(position);
      if (block) waitsFor.set(conversation, [...(waitsFor.get(conversation) ?? []), position]);
    }
    this.#unreadChanges += waitsFor.size;
    for (const [conversation, positions] of waitsFor) {
      this.#blocked.block(conversation, positions);
      // While it catches up, the cursor passes its events by, and has none to leave.
      this.#catchUp.block(conversation, catchingUp === null ? this.#cursor.leave(conversation) : []);
    }
    if (catchingUp !== null) this.#catchUp.ended(catchingUp);
  }

  /** A delivery that was retried has ended: its conversation may go on. */
  settled({ position, event: { conversation } }: Entry): void {
    if (conversation !== null && this.#blocked.settle(conversation, position))
      this.#catchUp.unblock(conversation);
  }

  /** Releases blocked conversations of which nothing waits. */
  release(turn: Turn): void {
    this.#catchUp.release(this.#cursor.position, turn);
  }

  /** The delivery of an event that waits is given up. */
  giveUp(entry: Entry): void {
    const { position, event } = entry;
    this.#unreadChanges++;
    const isAhead = this.#cursor.reads(position);
    this.#cursor.giveUp(position);
    if (isAhead) this.waiting.remove(entry);
    else if (event.conversation !== null) this.#catchUp.giveUp(event.conversation, position);
  }

  /** Everything before a position is gone from the journal. */
  truncateBefore(position: number): void {
    this.#cursor.truncateBefore(position);
    this.#catchUp.truncateBefore(position);
    for (const conversation of this.#blocked.keepHeads((head) => head >= position))
      this.#catchUp.unblock(conversation);
  }
}

/**
 * The events under way that the cursor sends again after a restart. From where a blocked conversation is read on, its
 * events are left to its reader, which would send them too.
 */
function ownUnderway(
  { underway }: DestinationState,
  journal: Journal,
  blocked: BlockedConversations,
): readonly number[] {
  if (blocked.size === 0) return underway;
  return underway.filter((position) => {
    const conversation = journal.at(position)?.event.conversation ?? null;
    const from = conversation === null ? null : blocked.readsFrom(conversation);
    return from === null || position < from;
  });
}
