/**
 * Conversations that wait, at destinations with `order: "conversation"`, for an event of theirs that is in the
 * retry list. The events behind it stay in the journal; this remembers from where to read on.
 *
 * A row of `blocked`:
 *
 *     destination   audit
 *     conversation  group:@TGS#1
 *     position      1837219840000001       the conversation is read on from here
 *     heads         [1837219840000000]     what it waits for; []: it is catching up
 *     format        1
 *
 * Rows written: block 1 · move on 1 · release 1.
 */
import type { Sql } from "./sql.ts";

export interface Blocked {
  conversation: string;
  position: number;
  heads: number[];
}

export class BlockedConversations {
  readonly #sql: Sql;
  readonly #destination: string;
  readonly #blocked: Map<string, Blocked>;
  /** Those that wait for nothing more. */
  readonly #catchingUp = new Set<string>();

  constructor(sql: Sql, destination: string) {
    this.#sql = sql;
    this.#destination = destination;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS blocked (destination TEXT NOT NULL, conversation TEXT NOT NULL, position INTEGER NOT NULL, heads TEXT NOT NULL, format INTEGER NOT NULL DEFAULT 1, PRIMARY KEY (destination, conversation)) WITHOUT ROWID",
    );
    const rows = sql.exec<{ conversation: string; position: number; heads: string }>(
      "SELECT conversation, position, heads FROM blocked WHERE destination = ?",
      destination,
    );
    this.#blocked = new Map(
      rows.toArray().map((row) => [row.conversation, { ...row, heads: JSON.parse(row.heads) as number[] }]),
    );
    for (const { conversation, heads } of this.#blocked.values())
      if (heads.length === 0) this.#catchingUp.add(conversation);
  }

  get(conversation: string): Blocked | null {
    return this.#blocked.get(conversation) ?? null;
  }

  has(conversation: string): boolean {
    return this.#blocked.has(conversation);
  }

  /** No blocked conversation is read on from an earlier position. */
  get first(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const { position } of this.#blocked.values()) first = Math.min(first, position);
    return first;
  }

  /** Conversations to read on, those first that have waited longest. */
  get catchingUp(): ReadonlySet<string> {
    return this.#catchingUp;
  }

  /** The conversation waits for this event too. */
  block(conversation: string, head: number): void {
    const before = this.#blocked.get(conversation);
    this.#write({
      conversation,
      position: Math.max(before?.position ?? 0, head + 1),
      heads: [...(before?.heads ?? []), head],
    });
  }

  /** An event is delivered or dead: once the last is, the conversation catches up. */
  settle(conversation: string, head: number): void {
    const before = this.#blocked.get(conversation);
    if (!before?.heads.includes(head)) return;
    this.#write({ ...before, heads: before.heads.filter((one) => one !== head) });
  }

  /** Everything of the conversation before a position is delivered, or was not wanted. */
  moveOn(conversation: string, position: number): void {
    const before = this.#blocked.get(conversation);
    if (before) this.#write({ ...before, position });
  }

  /** The conversation has caught up with the cursor. */
  release(conversation: string): void {
    this.#blocked.delete(conversation);
    this.#catchingUp.delete(conversation);
    this.#sql.exec(
      "DELETE FROM blocked WHERE destination = ? AND conversation = ?",
      this.#destination,
      conversation,
    );
  }

  /** No conversation waits any more. */
  releaseAll(): void {
    for (const conversation of [...this.#blocked.keys()]) this.release(conversation);
  }

  /** Events before a position are gone: nobody waits for them. */
  forget(position: number): void {
    for (const { conversation, heads } of [...this.#blocked.values()])
      for (const head of heads) if (head < position) this.settle(conversation, head);
  }

  #write(blocked: Blocked): void {
    const { conversation, position, heads } = blocked;
    this.#blocked.set(conversation, blocked);
    if (heads.length === 0) this.#catchingUp.add(conversation);
    else this.#catchingUp.delete(conversation);
    this.#sql.exec(
      "INSERT OR REPLACE INTO blocked (destination, conversation, position, heads) VALUES (?, ?, ?, ?)",
      this.#destination,
      conversation,
      position,
      JSON.stringify(heads),
    );
  }
}
