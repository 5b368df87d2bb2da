/**
 * Relay events: the gateway's reports on itself. Each is defined once, like a command of Tencent's: its type,
 * schema, conversation, example and documentation follow from that value. Tencent sends none of them.
 */

import { acknowledged } from "./answer.ts";
import type { Command, Documentation } from "./command.ts";
import { documented } from "./documented.ts";
import { driftKinds } from "./drift.ts";
import type { Event } from "./event.ts";
import { newEventId } from "./event-id.ts";
import { integer, list, object, text, type ValueOf, word } from "./field.ts";
import type { Body } from "./json.ts";
import { asKey } from "./text.ts";

/** The name of each relay event begins so. */
const prefix = "Relay.";

/** The app of every relay event. */
export const relayApp = "relay";

/** Whether a command, or an entry of a rule's `on`, is about relay events. */
export function isRelay(command: string): boolean {
  return command.startsWith(prefix);
}

/** The conversation of a relay event: its destination or command. `relay:` alone where there is neither. */
function conversationOf({ destination, command }: Body): string {
  return asKey(`relay:${destination ?? command ?? ""}`);
}

const relayEvent = <const Name extends string, Schema extends Command["body"]>({
  documentation,
  ...rest
}: {
  readonly name: Name;
  readonly documentation: Omit<Documentation<ValueOf<Schema>>, "docs"> | false;
  readonly body: Schema;
}) => ({
  ...rest,
  ...(documentation as Documentation<ValueOf<Schema>>),
  phase: "after" as const,
  family: "Relay" as const,
  docs: { zh: null, intl: null },
  conversation: conversationOf,
  answer: acknowledged,
});

const destination = text("The destination: the name of its rule.");
const rule = text("The name of the rule.");
const command = text("The command.");
const event = text("The id of the last of these events.");
const waiting = integer("Events that wait for their first attempt, on the shards that found it so.");
const lastError = text("Why the last attempt failed.");
const inTheMinute = "It comes at the end of a minute, at most once a minute.";
const instant = (description: string) => text(`${description}, ISO 8601.`);

