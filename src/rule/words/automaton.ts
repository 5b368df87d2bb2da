/**
 * The automaton of Aho and Corasick over words that are read backwards, in typed arrays: a state takes 14 bytes. A text
 * is read from its end, too, so that after each step the state knows the longest word that begins there.
 * https://cr.yp.to/bib/1975/aho.pdf
 */
import type { FoldedWords } from "./folded-words.ts";

/** States are numbers in the order of their depth, 0 the root. The states that follow one state stand together. */
export interface Automaton {
  /** By state: the UTF-16 unit that leads to it. */
  readonly unit: Uint16Array;
  /** By state: the first that follows it. The last that does stands before the first that follows the next state. */
  readonly first: Uint32Array;
  /** By state: where the search goes on if no state follows by a unit: the longest shorter end of a word. */
  readonly fallback: Uint32Array;
  /** By state: the number of the longest word that begins here; 0: none does. */
  readonly longest: Uint32Array;
  /** By number of a word: its index in the list. Of equal words it is the first. */
  readonly index: Uint32Array;
  /** By number of a word: its length, UTF-16 units. */
  readonly length: Uint32Array;
  /** By number of a word: the number of the next shorter one that begins at the same place; 0: none does. */
  readonly shorter: Uint32Array;
}

/** The state after reading one more unit. */
export function step({ unit, first, fallback }: Automaton, from: number, read: number): number {
  for (let state = from; ; state = fallback[state]!) {
    let low = first[state]!;
    let high = first[state + 1]!;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = unit[middle]!;
      if (other === read) return middle;
      if (other < read) low = middle + 1;
      else high = middle;
    }
    if (state === 0) return 0;
  }
}

/** Builds the automaton state by state, in the order of their depth. */
export function automatonOf(words: FoldedWords): Automaton {
  const order = words.sortedBackwards();
  const states = countStates(words, order);
  const unit = new Uint16Array(states);
  const first = new Uint32Array(states + 1);
  const fallback = new Uint32Array(states);
  const longest = new Uint32Array(states);
  const [index, length, shorter] = [[0], [0], [0]];
  const unfinished = { unit, first, fallback, longest } as Automaton;

  // The words of a state are a range of the order, which the states that follow it divide.
  const from = new Uint32Array(states);
  const to = new Uint32Array(states);
  const depths = new Uint32Array(states);
  to[0] = order.length;
  let next = 1;
  for (let state = 0; state < states; state++) {
    const depth = depths[state]!;
    const end = to[state]!;
    let at = from[state]!;
    first[state] = next;
    longest[state] = longest[fallback[state]!]!;
    if (at < end && words.length(order[at]!) === depth) {
      shorter.push(longest[state]!);
      length.push(depth);
      longest[state] = index.push(order[at]!) - 1;
    }
    while (at < end && words.length(order[at]!) === depth) at++;
    while (at < end) {
      const read = words.fromEnd(order[at]!, depth);
      unit[next] = read;
      depths[next] = depth + 1;
      from[next] = at;
      while (at < end && words.fromEnd(order[at]!, depth) === read) at++;
      to[next] = at;
      // It is less deep than this state, and finished.
      if (state > 0) fallback[next] = step(unfinished, fallback[state]!, read);
      next++;
    }
  }
  first[states] = next;
  return {
    ...unfinished,
    index: Uint32Array.from(index),
    length: Uint32Array.from(length),
    shorter: Uint32Array.from(shorter),
  };
}

/** The root, and a state for each unit that a word does not share with the one before it. */
function countStates(words: FoldedWords, order: Uint32Array): number {
  let states = 1;
  order.forEach((word, at) => {
    states += words.length(word) - (at === 0 ? 0 : words.sharedEnd(word, order[at - 1]!));
  });
  return states;
}
