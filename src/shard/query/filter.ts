/** The filter of a list of events. */
import { isConversation } from "../../callback/conversation.ts";
import { type Event, type Verdict, verdictSources } from "../../callback/event.ts";
import { holdsText, messageFilter, namesAccount } from "../../callback/search.ts";
import { fitsWildcard } from "../../rule/match/wildcard.ts";

/** The `app` of events that tell of the gateway itself. */
const relayApp = "relay";

/** Of several deliveries the first in this order is the event's state. */
export const eventStates = ["quarantined", "dead", "retrying", "pending", "delivered"] as const;
export type EventState = (typeof eventStates)[number];

/** Verdicts by what Tencent was told, or by how they came about. */
export const verdictFilters = ["allow", "refuse", ...verdictSources] as const;
export type VerdictFilter = (typeof verdictFilters)[number];

export interface EventQuery {
  /** With `*` for any run of characters. Relay events are found only by a filter that begins with `Relay.`. */
  command: string | null;
  conversation: string | null;
  /** An account named anywhere in the body, in a field whose name ends in `_Account`. */
  account: string | null;
  /** A text that stands in the body. */
  text: string | null;
  /** Events about this message: its `MsgKey`, or in a group its `MsgSeq`. */
  message?: string | null;
  /** Events with such a verdict. */
  verdict?: VerdictFilter | null;
  /** Events whose verdict has this `ErrorCode`. */
  code?: number | null;
  /** Events with a verdict; these come with their bodies. */
  judged?: boolean;
  /** Events for which this rule's opinion was recorded beside the verdict. */
  shadow?: string;
  state: EventState | null;
  /** Unix milliseconds; since inclusive, until exclusive. */
  since: number | null;
  until: number | null;
  /** Only events that stand before this position. */
  before: number;
  limit: number;
}

/** Tells whether an event fits the query, its state apart. Events are given newest first. */
export function eventFilter(query: EventQuery, since: number): (event: Event) => boolean {
  const command = query.command?.split("*") ?? null;
  const isOfMessage = query.message ? messageFilter(query.message) : null;
  const relayed = query.command?.startsWith("Relay.") ?? false;
  const { verdict = null, code = null } = query;
  return (event) =>
    (relayed || event.app !== relayApp) &&
    event.receivedAt >= since &&
    (query.until === null || event.receivedAt < query.until) &&
    (command === null || fitsWildcard(command, event.command)) &&
    (query.conversation === null || isConversation(event.conversation, query.conversation)) &&
    (query.text === null || holdsText(event.body, query.text)) &&
    (query.account === null || namesAccount(event.body, query.account)) &&
    (verdict === null || (event.verdict !== undefined && isVerdict(event.verdict, verdict))) &&
    (code === null || event.verdict?.code === code) &&
    (!query.judged || event.verdict !== undefined) &&
    (!query.shadow || (event.verdict?.shadows.some(({ rule }) => rule === query.shadow) ?? false)) &&
    (isOfMessage === null || isOfMessage(event.body));
}

function isVerdict({ code, how }: Verdict, asked: VerdictFilter): boolean {
  if (asked === "allow") return code === 0;
  if (asked === "refuse") return code !== 0;
  return how === asked;
}
