/** Tells on stderr which shards have no part in what a command shows or does. */
export function sayMissing(missing?: readonly number[]): void {
  for (const sentence of sentencesOn(missing)) console.error(sentence);
}

/** A sentence about the shards that have no part in an answer; none where all have. */
export function sentencesOn(missing: readonly number[] = []): string[] {
  if (missing.length === 0) return [];
  const subject = missing.length === 1 ? `shard ${missing[0]} has` : `the shards ${missing.join(", ")} have`;
  return [`${subject} no part in this: more may be there than is shown, and /health says why`];
}
