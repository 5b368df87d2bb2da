/** How far an event's own time may be from the time of its position: a search by time looks so much further. */
import type { ShardMetadata } from "./metadata.ts";

/** Allowed from the beginning. Milliseconds. */
const leastMs = 120_000;

export class ClockSkew {
  readonly #metadata: ShardMetadata;
  #ms: number;

  constructor(metadata: ShardMetadata) {
    this.#metadata = metadata;
    this.#ms = metadata.read("drift") ?? leastMs;
  }

  get ms(): number {
    return this.#ms;
  }

  /** Widens the allowed skew, generously, so that it is seldom written. */
  widen(ms: number): void {
    if (ms <= this.#ms) return;
    this.#metadata.write({ drift: 2 * ms });
    this.#ms = 2 * ms;
  }
}
