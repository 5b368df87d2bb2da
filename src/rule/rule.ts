/** Rules: the entries of `FORWARD_RULES`, read once into finished values. */
import type { Event } from "../callback/event.ts";
import type { Address, AskAddress } from "./address.ts";
import type { Batch } from "./batches.ts";
import type { Limit } from "./limit.ts";
import type { Failure } from "./match/explain.ts";
import type { Pattern } from "./match/pattern.ts";
import type { Template } from "./template.ts";
import type { KvList } from "./words/kv-list.ts";
import type { WordList } from "./words/word-list.ts";

export type Format = "event" | "raw" | "cloudevents";

/** The part that every rule has: its name and the events it applies to. */
export interface Selection {
  /** Unique among all rules. */
  name: string;
  /** False: the rule is applied to no event. */
  enabled: boolean;
  /** Commands, `*` as wildcard; null: every command. */
  on: readonly string[] | null;
  /** Null: every event. */
  match: Pattern | null;
  /** The share of the events that the other conditions match: 0 to 1. The others do not match. */
  sample: number;
  /** Words of which a text element must hold one; null: every message. */
  words: WordList | null;
  /** The lists of Workers KV without which the rule matches nothing, of `words` and `replace`. */
  kvLists: readonly KvList[];
  /** Whether all but `words` match the event. */
  mayMatch(event: Event): boolean;
  /** Whether all of these match the event, regardless of `enabled`. */
  matches(event: Event): boolean;
  /** The first field that does not match; null if all do. */
  explain(event: Event): Failure | null;
  /** The first of `words` in the event's message, as it stands there; null: there is none. */
  wordIn(event: Event): string | null;
}

/** A rule that forwards to a destination of the same name. Secrets are resolved, waits are milliseconds. */
export interface ForwardRule extends Selection {
  kind: "forward";
  address: Address;
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
  /** Makes the body instead of `format`; null: none. */
  template: Template | null;
  /** The 2xx answers that are successes, by `status` and `body`; null: all. */
  succeeds: Pattern | null;
  batch: Batch | null;
}

/** Fields of an answer to Tencent. The command decides which fields and codes count: see `AnswerSpec`. */
export type AnswerFields = Readonly<Record<string, unknown>>;

/** The part that rules have in common that come to a verdict. */
export interface DecidingSelection extends Selection {
  /** A further condition, which `matches` does not know: the event must be beyond it. Null: none. */
  limit: Limit | null;
}

/** A rule that asks backends for a verdict on a before-callback. */
export interface AskRule extends DecidingSelection {
  kind: "ask";
  /** Addresses of the backends, one or more. */
  asks: readonly AskAddress[];
  secrets: readonly string[];
  headers: Readonly<Record<string, string>>;
  format: Format;
  /** With `raw`: signs the query afresh, the way Tencent does. */
  callbackToken: string | null;
  /** The time for all backends together, milliseconds. */
  deadlineMs: number;
  /** The verdict when no answer comes: let the action go on, the command's own refusal, or this answer. */
  otherwise: "allow" | "refuse" | AnswerFields;
  /** True: the backends are asked and the verdict recorded, but never used. */
  shadow: boolean;
  /** The way in which the answers of several backends become one verdict. */
  combine: "first-refusal";
}

/** A word to mask in text elements. */
export interface Replacement {
  word: string;
  /** The replacement; null: as many `*` as the word has characters. */
  mask: string | null;
}

/** A rule that answers a before-callback by itself. */
export interface AnswerRule extends DecidingSelection {
  kind: "answer";
  answer: AnswerFields;
  /** Empty: nothing is masked. Words of Workers KV are masked by `*`. */
  replace: readonly Replacement[] | KvList;
}

export type Rule = ForwardRule | AskRule | AnswerRule;
