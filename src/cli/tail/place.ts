/**
 * How far a viewer of the tail has come, so that another connection goes on there without gap or repeat. Events may come
 * a little out of order: the next connection begins a minute before the newest, and lines that were seen are left out.
 */
import type { TailLine } from "../../client/index.js";

/** An event is kept at most so long after it was received, with room to spare. Milliseconds. */
const marginMs = 60_000;

export class Place {
  /** Where the tail begins, by the gateway's clock; unknown until the first event tells that clock. */
  #beginning: number | null;
  #openedAt: number | null = null;
  #newest = Number.NEGATIVE_INFINITY;
  /** Events that another connection may repeat, and when they were received. */
  readonly #seen = new Map<string, number>();
  /** The event left out last: its verdict, which comes behind it, is left out too. */
  #leftOut = "";

  /** @param since Unix milliseconds; null: the tail begins now */
  constructor(since: number | null) {
    this.#beginning = since;
  }

  /** Whether the tail was ever open. */
  get begun(): boolean {
    return this.#openedAt !== null;
  }

  /** @param at milliseconds of this machine's monotonic clock, here and below */
  opened(at: number): void {
    this.#openedAt ??= at;
  }

  /** Whether a line is new. */
  takes(line: TailLine, at: number): boolean {
    if (line.type === "verdict") return line.event !== this.#leftOut;
    if (line.type !== "event") return true;
    const { id, receivedAt } = line.event;
    if (this.#seen.has(id)) {
      this.#leftOut = id;
      return false;
    }
    const received = Date.parse(receivedAt);
    this.#beginning ??= received - (at - (this.#openedAt ?? at));
    this.#newest = Math.max(this.#newest, received);
    this.#seen.set(id, received);
    for (const [old, when] of this.#seen) {
      if (when >= this.#newest - marginMs) break;
      this.#seen.delete(old);
    }
    return true;
  }

  /** The `since` of the next connection; undefined: it begins with the events to come. */
  since(at: number): string | undefined {
    if (this.#beginning !== null)
      return new Date(Math.max(this.#beginning, this.#newest - marginMs)).toISOString();
    return this.#openedAt === null ? undefined : `${Math.ceil((at - this.#openedAt) / 1000) + 1}s`;
  }
}
