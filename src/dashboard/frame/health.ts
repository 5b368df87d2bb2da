/** `/health`, which the frame and the overview share. */

import type { components } from "../../client/index.js";
import { type Answer, useAnswer } from "../answer.ts";

export type Health = components["schemas"]["Health"];

const everyMs = 10_000;

export function useHealth(): Answer<Health> {
  return useAnswer((relay, signal) => relay.get("/health", { signal }), { every: everyMs });
}
