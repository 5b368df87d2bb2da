/**
 * What an event is about, and what events are ordered by: a group, a pair of accounts, an official account,
 * else an account. The kind stands before the name, so that a group and an account of one name stay apart.
 */

type Body = Readonly<Record<string, unknown>>;
type Conversation = string | null;

/** Longer names are no names: they would only make every row that holds them larger. */
const longest = 512;

function named(kind: string, name: unknown): Conversation {
  return typeof name === "string" && name !== "" && name.length <= longest ? `${kind}:${name}` : null;
}

export const group = (body: Body): Conversation => named("group", body.GroupId);

export const official = (body: Body): Conversation => named("official", body.Official_Account);

export const account =
  (field: string) =>
  (body: Body): Conversation =>
    named("account", body[field]);

/** Both directions of a chat are one conversation: the accounts stand in the order of their text. */
export function pair(body: Body): Conversation {
  const { From_Account: from, To_Account: to } = body;
  if (typeof from !== "string" || typeof to !== "string" || from === "" || to === "") return null;
  return named("c2c", from < to ? `${from},${to}` : `${to},${from}`);
}

/** For commands that nobody has described: the first of the usual fields that is there. */
export function guess(body: Body): Conversation {
  const anyAccount = Object.keys(body).find((key) => key.endsWith("_Account") && body[key] !== "");
  return group(body) ?? pair(body) ?? official(body) ?? (anyAccount ? account(anyAccount)(body) : null);
}

/** Whether a conversation is the one asked for, by its whole name or without its kind. */
export function isConversation(conversation: Conversation, asked: string): boolean {
  return (
    conversation !== null &&
    (conversation === asked || conversation.slice(conversation.indexOf(":") + 1) === asked)
  );
}
