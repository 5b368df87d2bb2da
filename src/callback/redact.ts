/** The copy of an event that is kept and forwarded: masked values are in no part of it. */
import type { Command } from "./command.ts";
import { guess } from "./conversation.ts";
import type { Drift } from "./drift.ts";
import type { Event } from "./event.ts";
import { type Body, parseBody } from "./json.ts";
import { isMasked, type Masks, maskedText, textsIn } from "./mask.ts";
import { hex, sha256 } from "./sha256.ts";

/**
 * Of a conversation that a masked value names, a digest is kept: its events are still ordered.
 * @param command null: an unknown one
 */
export async function redacted(event: Event, masks: Masks, command: Command | null): Promise<Event> {
  const { text: body, values } = maskedText(event.body, masks);
  if (values.length === 0) return event;
  const named = (command?.conversation ?? guess)(parseBody(body) as Body);
  const conversation = named === event.conversation ? named : await digested(event.conversation);
  return { ...event, body, size: new TextEncoder().encode(body).byteLength, conversation };
}

/** `c2c:***` and the first 16 hexadecimal digits of the conversation's SHA-256. */
async function digested(conversation: string | null): Promise<string | null> {
  if (conversation === null) return null;
  const kind = conversation.slice(0, conversation.indexOf(":") + 1);
  return `${kind}***${hex((await sha256(conversation)).subarray(0, 8))}`;
}

/** A sentence about an answer shows so many characters of a name in it. */
const shownOfName = 64;

/** The masked texts of a body, whole and by their beginnings: a backend that is asked may repeat them. */
export function hiddenTexts({ body }: Event, masks: Masks): string[] {
  const texts = maskedText(body, masks).values.flatMap(textsIn);
  return [...texts, ...texts.map((text) => text.slice(0, shownOfName))];
}

/** Differences without masked values, and without the names of fields within them. */
export function redactedDrift(drift: readonly Drift[], masks: Masks): Drift[] {
  const shown = drift.filter(
    ({ path, kind }) => kind !== "unknown field" || !isMasked(masks, path.replace(/\.?[^.]*$/, "")),
  );
  return shown.map((one) =>
    one.kind === "unexpected value" && isMasked(masks, one.path) ? { ...one, seen: "***" } : one,
  );
}
