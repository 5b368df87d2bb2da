/** An event as a list shows it, and the JSON of that. */
import type { Event } from "../../callback/event.ts";
import type { EventState } from "./filter.ts";

export interface Listed {
  position: number;
  event: Omit<Event, "body" | "query" | "issues"> & { body?: string };
  state: EventState;
}

/** The answer's form: `http/event-json.ts` describes it. */
export function listedJson({ event, state }: Listed) {
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
