/**
 * The secrets of `.dev.vars.example`. They are public, and a deploy button may offer them as a deployment's own: only
 * local runs accept them.
 */
import { say } from "../sentence.ts";

const samples: readonly string[] = [
  "local-callback-token",
  "local-admin-token",
  "whsec_bG9jYWwtc2FtcGxlLXNlY3JldC1mb3ItbnBtLXN0YXJ0",
];

export function isSample(secret: string): boolean {
  return samples.includes(secret);
}

/** The rest of a sentence that begins with the name of a setting. */
export const sampleProblem = say`is the sample of .dev.vars.example, which protects nothing outside of local runs`;
