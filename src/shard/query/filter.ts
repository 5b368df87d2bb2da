/** The filter of a list of events. */
import { isConversation } from "../../callback/conversation.ts";
import { type Event, type Verdict, verdictSources } from "../../callback/event.ts";
import { isRelay, relayApp } from "../../callback/relay-events.ts";
import { escapeOf, holdsText, messageFilter, namesAccount } from "../../callback/search.ts";
import { fitsWildcard } from "../../rule/match/wildcard.ts";
import { headsOfQuarantined } from "../journal/packed-event.ts";
import { newsWithout } from "../journal/segment.ts";
import type { Sieve } from "../journal/sieve.ts";

/** Of several deliveries the first in this order is the event's state. */
export const eventStates = ["quarantined", "dead", "retrying", "pending", "delivered"] as const;
export type EventState = (typeof eventStates)[number];

/** Verdicts by the answer to Tencent, or by how they came about. */
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
  /** Of these a page ends after so many characters of bodies. */
  bodies?: number;
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

/** The conditions of a query that every event fits, relay events apart. */
export const anyEvent = {
  command: null,
  conversation: null,
  account: null,
  text: null,
  state: null,
  since: null,
  until: null,
} satisfies Partial<EventQuery>;

export interface EventFilter {
  /** Whether an event fits the query, its state apart. Events are given newest first. */
  fits(event: Event): boolean;
  /** Lets every row pass that holds an event which fits, and few others. It grows as the filter learns. */
  readonly sieve: Sieve;
}

/** @param since earlier events do not fit, Unix milliseconds */
export function eventFilter(query: EventQuery, since: number): EventFilter {
  const command = query.command?.split("*") ?? null;
  const message = query.message ? messageFilter(query.message) : null;
  const relayed = isRelay(query.command ?? "");
  const { verdict = null, code = null } = query;
  const fits = (event: Event) =>
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
    (message === null || message.matches(event.body));
  const heads = textsOfHead(query);
  const notNews = [
    ...(verdict === "refuse" ? newsWithout.refused : []),
    ...(query.state === "quarantined" ? newsWithout.quarantined : []),
  ];
  return {
    fits,
    get sieve() {
      return { heads, bodies: message ? [...message.holds] : textsOfBody(query), notNews };
    },
  };
}

/** The head of each event that fits holds one of these texts; empty: any text. See `EventTuple`. */
function textsOfHead({ command, conversation, state, verdict, code, judged, shadow }: EventQuery): string[] {
  if (conversation !== null) return [JSON.stringify(conversation).slice(1)];
  if (command !== null && command !== "*") {
    if (!command.includes("*")) return [`,${JSON.stringify(command)},`];
    return [command.split("*").reduce((longest, part) => (part.length > longest.length ? part : longest))];
  }
  const decided = (sources: readonly string[]) => sources.map((how) => `,"${how}",[`);
  if (typeof code === "number") return [`,${code},`];
  if (shadow) return [JSON.stringify(shadow)];
  if (judged || verdict === "allow" || verdict === "refuse") return decided(verdictSources);
  if (verdict) return decided([verdict]);
  return state === "quarantined" ? [...headsOfQuarantined] : [];
}

/** Likewise for the body. */
function textsOfBody({ text, account }: EventQuery): string[] {
  const sought = account ?? text;
  return sought === null ? [] : [sought, escapeOf(sought)];
}

function isVerdict({ code, how }: Verdict, asked: VerdictFilter): boolean {
  if (asked === "allow") return code === 0;
  if (asked === "refuse") return code !== 0;
  return how === asked;
}
