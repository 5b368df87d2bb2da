/**
 * The secrets of `.dev.vars.example`: whoever can read this repository knows them, and a deploy button may offer them as
 * a deployment's own. Only local runs take them.
 */
const samples: readonly string[] = [
  "local-callback-token",
  "local-admin-token",
  "whsec_bG9jYWwtc2FtcGxlLXNlY3JldC1mb3ItbnBtLXN0YXJ0",
];

export function isSample(secret: string): boolean {
  return samples.includes(secret);
}

/** Goes on after the name of a setting. */
export const sampleProblem =
  "is the sample of .dev.vars.example, which protects nothing outside of local runs";