const definitions = [
  relayEvent({
    name: "Relay.DestinationDown",
    documentation: documented && {
      summary: "The breaker of a destination has opened: only probes are sent to it.",
      remarks: "It comes once, however many shards find it so.",
      example: {
        destination: "audit",
        since: "2026-01-31T12:00:00.000Z",
        failures: 10,
        lastError: "answered 500",
        waiting: 312,
      },
    },
    body: object({
      destination,
      since: instant("When the breaker opened"),
      failures: integer("Failures in a row."),
      lastError,
      waiting,
    }),
  }),
  relayEvent({
    name: "Relay.DestinationRecovered",
    documentation: documented && {
      summary: "A destination that was down answers again, on every shard.",
      example: { destination: "audit", downMs: 754_000, waiting: 9120 },
    },
    body: object({ destination, downMs: integer("For how long it was down, milliseconds."), waiting }),
  }),
  relayEvent({
    name: "Relay.DestinationDisabled",
    documentation: documented && {
      summary: "A destination answered 410: nothing is sent to it until it is resumed.",
      example: { destination: "audit" },
    },
    body: object({ destination }),
  }),
  relayEvent({
    name: "Relay.DeadLetter",
    documentation: documented && {
      summary: "Deliveries to a destination were given up.",
      remarks: inTheMinute,
      example: {
        destination: "audit",
        count: 3,
        lastError: "answered 422",
        event: "evt_01kg9d3bq000vn4x8a1c7m2z",
      },
    },
    body: object({ destination, count: integer("How many."), lastError, event }),
  }),
  relayEvent({
    name: "Relay.Quarantined",
    documentation: documented && {
      summary: "Callbacks came whose body does not fit their command: they are quarantined.",
      remarks: inTheMinute,
      example: {
        command: "Group.CallbackAfterRecallMsg",
        count: 2,
        issues: [{ path: "GroupId", message: "is missing" }],
        event: "evt_01kg9d3bq000vn4x8a1c7m2z",
      },
    },
    body: object({
      command,
      count: integer("How many."),
      issues: list(
        object({ path: text("The field."), message: text("The fault of the field.") }),
        "Of the last of these events, the first ten.",
      ),
      event,
    }),
  }),
  relayEvent({
    name: "Relay.Drift",
    documentation: documented && {
      summary: "A callback differs from Tencent's documents in a way that was not met before.",
      remarks: "At most 20 come in a minute: `/api/drift` lists all.",
      example: {
        command: "Group.CallbackAfterSendMsg",
        path: "MsgPriority",
        kind: "unexpected value",
        found: "Urgent",
      },
    },
    body: object({
      command,
      path: text("The field, indexes folded; empty for an unknown command."),
      kind: word(driftKinds, "As in `/api/drift`."),
      found: text("The name of a type, the beginning of a value, or the unknown command."),
    }),
  }),
  relayEvent({
    name: "Relay.Expiring",
    documentation: documented && {
      summary: "Events that wait for a destination have used half of their time.",
      example: {
        destination: "audit",
        waiting: 5120,
        oldest: "2026-01-28T00:00:00.000Z",
        expiresAt: "2026-02-04T00:00:00.000Z",
      },
    },
    body: object({
      destination,
      waiting,
      oldest: instant("When the oldest of these events was received"),
      expiresAt: instant("When it is dropped"),
    }),
  }),
  relayEvent({
    name: "Relay.Expired",
    documentation: documented && {
      summary: "Events were dropped before a destination had them.",
      remarks: inTheMinute,
      example: { destination: "audit", count: 512 },
    },
    body: object({ destination, count: integer("How many.") }),
  }),
  relayEvent({
    name: "Relay.VerdictsInvalid",
    documentation: documented && {
      summary: "Ten answers of a rule in a row could not be read as verdicts.",
      remarks: `${inTheMinute} It comes again only after an answer that could be read. Several backends are counted each by itself.`,
      example: { rule: "moderation", count: 10, reason: "ErrorCode: expected 0 or 1" },
    },
    body: object({
      rule,
      count: integer("Answers in a row."),
      reason: text("Why the last could not be read."),
    }),
  }),
  relayEvent({
    name: "Relay.BackendDown",
    documentation: documented && {
      summary: "The breaker of an ask rule has opened: its backend is not waited for.",
      remarks: "Of several backends, it comes with the first that is down.",
      example: { rule: "moderation", failures: 10, lastError: "no verdict within 1200 ms" },
    },
    body: object({ rule, failures: integer("Failures in a row."), lastError }),
  }),
  relayEvent({
    name: "Relay.BackendRecovered",
    documentation: documented && {
      summary: "The backend of an ask rule that was down answers again.",
      remarks: "Of several backends, it comes when all of them answer.",
      example: { rule: "moderation", downMs: 61_000 },
    },
    body: object({ rule, downMs: integer("For how long it was down, milliseconds.") }),
  }),
  relayEvent({
    name: "Relay.SignatureRefused",
    documentation: documented && {
      summary: "More than ten callbacks were refused within a minute for their signature or their app.",
      remarks: inTheMinute,
      example: { reason: "signature", count: 240 },
    },
    body: object({
      reason: word(["signature", "app"], "The part of the callback that was wrong."),
      count: integer("How many."),
    }),
  }),
  relayEvent({
    name: "Relay.OldToken",
    documentation: documented && {
      summary: "Callbacks were signed with another than the first CALLBACK_TOKEN.",
      remarks: "It comes at the end of a minute, at most once an hour for each token.",
      example: { position: 2, count: 57 },
    },
    body: object({
      position: integer("The token's place in CALLBACK_TOKEN, from 1."),
      count: integer("How many."),
    }),
  }),
  relayEvent({
    name: "Relay.Test",
    documentation: documented && {
      summary: "An administrator tests a destination.",
      remarks: "It is posted to that destination alone, and not kept.",
      example: { destination: "audit" },
    },
    body: object({ destination }),
  }),
  relayEvent({
    name: "Relay.Action",
    documentation: documented && {
      summary: "An administrator has changed something by the API.",
      example: { action: "paused", target: "audit", by: "9f86d081" },
    },
    body: object({
      action: text("The action: `paused`, `resumed`, `replayed`."),
      target: text(
        "The destination, event or replay; of an erase the first 8 hex digits of the account's SHA-256.",
      ),
      by: text("The first 8 hex digits of the SHA-256 of the caller's token."),
    }),
  }),
];

type Definition = (typeof definitions)[number];

export type RelayEventName = Definition["name"];

/** The body of a relay event, by its name. */
export type RelayBody<Name extends RelayEventName> = ValueOf<Extract<Definition, { name: Name }>["body"]>;

export const relayEvents: readonly Command[] = definitions;

const byName: ReadonlyMap<string, Command> = new Map(relayEvents.map((one) => [one.name, one]));

/** The definition of a relay event; undefined if there is none of this name. */
export function relayEventOf(name: string): Command | undefined {
  return byName.get(name);
}

/** The content of a relay event. */
export interface Telling {
  command: RelayEventName;
  body: Body;
}

/**
 * The relay event, as rules and the journal take it.
 * @param now Unix milliseconds
 * @param chance 12 random bytes
 */
export function newRelayEvent({ command, body }: Telling, now: number, chance: Uint8Array): Event {
  const text = JSON.stringify(body);
  return {
    // Shard 0 keeps relay events.
    id: newEventId(0, now, chance),
    command,
    phase: "after",
    known: true,
    valid: true,
    quarantined: false,
    app: relayApp,
    conversation: conversationOf(body),
    receivedAt: now,
    clientIp: null,
    platform: null,
    // With `raw`, a receiver written for Tencent tells relay events by it.
    query: `SdkAppid=${relayApp}&CallbackCommand=${command}&contenttype=json`,
    body: text,
    size: new TextEncoder().encode(text).length,
    issues: [],
  };
}

/** The state of a rule's backend, as an isolate knows it; an absent field is not known yet. */
export interface BackendState {
  rule: string;
  /** Its breaker has opened; null: it answers. */
  down?: { failures: number; lastError: string } | null;
  /** So many of its answers in a row could not be read; null: the last could. */
  invalid?: { count: number; reason: string } | null;
}
