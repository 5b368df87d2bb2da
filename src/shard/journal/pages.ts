/** The pages of events read last. Destinations that keep up all read the same page, others read pages of their own. */
import type { Entry } from "./segment.ts";

/** How much is read at once: enough to keep a destination busy. */
export const pageSize = { events: 256, characters: 1_000_000 };

const kept = { pages: 8, characters: 4_000_000 };

/** Events one after the other. */
export interface Page {
  from: number;
  entries: readonly Entry[];
  /** Where to read on. */
  next: number;
  characters: number;
}

export class Pages {
  /** The latest first. */
  #pages: Page[] = [];

  /** The page that was read over a position. */
  over(position: number): Page | undefined {
    return this.#pages.find(({ from, next }) => from <= position && position < next);
  }

  keep(page: Page): void {
    if (page.entries.length === 0) return;
    this.#pages.unshift(page);
    let characters = 0;
    this.#pages = this.#pages.filter((one, index) => {
      characters += one.characters;
      return index === 0 || (index < kept.pages && characters <= kept.characters);
    });
  }

  clear(): void {
    this.#pages = [];
  }
}

/** The index of the first entry at a position or after it. */
export function indexFrom(entries: readonly Entry[], position: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entries[middle]!.position < position) low = middle + 1;
    else high = middle;
  }
  return low;
}
