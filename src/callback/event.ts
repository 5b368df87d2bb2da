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

/**
 * How a verdict came about: a backend answered in time; a rule answered by itself; the backend was too late; no
 * connection to it came about, or it was lost before an answer began; it answered a status that is no 2xx; it keeps
 * failing and was not waited for; its answer broke off, or it or the rule's own cannot be read as a verdict; no rule
 * fits.
 */
export const verdictSources = [
  "answered",
  "rule",
  "timeout",
  "unreachable",
  "status",
  "breaker",
  "invalid",
  "default",
] as const;

export type VerdictSource = (typeof verdictSources)[number];

/** What a rule on trial would have decided; the code is null where it came to no verdict. */
export interface Shadow {
  rule: string;
  code: number | null;
}

/** What Tencent was answered, and why. */
export interface Verdict {
  /** Null: no rule fits. */
  rule: string | null;
  /** The answer's `ErrorCode`; where each target has a code of its own, the first that is not 0. */
  code: number;
  /** How long it took. */
  ms: number;
  how: VerdictSource;
  /** Why it did not come about as the rule has it, or which odd parts of the answer were left out. */
  reason?: string;
  shadows: Shadow[];
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
  /** The gateways that it came through, `tim-relay-loop` as received; absent if it comes from Tencent itself. */
  via?: string;
  /** Absent where nobody reads the answer. */
  verdict?: Verdict;
}
