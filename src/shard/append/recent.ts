/** The fingerprints of the last minutes' events: an event that shares one of them is that event, sent again. */

/** How long two events with the same identity are one. Milliseconds. */
export const duplicateWindowMs = 10 * 60_000;

export class RecentFingerprints {
  /** When each was kept, oldest first. */
  readonly #kept = new Map<number, number>();
  /** Fingerprints of events that are being kept. */
  readonly #pending = new Map<number, Promise<void>>();

  /** The keeping of the same event, done or under way; null if there is none. */
  find(fingerprints: readonly number[], now: number): Promise<void> | null {
    for (const fingerprint of fingerprints) {
      const pending = this.#pending.get(fingerprint);
      if (pending) return pending;
      const at = this.#kept.get(fingerprint);
      // After a clock was set back the event looks later than now: in doubt both are kept.
      if (at !== undefined && Math.abs(now - at) <= duplicateWindowMs) return Promise.resolve();
    }
    return null;
  }

  /** Remembers an event while it is being kept, and from then on; forgets it if that fails. */
  async add(fingerprints: readonly number[], now: number, keeping: Promise<void>): Promise<void> {
    for (const fingerprint of fingerprints) this.#pending.set(fingerprint, keeping);
    try {
      await keeping;
      this.load(fingerprints, now);
    } finally {
      for (const fingerprint of fingerprints)
        if (this.#pending.get(fingerprint) === keeping) this.#pending.delete(fingerprint);
    }
  }

  /** Remembers events that were kept at a time. */
  load(fingerprints: Iterable<number>, at: number): void {
    for (const fingerprint of fingerprints) {
      this.#kept.delete(fingerprint);
      this.#kept.set(fingerprint, at);
    }
    for (const [fingerprint, keptAt] of this.#kept) {
      if (Math.abs(at - keptAt) <= duplicateWindowMs) break;
      this.#kept.delete(fingerprint);
    }
  }
}
