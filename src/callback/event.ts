/**
 * An event: a callback that was accepted and is kept. Everything that happens to it later (rules, deliveries,
 * look-ups) reads this one shape.
 */

/** Sent before an action, whose fate our answer decides, or after it. */
export type Phase = "before" | "after";

/** What is wrong with a payload, and where: `MsgSeqList[1].MsgSeq`. */
export interface Issue {
  path: string;
  message: string;
}

export interface Event {
  /** See `newEventId`. Travels as `webhook-id`, the same on every attempt and replay. */
  id: string;
  /** The `CallbackCommand`, for example `Group.CallbackAfterRecallMsg`. */
  command: string;
  phase: Phase;
  /** Whether the catalogue has this command. */
  known: boolean;
  /** Whether the body fits its command's schema. */
  valid: boolean;
  /** Kept for people to read, sent to nobody. */
  quarantined: boolean;
  /** The SDKAppID, as text. */
  app: string;
  /** What the event is about and ordered by: `group:…`, `c2c:…,…`, `official:…` or `account:…`. */
  conversation: string | null;
  /** When the Worker received it, Unix milliseconds. */
  receivedAt: number;
  /** `ClientIP` of the query. */
  clientIp: string | null;
  /** `OptPlatform` of the query. */
  platform: string | null;
  /** The query as received, order and encoding kept, less `Sign` and `RequestTime`. No leading `?`. */
  query: string;
  /** The body as received: valid UTF-8, hence the same bytes when encoded again. */
  body: string;
  /** Bytes of the body. */
  size: number;
  issues: Issue[];
}
