/** The last line of `npm run endure -- --json`. */
export interface Endured {
  /** After a collection, the most of all windows. */
  heldMb: number;
  /** At any time. */
  mostMb: number;
  /** The highest median of a later window, against that of the second. */
  growthPct: number;
  problems: readonly string[];
}
