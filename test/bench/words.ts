/** A long list of words: to build it, to look for it in a message, and what it takes in memory. In this process. */
import { WordSet } from "../../src/rule/words/word-set.ts";
import { quantile } from "./sample.ts";

export interface WordMeasures {
  /** Milliseconds: of the first list, when nothing is compiled, and the median of later ones. */
  firstBuildMs: number;
  buildMs: number;
  /** To find all words in a message of 1 KB, Chinese and English ones in turns; milliseconds. */
  messageMs: number;
  megabytes: number;
}

/** Words of the list. */
const size = 10_000;
const builds = 15;
const messages = 400;
/** Of a message. */
const bytes = 1_024;

export function wordMeasures(): WordMeasures {
  const next = chance(7);
  const chinese = () =>
    String.fromCharCode(...Array.from({ length: 2 + next(3) }, () => 0x4e00 + next(3_500)));
  const english = () => String.fromCharCode(...Array.from({ length: 4 + next(8) }, () => 97 + next(26)));
  const list = Array.from({ length: size }, (_, index) => (index % 2 === 0 ? chinese() : english()));
  const built = Array.from({ length: builds }, () => timeOf(() => new WordSet(list)));
  const set = new WordSet(list);
  const found = Array.from({ length: messages }, (_, index) => {
    const word = index % 2 === 0 ? () => `${chinese()}，` : () => `${english()} `;
    let text = "";
    while (Buffer.byteLength(text) < bytes) text += word();
    return timeOf(() => set.find(text));
  });
  return {
    firstBuildMs: built[0]!,
    buildMs: quantile(built, 0.5)!,
    messageMs: quantile(found, 0.5)!,
    megabytes: set.bytes / 1e6,
  };
}

function timeOf(work: () => unknown): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}

/** The same numbers in every run. https://doi.org/10.1145/63039.63042 */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}
