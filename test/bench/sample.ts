/** Repeated measurements: what is in the middle, and how far they spread. */

export interface Sample {
  /** Round by round. */
  values: readonly number[];
  median: number;
  least: number;
  most: number;
}

export function sampleOf(values: readonly number[]): Sample {
  return { values, median: quantile(values, 0.5)!, least: Math.min(...values), most: Math.max(...values) };
}

/** The ratios, round by round: a machine that is slow for a while is so for both. */
export function ratiosOf(one: Sample, other: Sample): Sample {
  return sampleOf(one.values.map((value, round) => value / other.values[round]!));
}

/** The differences, round by round. */
export function differencesOf(one: Sample, other: Sample): Sample {
  return sampleOf(one.values.map((value, round) => value - other.values[round]!));
}

/** The median of the rounds' ratios. */
export function ratioOf(one: Sample, other: Sample): number {
  return ratiosOf(one, other).median;
}

/** The value that a share of all does not exceed; null if there are none. */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

/**
 * Measures several subjects in turn, round after round, so that whatever else the machine does befalls all alike. Every
 * round begins with another one, so that none always follows the same neighbour.
 * @param measure one run of a subject
 */
export async function inTurns<Subject, Found>(
  subjects: readonly Subject[],
  rounds: number,
  measure: (subject: Subject) => Promise<Found>,
): Promise<Map<Subject, Found[]>> {
  const found = new Map(subjects.map((subject) => [subject, [] as Found[]]));
  for (let round = 0; round < rounds; round++)
    for (let turn = 0; turn < subjects.length; turn++) {
      const subject = subjects[(round + turn) % subjects.length]!;
      found.get(subject)!.push(await measure(subject));
    }
  return found;
}
