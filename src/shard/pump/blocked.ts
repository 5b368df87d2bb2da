/**
 * Blocked conversations: at a destination with `order: "conversation"`, an event of each is in the retry list. Later
 * events of the conversation stay in the journal; a row remembers from which position to read on.
 *
 * A row of `blocked`:
 *
 *     destination   audit
 *     conversation  group:@TGS#1
 *     position      1837219840000001       the conversation is read on from here
 *     heads         [1837219840000000]     positions of the events that it waits for; []: it is catching up
 *     format        1
 *
 * Rows written: block 1 · move on 1 · release 1.
 */
import { listIn, type Sql } from "../sql.ts";

export interface Blocked {
  conversation: string;
  /** Read on from here. */
  position: number;
  /** Positions of the events that it waits for, in order. */
  waitsFor: number[];
}

export class BlockedConversations {
  readonly #sql: Sql;
  readonly #destination: string;
  readonly #most: number;
  readonly #blocked: Map<string, Blocked>;

  /** @param most see `isFull` */
  constructor(sql: Sql, destination: string, most = Number.POSITIVE_INFINITY) {
    this.#sql = sql;
    this.#destination = destination;
    this.#most = most;
    makeTable(sql);
    const rows = sql.exec<{ conversation: string; position: number; heads: string }>(
      "SELECT conversation, position, heads FROM blocked WHERE destination = ? ORDER BY position",
      destination,
    );
    this.#blocked = new Map(
      rows.toArray().map(({ conversation, position, heads }) => [
        conversation,
        // With torn heads it catches up: it would wait for events that nothing names.
        { conversation, position, waitsFor: listIn<number>(heads) },
      ]),
    );
  }

  get all(): Iterable<Blocked> {
    return this.#blocked.values();
  }

  /** No conversation is read on from an earlier position; infinity: none is blocked. */
  get first(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const { position } of this.#blocked.values()) first = Math.min(first, position);
    return first;
  }

  /** So many are blocked that no further events shall be read: each is held in memory. */
  get isFull(): boolean {
    return this.#blocked.size >= this.#most;
  }

  get size(): number {
    return this.#blocked.size;
  }

  get(conversation: string): Blocked | null {
    return this.#blocked.get(conversation) ?? null;
  }

  /** From which position on the conversation is read; null: it is not blocked. */
  readsFrom(conversation: string): number | null {
    return this.#blocked.get(conversation)?.position ?? null;
  }

  /** The conversation waits for these events too, which are in order. */
  block(conversation: string, positions: readonly number[]): void {
    const before = this.#blocked.get(conversation);
    this.#write({
      conversation,
      position: Math.max(before?.position ?? 0, positions.at(-1)! + 1),
      waitsFor: [...(before?.waitsFor ?? []), ...positions],
    });
  }

  /** An event is delivered or dead. True if the conversation waited for it, and for no other. */
  settle(conversation: string, head: number): boolean {
    const before = this.#blocked.get(conversation);
    if (!before?.waitsFor.includes(head)) return false;
    const heads = before.waitsFor.filter((one) => one !== head);
    this.#write({ ...before, waitsFor: heads });
    return heads.length === 0;
  }

  /** Everything of the conversation before a position is delivered, or was not wanted. */
  moveOn(conversation: string, position: number): void {
    const before = this.#blocked.get(conversation);
    if (before && before.position < position) this.#write({ ...before, position });
  }

  /** The conversation has caught up with the cursor. */
  release(conversation: string): void {
    if (!this.#blocked.delete(conversation)) return;
    this.#sql.exec(
      "DELETE FROM blocked WHERE destination = ? AND conversation = ?",
      this.#destination,
      conversation,
    );
  }

  /** No conversation waits any more. */
  releaseAll(): void {
    if (this.#blocked.size > 0)
      this.#sql.exec("DELETE FROM blocked WHERE destination = ?", this.#destination);
    this.#blocked.clear();
  }

  /**
   * No conversation waits for events that are gone from the journal, or from the retry list.
   * @param isThere whether the event at a position can still be waited for
   * @returns conversations that wait for no event any more
   */
  keepHeads(isThere: (position: number) => boolean): string[] {
    const free: string[] = [];
    for (const blocked of [...this.#blocked.values()]) {
      const heads = blocked.waitsFor.filter(isThere);
      if (heads.length === blocked.waitsFor.length) continue;
      this.#write({ ...blocked, waitsFor: heads });
      if (heads.length === 0) free.push(blocked.conversation);
    }
    return free;
  }

  #write(blocked: Blocked): void {
    const { conversation, position, waitsFor: heads } = blocked;
    this.#blocked.set(conversation, blocked);
    this.#sql.exec(
      "INSERT OR REPLACE INTO blocked (destination, conversation, position, heads) VALUES (?, ?, ?, ?)",
      this.#destination,
      conversation,
      position,
      JSON.stringify(heads),
    );
  }
}

function makeTable(sql: Sql): void {
  sql.exec(
    "CREATE TABLE IF NOT EXISTS blocked (destination TEXT NOT NULL, conversation TEXT NOT NULL, position INTEGER NOT NULL, heads TEXT NOT NULL, format INTEGER NOT NULL DEFAULT 1, PRIMARY KEY (destination, conversation)) WITHOUT ROWID",
  );
}
