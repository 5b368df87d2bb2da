/** The parts of a gateway at which the doctor looks. Checks judge them, and ask nothing themselves. */
import type { components } from "../../client/index.js";
import type { ProbeAnswer } from "./probe.ts";

export type Schemas = components["schemas"];

export interface Parts {
  /** Whether the gateway answers at all: always known. */
  contact: { url: string; ms: number; failure: string | null };
  health: Schemas["Health"];
  /** Sentences of `/health` that no other check repeats. */
  others: readonly string[];
  /** What our token opens. */
  access: Access;
  /** How far the gateway's clock is from ours, milliseconds; null: within the minute that signatures allow. */
  clock: { offMs: number | null };
  rules: readonly Schemas["Rule"][];
  destinations: readonly Schemas["Destination"][];
  /** By destination, the outcome of its test. */
  tests: ReadonlyMap<string, Tested>;
  drift: readonly Schemas["Drift"][];
  stats: Schemas["Stats"];
  /** The last `Relay.OldToken`; null: none in the last two hours. */
  oldToken: { at: string; position: number | null } | null;
  /** By destination, when its oldest waiting event is dropped. */
  expiries: ReadonlyMap<string, string>;
  /** Of a probe signed by each `CALLBACK_TOKEN` that is given here, in its order. */
  signed: readonly ProbeAnswer[];
  /** Of a probe whose signature is wrong. */
  forged: ProbeAnswer;
}

export interface Access {
  kind: "none" | "refused" | "read" | "admin";
  sees: "metadata" | "bodies" | null;
  /** Why the gateway refused our token, or that there is none. */
  sentence: string | null;
}

export type Tested = Pick<Schemas["TestOutcome"], "status" | "ms" | "error">;

/** A part that could not be looked at. */
export interface Unseen {
  /** Why, as a clause: `it takes an ADMIN_TOKEN`. */
  unseen: string;
}

export type Seen = { readonly [Part in keyof Parts]: Parts[Part] | Unseen };

export function isUnseen(part: object | null): part is Unseen {
  return part !== null && "unseen" in part;
}
