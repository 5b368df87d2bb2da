/** The newest segments in memory: destinations that keep up read no rows. */
import { dayOf } from "./position.ts";
import type { EventColumns, Segment } from "./segment.ts";

const longest = { segments: 256, characters: 4_000_000 };

export class Tail {
  #segments: Segment[] = [];
  #characters = 0;

  /** The segments, oldest first. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }

  push(segment: Segment): void {
    this.#segments.push(segment);
    this.#characters += segment.bodies.length;
    while (this.#segments.length > longest.segments || this.#characters > longest.characters)
      this.#characters -= this.#segments.shift()!.bodies.length;
  }

  /** Where it begins; `end` while it is empty. */
  from(end: number): number {
    return this.#segments[0]?.position ?? end;
  }

  /** The segment that holds a position which is not before the tail. */
  holding(position: number): Segment | undefined {
    return this.#segments.findLast((segment) => segment.position <= position);
  }

  /** A row was written anew. */
  rewritten(row: Omit<EventColumns, "count">): void {
    this.#segments = this.#segments.map((segment) =>
      segment.position === row.position ? { ...segment, ...row } : segment,
    );
    this.#count();
  }

  /** Forgets a day. */
  drop(day: string): void {
    this.#segments = this.#segments.filter(({ position }) => dayOf(position) !== day);
    this.#count();
  }

  #count(): void {
    this.#characters = this.#segments.reduce((sum, { bodies }) => sum + bodies.length, 0);
  }
}
