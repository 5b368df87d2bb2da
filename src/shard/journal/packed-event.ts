/**
 * An event as it travels to a shard and is kept there. The Worker that received the event packs it, so that the shard
 * need not take it apart. This file turns events into that form and back.
 */
import type { Event, Issue, Shadow, Verdict } from "../../callback/event.ts";
import { relayApp } from "../../callback/relay-events.ts";

export interface PackedEvent {
  /** JSON of its `EventTuple`. */
  head: string;
  body: string;
  /** Bytes of the body. */
  size: number;
  receivedAt: number;
  /**
   * Its fingerprints. They stand in a column of their own: a shard that wakes reads only this column, for the last
   * minutes.
   */
  marks: readonly number[];
}

/** An event without its body, as a tuple: names would be half of the row. */
export type EventTuple = [
  id: string,
  command: string,
  flags: number,
  app: string,
  conversation: string | null,
  receivedAt: number,
  clientIp: string | null,
  platform: string | null,
  query: string,
  size: number,
  characters: number,
  issues?: Issue[],
  verdict?: VerdictTuple | null,
  via?: string,
];

type VerdictTuple = [
  rule: string | null,
  code: number,
  ms: number,
  how: Verdict["how"],
  shadows: [rule: string, code: Shadow["code"]][],
  reason?: string,
];

const flag = { before: 1, known: 2, valid: 4, quarantined: 8, erased: 16, relay: 32 };

/**
 * A version that does not know relay events would forward them to rules without `on`. It takes them for quarantined ones,
 * and passes them by.
 */
const flagsOfRelay = flag.relay + flag.quarantined;

/** All flags that a quarantined event can have: it is never valid. */
const flagsOfQuarantined = [0, flag.before, flag.known, flag.before + flag.known].flatMap((more) => [
  flag.quarantined + more,
  flag.quarantined + more + flag.erased,
]);

/** Of these the head of each quarantined event holds one, and no other head: flags stand between command and app. */
export const headsOfQuarantined: readonly string[] = flagsOfQuarantined.map((flags) => `",${flags},"`);

/** A verdict in a head: its rule, and then a code that is not 0. See `VerdictTuple`. */
const refusal = /,\[(?:null|"(?:[^"\\]|\\.)*"),(?!0,)[^,]+,[^,]+,"[a-z-]+",\[/;

/** Whether a head tells of a verdict that refused. The head is not parsed: every event of a segment is asked. */
export function isRefused({ head }: PackedEvent): boolean {
  return refusal.test(head);
}

const quarantined = new RegExp(`",(?:${flagsOfQuarantined.join("|")}),"`);

/** Likewise, whether it tells of a quarantined event. */
export function isQuarantined({ head }: PackedEvent): boolean {
  return quarantined.test(head);
}

/** @param fingerprints by which the same event, sent again, is recognised */
export function packEvent(event: Event, fingerprints: readonly number[] = []): PackedEvent {
  const { body, size, receivedAt } = event;
  return { head: JSON.stringify(tupleOf(event)), body, size, receivedAt, marks: fingerprints };
}

function tupleOf(event: Event): EventTuple {
  const flags =
    (event.phase === "before" ? flag.before : 0) +
    (event.known ? flag.known : 0) +
    (event.valid ? flag.valid : 0) +
    (event.quarantined ? flag.quarantined : 0) +
    (event.erased ? flag.erased : 0) +
    (event.app === relayApp ? flagsOfRelay : 0);
  const tuple: EventTuple = [
    event.id,
    event.command,
    flags,
    event.app,
    event.conversation,
    event.receivedAt,
    event.clientIp,
    event.platform,
    event.query,
    event.size,
    event.body.length,
  ];
  if (event.issues.length > 0 || event.verdict || event.via) tuple.push(event.issues);
  if (event.via && !event.verdict) tuple.push(null);
  if (event.verdict) {
    const { rule, code, ms, how, shadows, reason } = event.verdict;
    const judged: VerdictTuple = [rule, code, ms, how, shadows.map(({ rule, code }) => [rule, code])];
    if (reason !== undefined) judged.push(reason);
    tuple.push(judged);
  }
  if (event.via) tuple.push(event.via);
  return tuple;
}

function verdictOf([rule, code, ms, how, shadows, reason]: VerdictTuple): Verdict {
  return {
    rule,
    code,
    ms,
    how,
    ...(reason !== undefined && { reason }),
    shadows: shadows.map(([rule, code]) => ({ rule, code })),
  };
}

export function unpackEvent(tuple: EventTuple, body: string): Event {
  const [id, command, flags, app, conversation, receivedAt, clientIp, platform, query, size] = tuple;
  const [issues = [], verdict, via] = tuple.slice(11) as [Issue[]?, (VerdictTuple | null)?, string?];
  return {
    id,
    command,
    phase: flags & flag.before ? "before" : "after",
    known: Boolean(flags & flag.known),
    valid: Boolean(flags & flag.valid),
    quarantined: Boolean(flags & flag.quarantined) && !(flags & flag.relay),
    ...(flags & flag.erased && { erased: true }),
    app,
    conversation,
    receivedAt,
    clientIp,
    platform,
    query,
    body,
    size,
    issues,
    ...(verdict && { verdict: verdictOf(verdict) }),
    ...(via !== undefined && { via }),
  };
}
