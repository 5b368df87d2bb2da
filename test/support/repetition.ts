/**
 * The variables of the environment that repeat or lengthen a test: `SEED=7` begins with another seed, `TIMES=20` does
 * twenty times as much.
 */

/** Null: the test has a seed of its own. */
export const givenSeed = numberIn("SEED");

export const times = numberIn("TIMES") ?? 1;

function numberIn(name: string): number | null {
  const text = process.env[name];
  if (text === undefined) return null;
  const number = Number(text);
  if (!Number.isInteger(number)) throw new Error(`${name}: expected a whole number, got ${text}`);
  return number;
}
