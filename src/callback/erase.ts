/** Erases an account in a kept event. The event's id, command and times stay. */
import { nameOf } from "./conversation.ts";
import type { Event } from "./event.ts";
import { parseBody } from "./json.ts";
import { escapeOf, fieldsOf } from "./search.ts";
import { asKey } from "./text.ts";

/** The fields that hold an account or a list of accounts: `From_Account`, `SubscribeAccountList`, `UserId`. */
const holdsAccounts = /(?:Account(?:List)?|UserId)$/;

/** Conversations that are named after one account. A group may have the name of an account. */
const ofOneAccount = /^(?:account|official):/;

const erasedText = "***";

/** Whether an event names an account: in a field of its body, in its conversation, or as a parameter of its query. */
export function concerns({ body, conversation, query }: Event, account: string): boolean {
  return isIn(body, account) || isOfConversation(conversation, account) || isInQuery(query, account);
}

function isIn(body: string, account: string): boolean {
  if (!body.includes(account) && !body.includes(escapeOf(account))) return false;
  for (const [key, value] of fieldsOf(parseBody(body) as object))
    if (holdsAccounts.test(key) && [value].flat().some((one) => nameOf(one) === account)) return true;
  return false;
}

/** False where the name of a chat may be that of other accounts: `c2c:a,b,c` is of `a`, or of `a,b`. Its body tells. */
function isOfConversation(conversation: string | null, account: string): boolean {
  if (conversation === null) return false;
  const name = conversation.slice(conversation.indexOf(":") + 1);
  if (ofOneAccount.test(conversation)) return name === asKey(account);
  const parts = name.split(",");
  return conversation.startsWith("c2c:") && parts.length === 2 && parts.includes(asKey(account));
}

/** Whether to blank the conversation of an event that names the account. */
function mayBeOfConversation(conversation: string | null, account: string): boolean {
  if (!conversation?.startsWith("c2c:")) return isOfConversation(conversation, account);
  return `,${conversation.slice("c2c:".length)},`.includes(`,${asKey(account)},`);
}

function isInQuery(query: string, account: string): boolean {
  if (!query.includes(account) && !/[%+]/.test(query)) return false;
  return [...new URLSearchParams(query).values()].includes(account);
}

/** The event without its body, and without the texts that name the account. */
export function erased(event: Event, account: string): Event {
  const { conversation, query, issues, verdict } = event;
  const hidden = hiding(account);
  return {
    ...event,
    erased: true,
    body: "{}",
    size: 2,
    conversation: mayBeOfConversation(conversation, account) ? erasedText : conversation,
    query: isInQuery(query, account) ? erasedText : query,
    issues: issues.map(({ path, message }) => ({ path: hidden(path), message: hidden(message) })),
    ...(verdict?.reason !== undefined && { verdict: { ...verdict, reason: hidden(verdict.reason) } }),
  };
}

/** A text that holds the account becomes `***`. */
export function hiding(account: string): (text: string) => string {
  return (text) => (text.includes(account) ? erasedText : text);
}
