/** `/health`, which the frame asks for, and the overview shows too. */
import { createContext } from "preact";
import type { components } from "../../client/index.js";
import { type Answer, useAnswer } from "../answer.ts";

export type Health = components["schemas"]["Health"];

const everyMs = 10_000;

/** The frame's answer, for all that it holds. */
export const HealthShown = createContext<Answer<Health>>({ value: null, failure: null, again: () => {} });

export function useHealth(): Answer<Health> {
  return useAnswer((relay, signal) => relay.get("/health", { signal }), { every: everyMs });
}
