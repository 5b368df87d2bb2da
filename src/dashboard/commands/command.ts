import type { components } from "../../client/index.js";

export type Command = components["schemas"]["Command"];
export type Drift = components["schemas"]["Drift"];
