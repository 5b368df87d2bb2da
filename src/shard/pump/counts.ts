/**
 * Events of a table, counted by destination. A long table takes some 100 ms to count, and a shard must wake at once: its
 * rows are counted when the counts are first asked for.
 */
export class EventCounts {
  readonly #count: () => Map<string, number>;
  /** Null: the rows are not counted yet. */
  #counts: Map<string, number> | null = null;

  /** @param count counts the rows of the table */
  constructor(count: () => Map<string, number>) {
    this.#count = count;
  }

  get byDestination(): ReadonlyMap<string, number> {
    this.#counts ??= this.#count();
    return this.#counts;
  }

  /** The table has changed. @param events negative: so many fewer */
  add(destination: string, events: number): void {
    if (this.#counts === null) return;
    const sum = (this.#counts.get(destination) ?? 0) + events;
    if (sum > 0) this.#counts.set(destination, sum);
    else this.#counts.delete(destination);
  }

  /** The table has no event of the destination any more. */
  forget(destination: string): void {
    this.#counts?.delete(destination);
  }
}
