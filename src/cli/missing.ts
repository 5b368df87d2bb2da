/** Tells on stderr which shards have no part in what a command shows. */
export function sayMissing(missing: readonly number[] = []): void {
  if (missing.length === 0) return;
  const subject = missing.length === 1 ? `shard ${missing[0]} has` : `the shards ${missing.join(", ")} have`;
  console.error(`${subject} no part in this: more may be there than is shown, and /health says why`);
}
