/**
 * The order within conversations: each has one post under way at a time, or one batch. Its later events wait in a lane.
 * Only positions are remembered.
 */

/** Events under way and positions waiting, of one conversation. */
interface Lane {
  underway: number;
  waiting: number[];
}

export class Lanes {
  readonly #lanes = new Map<string, Lane>();
  #waiting = 0;
  /** Conversations whose lane is not empty. */
  readonly #filled = new Set<string>();
  /** Conversations whose post has ended and whose lane is not empty. */
  readonly #free = new Set<string>();

  /** How many positions wait, in all lanes. */
  get waiting(): number {
    return this.#waiting;
  }

  /** The positions that wait, in no order. */
  get positions(): number[] {
    return [...this.#lanes.values()].flatMap(({ waiting }) => waiting);
  }

  includes(position: number): boolean {
    for (const { waiting } of this.#lanes.values()) if (waiting.includes(position)) return true;
    return false;
  }

  /** Whether an event of the conversation is under way, or waits. */
  has(conversation: string): boolean {
    return this.#lanes.has(conversation);
  }

  /** A further event of the conversation waits. */
  add(conversation: string, position: number): void {
    const lane = this.#lanes.get(conversation) ?? { underway: 0, waiting: [] };
    lane.waiting.push(position);
    this.#waiting++;
    this.#settle(conversation, lane);
  }

  /**
   * Takes out the next position whose conversation has no event under way; null: there is none.
   * @param joining conversations of the batch that the event would join: within it their order is safe
   */
  take(joining: ReadonlySet<string>): number | null {
    for (const conversation of this.#filled) {
      if (!this.#free.has(conversation) && !joining.has(conversation)) continue;
      const lane = this.#lanes.get(conversation)!;
      const position = lane.waiting.shift()!;
      this.#waiting--;
      this.#settle(conversation, lane);
      return position;
    }
    return null;
  }

  /** An event of the conversation is under way from now on. */
  begin(conversation: string): void {
    const lane = this.#lanes.get(conversation) ?? { underway: 0, waiting: [] };
    lane.underway++;
    this.#settle(conversation, lane);
  }

  /** An event of the conversation is under way no more. */
  end(conversation: string): void {
    const lane = this.#lanes.get(conversation);
    if (!lane) return;
    lane.underway--;
    this.#settle(conversation, lane);
  }

  /** Forgets a conversation. Returns the positions that waited. */
  remove(conversation: string): number[] {
    const waiting = this.#lanes.get(conversation)?.waiting ?? [];
    this.#waiting -= waiting.length;
    this.#lanes.delete(conversation);
    this.#filled.delete(conversation);
    this.#free.delete(conversation);
    return waiting;
  }

  /** Positions wait no more unless they are kept. */
  keep(isKept: (position: number) => boolean): void {
    for (const [conversation, lane] of this.#lanes) {
      const waiting = lane.waiting.filter(isKept);
      this.#waiting -= lane.waiting.length - waiting.length;
      lane.waiting = waiting;
      this.#settle(conversation, lane);
    }
  }

  #settle(conversation: string, lane: Lane): void {
    const isEmpty = lane.waiting.length === 0;
    if (isEmpty) this.#filled.delete(conversation);
    else this.#filled.add(conversation);
    if (isEmpty || lane.underway > 0) this.#free.delete(conversation);
    else this.#free.add(conversation);
    if (isEmpty && lane.underway === 0) this.#lanes.delete(conversation);
    else this.#lanes.set(conversation, lane);
  }
}
