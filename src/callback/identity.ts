/** The texts by which an event is recognised when it comes again. */
import type { Command } from "./command.ts";
import type { Event } from "./event.ts";
import type { Body } from "./json.ts";

/**
 * A body with a time, a number in any notation of JSON or its text. Without a time, two events may have the same body.
 * Null, 0 and an empty text are no time.
 */
const holdsTime = /"EventTime"\s*:\s*(?:[1-9]\d*(?:\.\d+)?(?:[eE]\+?\d+)?\s*[,}]|"[1-9]\d*(?:\.\d+)?")/;

/**
 * The identities of an event. The first is request id and body. The second is the command's own identity, if the body
 * holds all of it. Otherwise the second is the body alone, if it holds a time.
 */
export function identitiesOf(
  { app, command: name, body: text }: Pick<Event, "app" | "command" | "body">,
  command: Command | null,
  body: Body,
  requestId: string | null,
): string[] {
  const identities: string[] = [];
  const by = (how: string, ...parts: unknown[]) => JSON.stringify([app, name, how, ...parts]);
  if (requestId !== null) identities.push(by("request", requestId) + text);
  const identity = command?.identity?.(body) ?? null;
  if (identity !== null) identities.push(by("identity", ...identity));
  else if (holdsTime.test(text)) identities.push(by("content") + text);
  return identities;
}
