/** A check: one thing about a gateway that may be wrong. All that is said of it, here and in the pages, follows from it. */
import { isUnseen, type Parts, type Seen } from "./parts.ts";

export interface Fault {
  /** A warning leaves the gateway working, and the exit code 0. */
  severity: "problem" | "warning";
  /** The finding, without a full stop. */
  says: string;
}

export interface Check<Need extends keyof Parts = keyof Parts> {
  name: string;
  /** The subject of the check, as a phrase: "rules that are wrong". */
  looksAt: string;
  /** The meaning of a fault, a sentence. */
  means: string;
  /** How to mend it, a sentence. A command `npx tim-relay …` of it gets the `--url` of the gateway before it is shown. */
  mend: string;
  /** Without one of these parts the check is not done. */
  needs: readonly Need[];
  /** The good news in short, for the line of a check without faults. */
  well(parts: Pick<Parts, Need>): string;
  faults(parts: Pick<Parts, Need>, now: number): Fault[];
}

/** The same check; its function sees the parts that it needs, and no others. */
export function check<const Name extends string, const Need extends keyof Parts>(
  definition: Check<Need> & { name: Name },
): Check<never> & { name: Name } {
  return definition as unknown as Check<never> & { name: Name };
}

export interface Result {
  check: Check<never>;
  state: "ok" | "warning" | "problem" | "not done";
  /** The good news of a check without faults, or the reason why it was not done. */
  says: string;
  faults: readonly Fault[];
}

export function judge(one: Check<never>, seen: Seen, now: number): Result {
  const missing = (one.needs as readonly (keyof Parts)[]).map((need) => seen[need]).find(isUnseen);
  if (missing) return { check: one, state: "not done", says: missing.unseen, faults: [] };
  const faults = one.faults(seen as Parts, now);
  const isProblem = faults.some(({ severity }) => severity === "problem");
  const state = isProblem ? "problem" : faults.length > 0 ? "warning" : "ok";
  return { check: one, state, says: faults.length > 0 ? "" : one.well(seen as Parts), faults };
}

export const problem = (says: string): Fault => ({ severity: "problem", says });

export const warning = (says: string): Fault => ({ severity: "warning", says });
