/** The view of an event that the patterns of rules match. */
import type { Event } from "../callback/event.ts";
import { type Json, type JsonObject, parseJson } from "./json.ts";

/** The fields that `match` may name at its top level. */
export const viewFields = ["command", "phase", "app", "clientIp", "platform", "receivedAt", "body"] as const;

const views = new WeakMap<Event, JsonObject>();

/** The event's view, shared by all rules. The body is parsed when a pattern first reads it; without JSON it is absent. */
export function viewOf(event: Event): JsonObject {
  let view = views.get(event);
  if (view === undefined) {
    view = newView(event);
    views.set(event, view);
  }
  return view;
}

function newView(event: Event): JsonObject {
  let body: Json | undefined;
  let parsed = false;
  return {
    command: event.command,
    phase: event.phase,
    app: event.app,
    clientIp: event.clientIp,
    platform: event.platform,
    receivedAt: new Date(event.receivedAt).toISOString(),
    get body() {
      if (!parsed) body = bodyOf(event);
      parsed = true;
      return body as Json;
    },
  } satisfies Record<(typeof viewFields)[number], Json>;
}

function bodyOf(event: Event): Json | undefined {
  try {
    return parseJson(event.body);
  } catch {
    return undefined;
  }
}
