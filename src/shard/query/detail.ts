/** One event with all that became of it, and the JSON of that. `http/operations/event-schemas.ts` describes it. */
import type { Event, Verdict } from "../../callback/event.ts";
import type { Attempt } from "../pump/attempts.ts";
import type { EventState } from "./filter.ts";
import { type Placed, summaryJson } from "./listed.ts";
import { shownError } from "./shown-error.ts";

export interface Delivery {
  destination: string;
  state: EventState;
  attempts: Attempt[];
  nextAt: number | null;
  /** Why it was given up without another attempt; null: it was not, or its last error says why. */
  reason: string | null;
  /** The id of the event that it waits behind; null: it waits behind none. */
  waitsFor: string | null;
}

export interface EventDetail extends Placed {
  body: string;
  query: string;
  issues: Event["issues"];
  deliveries: Delivery[];
}

/**
 * The body is spliced in as text: numbers beyond 2^53 would not survive parsing.
 * @param sees `metadata`: no body, no query, and nothing of a response: neither a destination's nor a backend's
 */
export function detailText(found: EventDetail, sees: "bodies" | "metadata"): string {
  const { body, query, issues, deliveries } = found;
  const text = JSON.stringify({
    ...summaryJson(found),
    ...(sees === "bodies" && { query: parametersOf(query) }),
    issues,
    verdict: verdictJson(found.event.verdict, sees),
    deliveries: deliveries.map((delivery) => deliveryJson(delivery, sees)),
  });
  return sees === "bodies" ? `${text.slice(0, -1)},"body":${body}}` : text;
}

/** The reason may quote the backend's answer. */
function verdictJson(verdict: Verdict | undefined, sees: "bodies" | "metadata") {
  if (verdict === undefined) return null;
  const { reason, ...rest } = verdict;
  return sees === "bodies" ? verdict : rest;
}

/** Attempts have their number where some between them are not kept. */
function deliveryJson(delivery: Delivery, sees: "bodies" | "metadata") {
  const { destination, state, attempts, nextAt, reason, waitsFor } = delivery;
  const numbered = attempts.some(({ number }, index) => number !== index + 1);
  return {
    destination,
    state,
    attempts: attempts.map(({ number, at, status, ms, error, response }) => ({
      ...(numbered && { number }),
      at: new Date(at).toISOString(),
      status,
      ms,
      error: shownError(error, sees),
      ...(sees === "bodies" && { response }),
    })),
    nextAt: nextAt === null ? null : new Date(nextAt).toISOString(),
    ...(reason !== null && { reason }),
    ...(waitsFor !== null && { waitsFor }),
  };
}

/** Names and values; a name that came more than once has a list of them. */
function parametersOf(query: string): Record<string, string | string[]> {
  const parameters = new URLSearchParams(query);
  return Object.fromEntries(
    [...new Set(parameters.keys())].map((name) => {
      const values = parameters.getAll(name);
      return [name, values.length > 1 ? values : values[0]!];
    }),
  );
}
