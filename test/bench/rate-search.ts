/** A search for the highest rate that holds, where each trial takes long. */

/** Rates a second, in steps that a trial can tell apart. */
const ladder = [10, 20, 35, 50, 75, 100, 125, 150, 200, 300, 500, 700, 1_000, 1_400, 2_000];

/**
 * Climbs from a rate of the ladder as long as rates hold; if it does not hold itself, descends until one does.
 * @param most steps in each direction
 * @returns 0: none holds
 */
export async function highestHeld(
  from: number,
  holds: (rate: number) => Promise<boolean>,
  most: { climbs: number; descents: number },
): Promise<number> {
  const start = ladder.indexOf(from);
  if (await holds(from)) {
    let highest = from;
    for (const rate of ladder.slice(start + 1, start + 1 + most.climbs)) {
      if (!(await holds(rate))) break;
      highest = rate;
    }
    return highest;
  }
  for (const rate of ladder.slice(0, start).reverse().slice(0, most.descents))
    if (await holds(rate)) return rate;
  return 0;
}
