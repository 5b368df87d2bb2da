import type { components } from "../../client/index.js";

/** An entry of the rules as the gateway lists it. */
export type Rule = components["schemas"]["Rule"];
