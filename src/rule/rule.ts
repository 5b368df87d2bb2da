/** Rules: the entries of `FORWARD_RULES`, read once into finished values. */
import type { Event } from "../callback/event.ts";

export type Format = "event" | "raw" | "cloudevents";

/** A rule that forwards: its name is the name of a destination. Secrets are resolved, waits are milliseconds. */
export interface ForwardRule {
  name: string;
  enabled: boolean;
  /** Whether `on` and `match` fit the event. */
  wants(event: Event): boolean;
  url: string;
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
