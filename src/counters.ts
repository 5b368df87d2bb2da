/**
 * Every counter of the gateway. A name with a colon at its end is a prefix: one counter for each value of a label, as
 * in `refused:signature`. Segments store the sums under these names, so a name never changes; the names of metrics
 * and of the fields of `/api/stats` stand beside.
 */
import { catalogue } from "./callback/catalogue.ts";
import { type VerdictSource, verdictSources } from "./callback/event.ts";
import { refusalReasons } from "./callback/refusal.ts";
import type { CountResult } from "./rule/limit.ts";

export interface Counter {
  /** A sentence for people. */
  meaning: string;
  /** The name in `/metrics`, less `tim_relay_`, by Prometheus' practice. https://prometheus.io/docs/practices/naming/ */
  metric?: string;
  /** The field of each minute of `/api/stats`. */
  minute?: string;
  /** The field of `/api/stats` for the whole period. */
  period?: string;
  /** Whether asking the API makes it grow, or hands it to a shard: then it is not worth a row of its own. */
  asking?: true;
  /** The label of a prefix. Its known values begin at 0, so that the first of a kind is an increase, too. */
  label?: {
    name: string;
    known: readonly string[];
    /** The name of a second label, whose value stands after a colon. */
    second?: string;
  };
}

export const counters = {
  requests: {
    meaning: "Requests to the Worker.",
    asking: true,
    metric: "requests_total",
    period: "requests",
  },
  shardRequests: {
    meaning: "Requests to shards, alarms among them.",
    asking: true,
    metric: "shard_requests_total",
    period: "shardRequests",
  },
  alarms: {
    meaning: "Alarms of shards.",
    asking: true,
    metric: "alarms_total",
    period: "alarms",
  },
  rowsWritten: {
    meaning: "Rows written, as billed.",
    asking: true,
    metric: "rows_written_total",
    period: "rowsWritten",
  },
  rowsRead: {
    meaning: "Rows read, as billed.",
    asking: true,
    metric: "rows_read_total",
    period: "rowsRead",
  },
  activeMs: {
    meaning: "Milliseconds in memory of shards that wrote rows, as far as rows show it.",
    period: "activeMs",
  },
  received: {
    meaning: "Events kept.",
    metric: "events_received_total",
    minute: "received",
  },
  told: {
    meaning: "Relay events kept.",
    metric: "relay_events_total",
  },
  "oldTokens:": {
    meaning: "Callbacks signed with another than the first token, by its position.",
    metric: "callbacks_signed_by_older_tokens_total",
    label: { name: "position", known: [] as readonly `${number}`[] },
  },
  duplicates: {
    meaning: "Callbacks whose event was kept before.",
    metric: "duplicates_total",
  },
  "refused:": {
    meaning: "Callbacks that were not accepted.",
    metric: "callbacks_refused_total",
    minute: "rejected",
    label: { name: "reason", known: refusalReasons },
  },
  "quarantined:": {
    meaning: "Events that were quarantined.",
    metric: "events_quarantined_total",
    minute: "quarantined",
    label: {
      name: "command",
      // Asked for by `/metrics` only: it takes the definitions of all commands.
      get known(): readonly string[] {
        return catalogue.keys();
      },
    },
  },
  late: {
    meaning: "Events answered 503 and kept after all.",
    metric: "events_kept_late_total",
  },
  lost: {
    meaning: "Events that could not be kept.",
    metric: "events_lost_total",
  },
  wrongTokens: {
    meaning: "Requests of the API with a wrong token.",
    asking: true,
    metric: "wrong_tokens_total",
  },
  verdicts: {
    meaning: "Verdicts.",
    minute: "verdicts",
  },
  "verdicts:": {
    meaning: "Verdicts by how they came about.",
    metric: "verdicts_total",
    label: { name: "how", known: verdictSources },
  },
  "answered:": {
    meaning:
      "Accepted callbacks by the time until their answer, in buckets of half powers of two milliseconds.",
    asking: true,
    label: { name: "bucket", known: [] as readonly `${number}`[] },
  },
  "decided:": {
    meaning: "Verdicts by the time that the decision took, in the same buckets.",
    label: { name: "bucket", known: [] as readonly `${number}`[] },
  },
  delivered: {
    meaning: "Deliveries that succeeded.",
    minute: "delivered",
  },
  failed: {
    meaning: "Attempts that failed.",
    minute: "failed",
  },
  dead: {
    meaning: "Deliveries that were given up.",
    minute: "dead",
  },
  "within:": {
    meaning: "Deliveries by their latency, in buckets of half powers of two milliseconds.",
    label: { name: "bucket", known: [] as readonly `${number}`[] },
  },
  withinMs: {
    meaning: "The latencies of all deliveries together, in milliseconds.",
  },
  "ruled:": {
    meaning: "Verdicts by the rule that came to them, shadow rules too, and how.",
    metric: "rule_verdicts_total",
    label: { name: "rule", known: [] as readonly `${string}:${VerdictSource}`[], second: "how" },
  },
  "limited:": {
    meaning:
      "Events that a rule's limit counted, by the result: within it, beyond it, or not known in time (late, failed); those that it skipped after ten such ones, too.",
    metric: "limit_counts_total",
    label: { name: "rule", known: [] as readonly `${string}:${CountResult}`[], second: "result" },
  },
  "took:": {
    meaning:
      "The same buckets for each rule: latencies of its deliveries, or the times that its verdicts took.",
    label: { name: "rule", known: [] as readonly `${string}:${number}`[], second: "bucket" },
  },
} as const satisfies Record<string, Counter>;

type Key = keyof typeof counters;

/** The name of a counter as segments store it. A counter that is not defined is a mistake that the compiler finds. */
export type CounterName = {
  [Name in Key]: (typeof counters)[Name] extends { label: { known: readonly (infer Value extends string)[] } }
    ? `${Name}${Value}`
    : Name;
}[Key];

const askingCounters: ReadonlySet<string> = new Set(
  Object.entries<Counter>(counters).flatMap(([key, { asking }]) => (asking ? [key] : [])),
);

/** Whether asking the API makes a counter grow, or hands it to a shard. @param name as segments store it */
export function growsByAsking(name: string): boolean {
  return askingCounters.has(name.replace(/:.*/, ":"));
}

/** The counters that `/metrics` or `/api/stats` show, by the name under which it shows them. */
export function countersShown(
  by: "metric" | "minute" | "period",
): (Counter & { key: string; name: string })[] {
  return Object.entries<Counter>(counters).flatMap(([key, counter]) => {
    const name = counter[by];
    return name === undefined ? [] : [{ ...counter, key, name }];
  });
}

/** The sums of the counters of a prefix, by the values of its label. */
export function countedBy(prefix: string, counted: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(counted).flatMap(([name, times]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), times]] : [],
    ),
  );
}
