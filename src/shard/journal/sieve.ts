/** A sieve tells by its texts alone that a row holds no wanted event: such a row is never taken apart. */

export interface Sieve {
  /** The column `heads` of a row that passes holds one of these texts; empty: any text. */
  readonly heads: readonly string[];
  /** Likewise the column `bodies`. */
  readonly bodies: readonly string[];
}

/** Lets every row pass. */
export const everyRow: Sieve = { heads: [], bodies: [] };

/** With more texts, sifting costs as much as it saves. */
const mostTexts = 16;

/** The condition that a row passes, and its parameters; null: every row does. */
export function conditionOf(sieve: Sieve): { text: string; parameters: readonly string[] } | null {
  const used = (["heads", "bodies"] as const).filter(
    (column) => sieve[column].length > 0 && sieve[column].length <= mostTexts,
  );
  if (used.length === 0) return null;
  const holds = (column: "heads" | "bodies") =>
    sieve[column].map(() => `instr(${column}, ?) > 0`).join(" OR ");
  return {
    text: used.map((column) => `(${holds(column)})`).join(" AND "),
    parameters: used.flatMap((column) => sieve[column]),
  };
}
