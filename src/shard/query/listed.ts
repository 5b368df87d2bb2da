/** An event as a list shows it, and the JSON of that. `http/operations/event-schemas.ts` describes it. */
import type { Event, Verdict } from "../../callback/event.ts";
import type { EventState } from "./filter.ts";

/** An event without its long texts, at its place in the journal. */
export interface Placed {
  position: number;
  event: Omit<Event, "body" | "query" | "issues"> & { body?: string };
  state: EventState;
}

export interface Listed extends Placed {
  /** The account that sent the message or caused the event; null if the body names none. */
  from: string | null;
  /** The states of its deliveries. */
  destinations: Readonly<Record<string, EventState>>;
}

/** The fields that lists and details share. */
export function summaryJson({ event, state }: Placed) {
  const { id, command, phase, known, valid, app, conversation, receivedAt, clientIp, platform, size } = event;
  return {
    id,
    command,
    phase,
    known,
    valid,
    state,
    app,
    conversation,
    receivedAt: new Date(receivedAt).toISOString(),
    clientIp,
    platform,
    size,
  };
}

export function listedJson(listed: Listed) {
  const { event, from, destinations } = listed;
  return { ...summaryJson(listed), from, verdict: shortVerdict(event.verdict), destinations };
}

function shortVerdict(verdict: Verdict | undefined) {
  if (verdict === undefined) return null;
  const { rule, code, ms, how } = verdict;
  return { rule, code, ms, how };
}
