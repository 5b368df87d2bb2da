/** A sieve tells by its texts alone that a row holds no event that is looked for: such a row is never taken apart. */

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

/** Whether any row may be left out. */
export function sifts({ heads, bodies }: Sieve): boolean {
  return [heads, bodies].some(({ length }) => length > 0 && length <= mostTexts);
}

/** The texts as a parameter of `sifted`. */
export function parameterOf(texts: readonly string[]): string {
  return JSON.stringify(texts.length <= mostTexts ? texts : []);
}

/** A condition that a row passes, with the numbers of its two parameters. */
export function sifted(heads: number, bodies: number): string {
  const holds = (column: string, parameter: number) =>
    `(?${parameter} = '[]' OR EXISTS (SELECT 1 FROM json_each(?${parameter}) WHERE instr(${column}, value) > 0))`;
  return `${holds("heads", heads)} AND ${holds("bodies", bodies)}`;
}
