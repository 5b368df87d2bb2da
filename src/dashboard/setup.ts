/** The gateway's settings that an operator meets. */
import type { components } from "../client/index.js";
import { type Answer, useAnswer } from "./answer.ts";

export type Setup = components["schemas"]["Setup"];

export function useSetup(): Answer<Setup> {
  return useAnswer((relay, signal) => relay.get("/api/setup", { signal }));
}
