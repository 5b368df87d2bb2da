/** The JSON of the API's answers. */
import type { Event, Issue, Verdict } from "../../src/callback/event.ts";
import type { Attempt } from "../../src/shard/pump/attempts.ts";
import type { DestinationReport } from "../../src/shard/pump/report.ts";

export type EventState = "quarantined" | "dead" | "retrying" | "pending" | "delivered";

/** The fields that lists and details share. */
interface SummarisedEvent
  extends Pick<
    Event,
    "id" | "command" | "phase" | "known" | "valid" | "app" | "conversation" | "clientIp" | "platform" | "size"
  > {
  state: EventState;
  receivedAt: string;
}

export interface ListedEvent extends SummarisedEvent {
  from: string | null;
  verdict: Pick<Verdict, "rule" | "code" | "ms" | "how"> | null;
  destinations: Record<string, EventState>;
}

export interface DetailedDelivery {
  destination: string;
  state: EventState;
  /** `number` is there only where some attempts are not kept. */
  attempts: (Omit<Attempt, "at" | "number"> & { at: string; number?: number })[];
  nextAt: string | null;
  /** Only where the delivery was given up without another attempt. */
  reason?: string;
  /** Only where the delivery waits behind another. */
  waitsFor?: string;
}

export interface DetailedEvent extends SummarisedEvent {
  query: Record<string, string | string[]>;
  issues: Issue[];
  verdict: Verdict | null;
  deliveries: DetailedDelivery[];
  // biome-ignore lint/suspicious/noExplicitAny: each test knows the body that it has sent
  body: any;
}

export interface Destination
  extends Pick<
    DestinationReport,
    | "name"
    | "state"
    | "awaits"
    | "concurrency"
    | "waiting"
    | "retrying"
    | "dead"
    | "expired"
    | "delivered"
    | "failed"
    | "lastError"
  > {
  url: string | null;
  estimated?: true;
  waitingSince: string | null;
  lastSuccessAt: string | null;
  latency: { p50: number | null; p99: number | null };
}

export interface DeadLetter {
  event: string;
  destination: string;
  attempts: number;
  at: string;
  error: string | null;
}

export interface Stats {
  minutes: Minute[];
  latency: { p50: number; p99: number };
  answering: Quantiles;
  deciding: Quantiles;
  rowsWritten: number;
  rowsRead: number;
  requests: number;
  shardRequests: number;
  alarms: number;
  activeMs: number;
}

interface Quantiles {
  p50: number | null;
  p99: number | null;
}

export interface Minute {
  at: string;
  received: number;
  delivered: number;
  failed: number;
  dead: number;
  verdicts: number;
  latency: Quantiles;
  answering: Quantiles;
  deciding: Quantiles;
  rejected: Record<string, number>;
  quarantined: Record<string, number>;
}

export interface Health {
  status: "ok" | "degraded";
  version: string;
  problems: string[];
}
