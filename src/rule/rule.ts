/** Rules: the entries of `FORWARD_RULES`, read once into finished values. */
import type { Event } from "../callback/event.ts";
import type { Failure } from "./match/matcher.ts";
import type { Pattern } from "./match/pattern.ts";

export type Format = "event" | "raw" | "cloudevents";

/** What every rule has: its name, and which events it is about. */
export interface Selection {
  /** Unique among all rules. */
  name: string;
  /** False: it lets all events pass by, whatever it wants. */
  enabled: boolean;
  /** Commands, `*` as wildcard; null: every command. */
  on: readonly string[] | null;
  /** Null: every event. */
  match: Pattern | null;
  /** Whether `on` and `match` fit the event. */
  matches(event: Event): boolean;
  /** The first field that does not fit; null if all do. */
  explain(event: Event): Failure | null;
}

/** Where something is sent. */
export interface Destination {
  url: string;
  /** The same as the settings write it, `$NAME` for a secret: what people may see. */
  written: string;
}

/** A rule that forwards: its name is the name of a destination. Secrets are resolved, waits are milliseconds. */
export interface ForwardRule extends Selection {
  kind: "forward";
  url: string;
  /** The url as the settings write it, `$NAME` for a secret: what people may see. */
  written: string;
  /** Standard Webhooks secrets, `whsec_…`; several while rotating. Empty: deliveries are not signed. */
  secrets: readonly string[];
  headers: Readonly<Record<string, string>>;
  timeoutMs: number;
  /** Waits between attempts, milliseconds; after the last one a failure is a dead letter. */
  retryMs: readonly number[];
  order: "none" | "conversation";
  /** Parallel posts over all shards. */
  concurrency: number;
  /** Posts a second over all shards; null: no limit. */
  ratePerSecond: number | null;
  format: Format;
  /** With `raw`: signs the query afresh, the way Tencent does. */
  callbackToken: string | null;
  batch: { size: number; ms: number } | null;
}

/** Fields of an answer to Tencent. Which of them, and which codes, a command takes is the command's affair. */
export type AnswerFields = Readonly<Record<string, unknown>>;

/** A rule that asks backends for a verdict on a before-callback. */
export interface AskRule extends Selection {
  kind: "ask";
  /** URLs of the backends, one or more. */
  asks: readonly string[];
  /** The same as the settings write them, for people. */
  written: readonly string[];
  secrets: readonly string[];
  headers: Readonly<Record<string, string>>;
  /** All backends together have this long. */
  deadlineMs: number;
  /** The verdict when none comes: let the action go on, the command's own refusal, or this answer. */
  otherwise: "allow" | "refuse" | AnswerFields;
  /** Asked and recorded, never used. */
  shadow: boolean;
  /** How several opinions make one verdict. */
  combine: "first-refusal";
}

/** A word to mask in text elements. */
export interface Replacement {
  word: string;
  /** What stands in its place; null: as many `*` as it has characters. */
  mask: string | null;
}

/** A rule that answers a before-callback by itself. */
export interface AnswerRule extends Selection {
  kind: "answer";
  answer: AnswerFields;
  replace: readonly Replacement[];
}

export type Rule = ForwardRule | AskRule | AnswerRule;
