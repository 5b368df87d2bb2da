/** The sizes of batches, by the kind of address. */
import type { AddressKind } from "./address.ts";

export interface Batch {
  /** Events at most. */
  size: number;
  /** The time that the first of them waits for others at most, milliseconds. */
  ms: number;
}

/** Each object of an archive is a write that is billed: few large ones are cheap, and quick to read. */
const ofArchive: Batch = { size: 10_000, ms: 300_000 };

export const leastBatch: Batch = { size: 1, ms: 0 };

/** The largest batch that a rule may ask for. */
export function mostOf(kind: AddressKind): Batch {
  return kind === "r2" ? ofArchive : { size: 1_000, ms: 60_000 };
}

/** The batch of a rule; null: its events go one by one. @param given as the rule has it */
export function batchOf(kind: AddressKind, given: Partial<Batch> | undefined): Batch | null {
  if (kind === "r2") return { ...ofArchive, ...given };
  return given ? { size: 100, ms: 1_000, ...given } : null;
}
