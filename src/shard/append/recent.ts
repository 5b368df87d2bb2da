/** The fingerprints of the last minutes' events: an event that shares one of them is that event again. */

/** How long two events with the same identity are one. Milliseconds. */
export const duplicateWindowMs = 10 * 60_000;

export class RecentFingerprints {
  /** When each was kept, oldest first. */
  readonly #kept = new Map<number, number>();
  /** Those of events that are being kept. */
  readonly #pending = new Map<number, Promise<void>>();

  /** The keeping of the same event, done or under way; null if there is none. */
  find(marks: readonly number[], now: number): Promise<void> | null {
    for (const mark of marks) {
      const pending = this.#pending.get(mark);
      if (pending) return pending;
      const at = this.#kept.get(mark);
      // A clock that was set back makes it look later than now: in doubt both are kept.
      if (at !== undefined && Math.abs(now - at) <= duplicateWindowMs) return Promise.resolve();
    }
    return null;
  }

  /** Remembers an event while it is being kept, and from then on; forgets it if that fails. */
  async add(marks: readonly number[], now: number, keeping: Promise<void>): Promise<void> {
    for (const mark of marks) this.#pending.set(mark, keeping);
    try {
      await keeping;
      this.load(marks, now);
    } finally {
      for (const mark of marks) if (this.#pending.get(mark) === keeping) this.#pending.delete(mark);
    }
  }

  load(marks: Iterable<number>, at: number): void {
    for (const mark of marks) {
      this.#kept.delete(mark);
      this.#kept.set(mark, at);
    }
    for (const [mark, keptAt] of this.#kept) {
      if (Math.abs(at - keptAt) <= duplicateWindowMs) break;
      this.#kept.delete(mark);
    }
  }
}
