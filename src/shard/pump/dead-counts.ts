/**
 * Dead letters by destination: of events that lists show, and of events past retention, which stay until their day is
 * dropped. No question counts a long table anew: time moves the boundary between both, and only the letters are counted
 * that it has passed since the last question.
 */
import { EventCounts } from "./counts.ts";

/** Dead letters by destination between two positions, the second one exclusive. */
type CountBetween = (first: number, end: number) => Map<string, number>;

export class DeadCounts {
  readonly #between: CountBetween;
  /** Where the boundary was at the last question. */
  #boundary = 0;
  #asked = false;
  readonly #kept = new EventCounts(() => this.#between(this.#boundary, Number.MAX_SAFE_INTEGER));
  readonly #past = new EventCounts(() => this.#between(0, this.#boundary));

  constructor(between: CountBetween) {
    this.#between = between;
  }

  /** The counts of events from a position on, and of earlier ones. */
  at(boundary: number): { kept: ReadonlyMap<string, number>; past: ReadonlyMap<string, number> } {
    const before = this.#asked ? this.#boundary : boundary;
    // The clock may have been set back.
    this.#pass(before, boundary, 1);
    this.#pass(boundary, before, -1);
    this.#boundary = boundary;
    this.#asked = true;
    return { kept: this.#kept.byDestination, past: this.#past.byDestination };
  }

  #pass(first: number, end: number, sign: 1 | -1): void {
    if (first >= end) return;
    for (const [destination, events] of this.#between(first, end)) {
      this.#past.add(destination, sign * events);
      this.#kept.add(destination, -sign * events);
    }
  }

  /** The table has changed. @param events negative: so many fewer */
  add(position: number, destination: string, events: number): void {
    (position < this.#boundary ? this.#past : this.#kept).add(destination, events);
  }

  /** The table has no event of the destination any more. */
  forget(destination: string): void {
    this.#kept.forget(destination);
    this.#past.forget(destination);
  }

  /** The events between two positions are about to leave the table. */
  drop(first: number, end: number): void {
    const middle = Math.min(Math.max(first, this.#boundary), end);
    for (const [destination, events] of this.#between(first, middle)) this.#past.add(destination, -events);
    for (const [destination, events] of this.#between(middle, end)) this.#kept.add(destination, -events);
  }
}
