/**
 * An event: a callback that was accepted and is kept. Rules, deliveries and look-ups all read this one shape.
 */

/** `before`: sent before an action, which our answer allows or refuses. `after`: sent after it. */
export type Phase = "before" | "after";

/** A mistake in a payload or a setting, by its path: `MsgSeqList[1].MsgSeq`. */
export interface Issue {
  path: string;
  message: string;
}

/**
 * The origin of a verdict:
 * - `answered`: a backend answered in time.
 * - `rule`: a rule answered by itself.
 * - `timeout`: the backend was too late.
 * - `unreachable`: the connection failed, or was lost before an answer began.
 * - `status`: the backend answered with a status other than 2xx.
 * - `breaker`: the backend keeps failing and was not waited for.
 * - `invalid`: the answer broke off, or the backend's or rule's answer cannot be read as a verdict.
 * - `default`: no rule matches.
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

/** The decision of a shadow rule, which is recorded only. The code is null if it came to no verdict. */
export interface Shadow {
  rule: string;
  code: number | null;
}

/** The answer that Tencent was given, and its reason. */
export interface Verdict {
  /** The name of the rule that decided; null: no rule matches. */
  rule: string | null;
  /** The answer's `ErrorCode`; where each target has a code of its own, the first that is not 0. */
  code: number;
  /** The time that the decision took, milliseconds. */
  ms: number;
  how: VerdictSource;
  /** The failure that prevented the rule's own verdict, or the odd parts that were left out of the answer. */
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
  /** True: the event is kept for operators to read, and not forwarded. */
  quarantined: boolean;
  /** Present: an account in it is erased, and the body with it. The event is forwarded no more. */
  erased?: true;
  /** The SDKAppID, as text. */
  app: string;
  /** The conversation that the event is ordered within: `group:…`, `c2c:…,…`, `official:…`, `call:…` or `account:…`. */
  conversation: string | null;
  /** The time at which the Worker received it, Unix milliseconds. */
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
  /** The gateways that forwarded it, the header `tim-relay-loop` as received; absent if Tencent sent it directly. */
  via?: string;
  /** Absent if Tencent ignores the answer. */
  verdict?: Verdict;
}

/** Whether rules may forward it. */
export function isForwardable({ quarantined, erased }: Pick<Event, "quarantined" | "erased">): boolean {
  return !quarantined && !erased;
}
