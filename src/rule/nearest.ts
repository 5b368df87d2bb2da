/** What somebody meant who wrote a name that is not known. */

/** The name that takes the fewest changes to come from the other one. */
export function nearestOf(name: string, others: readonly string[]): string | null {
  const distances = others.map((other) => ({ other, distance: distance(name, other) }));
  return distances.sort((a, b) => a.distance - b.distance)[0]?.other ?? null;
}

/** Characters to insert, delete or replace (Levenshtein), whatever their case. */
function distance(a: string, b: string): number {
  const [from, to] = [a.toLowerCase(), b.toLowerCase()];
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, character] of [...from].entries()) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j++) {
      const replaced = row[j]! + (character === to[j] ? 0 : 1);
      next.push(Math.min(replaced, row[j + 1]! + 1, next[j]! + 1));
    }
    row = next;
  }
  return row.at(-1)!;
}
