/**
 * What an event is about, and what events are ordered by: a group, a pair of accounts, an official account,
 * a call, else an account. The kind stands before the name, so that a group and an account of one name stay
 * apart.
 */

import { asKey } from "./text.ts";

type Body = Readonly<Record<string, unknown>>;
type Conversation = string | null;
type ConversationOf = (body: Body) => Conversation;

/** Longer names are no names: they would only make every row that holds them larger. */
const maxLength = 512;

/**
 * The name of an account, a group or a room; null if the value names none. A number that JSON has rounded is none:
 * two of them may have been different (see `parseBody`, which keeps those that matter).
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

/** A room is a group with a stage: its messages come with its id as their `GroupId`. */
export const room = by("group")("RoomId");

export const groupIn = by("group");

export const official = by("official")("Official_Account");

export const call = by("call")("CallId");

export const account = by("account");

/** Both directions of a chat are one conversation: the accounts stand in the order of their text. */
export const between =
  (one: string, other: string): ConversationOf =>
  ({ [one]: a, [other]: b }) => {
    const names = [nameOf(a), nameOf(b)].sort();
    return names.includes(null) ? null : named("c2c", names.join());
  };

export const pair = between("From_Account", "To_Account");

/** The conversation that a part of the body names: an object, or the first of a list of them. */
export const within =
  (field: string, of: ConversationOf): ConversationOf =>
  ({ [field]: part }) => {
    const found: unknown = Array.isArray(part) ? part[0] : part;
    return typeof found === "object" && found !== null ? of(found as Body) : null;
  };

/** The first of several that the body names. */
export const first =
  (...candidates: ConversationOf[]): ConversationOf =>
  (body) => {
    for (const of of candidates) {
      const conversation = of(body);
      if (conversation !== null) return conversation;
    }
    return null;
  };

/** For what concerns the whole app. */
export const none: ConversationOf = () => null;

/** For commands that nobody has described: the first of the usual fields that is there. */
export const guess = first(group, room, pair, official, (body) => {
  const anyAccount = Object.keys(body).find((key) => key.endsWith("_Account") && nameOf(body[key]) !== null);
  return anyAccount ? account(anyAccount)(body) : null;
});

/** Whether a conversation is the one asked for, by its whole name or without its kind. */
export function isConversation(conversation: Conversation, asked: string): boolean {
  return (
    conversation !== null &&
    (conversation === asked || conversation.slice(conversation.indexOf(":") + 1) === asked)
  );
}
