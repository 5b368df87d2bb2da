/**
 * Whether values that only documents need are there. The Worker's build leaves them out, which makes its code smaller
 * by a sixteenth.
 */

/** False in the Worker's build, see `[define]` in wrangler.toml. Elsewhere there is no such name. */
declare const DOCUMENTED: boolean;

export const documented = typeof DOCUMENTED === "undefined" || DOCUMENTED;
