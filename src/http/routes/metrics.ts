/** `GET /metrics`, for Prometheus. */
import { type Counter, countedBy, countersShown } from "../../counters.ts";
import type { CountedDrift } from "../../shard/append/drift.ts";
import type { CountedMisfit } from "../../shard/append/misfits.ts";
import { mergeMisfits } from "../../shard/append/misfits.ts";
import { latencyHistogram, latencySum } from "../../shard/latency.ts";
import { add, type Counters } from "../../shard/meter.ts";
import type { DestinationReport } from "../../shard/pump/report.ts";
import { version } from "../../version.ts";
import { askMost } from "../ask-each.ts";
import type { Caller } from "../authorize.ts";
import { mergeReports } from "../destination-reports.ts";
import { mergeDrift } from "../drift-report.ts";
import { contentType, exposition, type Metric, type Sample } from "../exposition.ts";
import { headersOf } from "../reply.ts";
import { route } from "../route.ts";
import { handOverCounters } from "../shards.ts";

const showMetrics = route(
  {
    method: "GET",
    path: "/metrics",
    operation: "getMetrics",
    access: "read",
  },
  async ({ caller, ...place }) => {
    const { answers, missing } = await askMost(place, "metrics", async (stub, index) => {
      await handOverCounters(place.env, place.config, index);
      const [reports, drift, counters, misfits] = await Promise.all([
        stub.destinations(),
        stub.drift(),
        stub.counters(),
        stub.quarantined(),
      ]);
      return { shard: index, reports, drift, counters, misfits };
    });
    const metrics = metricsOf(answers, missing, caller.sees);
    const whole = missing.length > 0 ? metrics.filter(({ type }) => type === "gauge") : metrics;
    const named = whole.map((metric) => ({ ...metric, name: `tim_relay_${metric.name}` }));
    return new Response(exposition(named), { headers: headersOf(contentType) });
  },
);

export const metricsRoutes = [showMetrics];

/** The part of one shard. */
interface ShardFigures {
  /** Its number. */
  shard: number;
  reports: DestinationReport[];
  drift: CountedDrift[];
  counters: Counters;
  misfits: CountedMisfit[];
}

/** @param missing numbers of silent shards */
function metricsOf(
  answers: readonly ShardFigures[],
  missing: readonly number[],
  sees: Caller["sees"],
): Metric[] {
  const reports = mergeReports(answers.map((one) => one.reports));
  const drift = mergeDrift(
    answers.flatMap((one) => one.drift),
    sees,
  );
  const misfits = mergeMisfits(answers.map((one) => one.misfits));
  const counted: Counters = {};
  for (const { counters } of answers) add(counted, counters);
  return [
    {
      name: "build_info",
      type: "gauge",
      help: "The release that runs.",
      samples: [{ labels: { version }, value: 1 }],
    },
    {
      name: "shard_up",
      type: "gauge",
      help: "1 if the shard answers; without it the other gauges lack its part, and counters are left out.",
      samples: [
        ...answers.map(({ shard }) => ({ labels: { shard: String(shard) }, value: 1 })),
        ...missing.map((shard) => ({ labels: { shard: String(shard) }, value: 0 })),
      ],
    },
    ...counterMetrics(counted),
    {
      name: "quarantined_events",
      type: "gauge",
      help: "Kept events that are quarantined, by each path that does not fit.",
      samples: misfits.map(({ command, path, count: value }) => ({ labels: { command, path }, value })),
    },
    {
      name: "delivery_latency_seconds",
      type: "histogram",
      help: "From receiving an event to its delivery.",
      samples: latencySamples(counted),
    },
    ...destinationMetrics([...reports.values()], Date.now()),
    {
      name: "drift_total",
      type: "counter",
      help: "Differences between callbacks and Tencent's documents.",
      samples: drift.map(({ command, path, kind, seen, count: value }) => ({
        labels: { command, path, kind, seen: seen ?? "" },
        value,
      })),
    },
  ];
}

