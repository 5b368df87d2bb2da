/** What the patterns of rules see of an event. */
import type { Event } from "../callback/event.ts";
import { type Json, type JsonObject, parseJson } from "./json.ts";

/** The fields that `match` may name. */
export const viewFields = ["command", "phase", "app", "clientIp", "platform", "receivedAt", "body"] as const;

const views = new WeakMap<Event, JsonObject>();

/** One view for all rules; the body is parsed when a pattern first looks at it. One that is not JSON is absent. */
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
