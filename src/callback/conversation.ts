/**
 * Conversations: the group, pair of accounts, official account, call or else account that an event is about. Events are
 * ordered within a conversation. Its key is kind and name, so that a group and an account of one name differ.
 */

import type { Body } from "./json.ts";
import { asKey } from "./text.ts";

type Conversation = string | null;
type ConversationOf = (body: Body) => Conversation;

/** Longer names are ignored: they would enlarge every row that holds them. Characters. */
const maxLength = 512;

/**
 * The name of an account, a group or a room; null if the value names none. A number that JSON has rounded names none:
 * two different ids may have become one. `parseBody` keeps the digits of long ids.
 */
export function nameOf(value: unknown): string | null {
  if (Number.isSafeInteger(value)) return String(value);
  return typeof value === "string" && value !== "" ? value : null;
}

function named(kind: string, name: string | null): Conversation {
  return name !== null && name.length <= maxLength ? asKey(`${kind}:${name}`) : null;
}

const by =
  (kind: string) =>
  (field: string): ConversationOf =>
  (body) =>
    named(kind, nameOf(body[field]));

export const group = by("group")("GroupId");

/** A room is a group too: its messages carry the room's id as their `GroupId`. */
export const room = by("group")("RoomId");

export const groupIn = by("group");

export const official = by("official")("Official_Account");

export const call = by("call")("CallId");

export const account = by("account");

/** A chat of two accounts. Both directions are one conversation: the accounts are sorted. */
export const between =
  (one: string, other: string): ConversationOf =>
  ({ [one]: a, [other]: b }) => {
    const names = [nameOf(a), nameOf(b)].sort();
    return names.includes(null) ? null : named("c2c", names.join());
  };

export const pair = between("From_Account", "To_Account");

/** The conversation that an object in the body names, or the first object of a list in it. */
export const within =
  (field: string, of: ConversationOf): ConversationOf =>
  ({ [field]: part }) => {
    const found: unknown = Array.isArray(part) ? part[0] : part;
    return typeof found === "object" && found !== null ? of(found as Body) : null;
  };

/** The first of these conversations that the body names. */
export const first =
  (...candidates: ConversationOf[]): ConversationOf =>
  (body) => {
    for (const candidate of candidates) {
      const conversation = candidate(body);
      if (conversation !== null) return conversation;
    }
    return null;
  };

/** For events that concern the whole app. */
export const none: ConversationOf = () => null;

/** For unknown commands: the first of the usual fields that the body holds. */
export const guess = first(group, room, pair, official, (body) => {
  const anyAccount = Object.keys(body).find((key) => key.endsWith("_Account") && nameOf(body[key]) !== null);
  return anyAccount ? account(anyAccount)(body) : null;
});

/** Whether a conversation has this key, given in whole or without its kind. */
export function isConversation(conversation: Conversation, asked: string): boolean {
  return (
    conversation !== null &&
    (conversation === asked || conversation.slice(conversation.indexOf(":") + 1) === asked)
  );
}