function counterMetrics(counted: Counters): Metric[] {
  return countersShown("metric").map(({ key, name, meaning, label }) => {
    if (!label) return { name, type: "counter", help: meaning, samples: [{ value: counted[key] ?? 0 }] };
    const values = {
      ...Object.fromEntries(label.known.map((value) => [value, 0])),
      ...countedBy(key, counted),
    };
    const samples = Object.entries(values).map(([value, times]) => ({
      labels: labelsOf(label, value),
      value: times,
    }));
    return { name, type: "counter", help: meaning, samples };
  });
}

/** The labels of a counter; a second one stands after a colon. */
function labelsOf(
  { name, second: other }: NonNullable<Counter["label"]>,
  value: string,
): Record<string, string> {
  const [first = "", second = ""] = value.split(":");
  return other === undefined ? { [name]: value } : { [name]: first, [other]: second };
}

/** The metrics of destinations: each has a sample for each of them. */
const ofDestinations: (Omit<Metric, "samples"> & {
  value(report: DestinationReport, now: number): number;
})[] = [
  {
    name: "destination_up",
    type: "gauge",
    help: "1 if the destination takes events now.",
    value: ({ state, heldUntil }, now) => (state === "up" && (heldUntil ?? 0) <= now ? 1 : 0),
  },
  {
    name: "waiting_events",
    type: "gauge",
    help: "Events that wait for their first attempt; an estimate while thousands wait.",
    value: ({ waiting }) => waiting,
  },
  {
    name: "oldest_waiting_event_age_seconds",
    type: "gauge",
    help: "For how long the oldest of them waits; 0 if there is none.",
    value: ({ waitingSince }, now) => (waitingSince === null ? 0 : Math.max(0, now - waitingSince) / 1000),
  },
  {
    name: "destination_concurrency",
    type: "gauge",
    help: "Posts that may be under way at once now.",
    value: ({ concurrency = 0 }) => concurrency,
  },
  {
    name: "retrying_events",
    type: "gauge",
    help: "Events in the retry list.",
    value: ({ retrying }) => retrying,
  },
  {
    name: "delayed_events",
    type: "gauge",
    help: "Events of the retry list that will not be tried within seconds.",
    value: ({ delayed }) => delayed,
  },
  {
    name: "dead_letters",
    type: "gauge",
    help: "Deliveries that were given up.",
    value: ({ dead }) => dead,
  },
  {
    name: "deliveries_total",
    type: "counter",
    help: "Deliveries that succeeded.",
    value: ({ delivered }) => delivered,
  },
  {
    name: "fitted_events_total",
    type: "counter",
    help: "Events that the destination's rule has matched.",
    value: ({ fitted = 0 }) => fitted,
  },
  {
    name: "failed_attempts_total",
    type: "counter",
    help: "Attempts that failed.",
    value: ({ failed }) => failed,
  },
  {
    name: "expired_events",
    type: "gauge",
    help: "Events dropped before they were delivered; fewer again where a post under way brought one after all.",
    value: ({ expired }) => expired,
  },
];

function destinationMetrics(reports: readonly DestinationReport[], now: number): Metric[] {
  return ofDestinations.map(({ value, ...metric }) => ({
    ...metric,
    samples: reports.map((report) => ({
      labels: { destination: report.name },
      value: value(report, now),
    })),
  }));
}

/** A bucket holds all deliveries that took at most `le`. The sum is left out where it was never counted. */
function latencySamples(counters: Counters): Sample[] {
  const { buckets, count } = latencyHistogram(counters);
  const sum = counters[latencySum];
  return [
    ...buckets.map(({ ms, count: value }) => ({
      suffix: "_bucket",
      labels: { le: String(ms / 1000) },
      value,
    })),
    { suffix: "_bucket", labels: { le: "+Inf" }, value: count },
    ...(sum === undefined && count > 0 ? [] : [{ suffix: "_sum", value: (sum ?? 0) / 1000 }]),
    { suffix: "_count", value: count },
  ];
}
