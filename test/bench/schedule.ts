/** When an open-loop sender sends: at random times at a rate, whether answers come or not. So callbacks do come. */

/** Yields times from the start, milliseconds, in order. The gaps are exponential: their mean is that of the rate. */
export function* arrivals(perSecond: number, seconds: number, chance: () => number): Generator<number> {
  for (let due = 0; due < seconds * 1_000; due += (-Math.log(1 - chance()) * 1_000) / perSecond) yield due;
}

/** Numbers from 0 to 1, the same in every run: a linear congruential generator. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
