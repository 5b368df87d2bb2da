/** A sieve tells by its texts alone that a row holds no wanted event: such a row is never taken apart. */

export interface Sieve {
  /** The column `heads` of a row that passes holds one of these texts; empty: any text. */
  readonly heads: readonly string[];
  /** Likewise the column `bodies`. */
  readonly bodies: readonly string[];
  /** The column `news` of a row that passes begins with none of these texts. */
  readonly notNews: readonly string[];
}

/** Lets every row pass. */
export const everyRow: Sieve = { heads: [], bodies: [], notNews: [] };

/** With more texts, sifting costs as much as it saves. */
const mostTexts = 16;

/** The condition that a row passes, and its parameters; null: every row does. */
export function conditionOf(sieve: Sieve): { text: string; parameters: readonly string[] } | null {
  const used = (["heads", "bodies"] as const).filter(
    (column) => sieve[column].length > 0 && sieve[column].length <= mostTexts,
  );
  const holds = (column: "heads" | "bodies") =>
    sieve[column].map(() => `instr(${column}, ?) > 0`).join(" OR ");
  // The short column goes first.
  const parts = [
    ...sieve.notNews.map((text) => `substr(news, 1, ${text.length}) <> ?`),
    ...used.map((column) => `(${holds(column)})`),
  ];
  if (parts.length === 0) return null;
  return {
    text: parts.join(" AND "),
    parameters: [...sieve.notNews, ...used.flatMap((column) => sieve[column])],
  };
}
