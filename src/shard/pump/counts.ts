/** Events of a table, counted by destination. */
export class EventCounts {
  readonly #counts = new Map<string, number>();

  get byDestination(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** @param events negative: so many fewer */
  add(destination: string, events: number): void {
    const sum = (this.#counts.get(destination) ?? 0) + events;
    if (sum > 0) this.#counts.set(destination, sum);
    else this.#counts.delete(destination);
  }

  /** Forgets a destination; returns how many events it had. */
  forget(destination: string): number {
    const events = this.#counts.get(destination) ?? 0;
    this.#counts.delete(destination);
    return events;
  }
}
