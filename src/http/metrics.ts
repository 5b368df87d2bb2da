/** `GET /metrics`, for Prometheus. */
import { catalogue } from "../callback/catalogue.ts";
import { verdictSources } from "../callback/event.ts";
import { refusalReasons } from "../callback/read-callback.ts";
import { readConfig } from "../config.ts";
import type { CountedMisfit } from "../shard/append/misfits.ts";
import { add, type Counters } from "../shard/meter.ts";
import type { DestinationReport } from "../shard/pump/report.ts";
import { latencyHistogram, latencySum } from "../shard/query/latency.ts";
import { version } from "../version.ts";
import { driftReport } from "./commands.ts";
import { destinationReports } from "./destinations.ts";
import { contentType, exposition, type Metric, type Sample } from "./exposition.ts";
import { mergeMisfits } from "./problems.ts";
import { everyShard, handOverCounters } from "./shards.ts";

export async function metrics(env: Env): Promise<Response> {
  const config = readConfig(env);
  await handOverCounters(env, config);
  const [reports, drift, counters, misfits] = await Promise.all([
    destinationReports(env),
    driftReport(env),
    everyShard(env, config, (stub) => stub.counters()),
    // An older release of a shard, which may run on for a moment, does not count them.
    everyShard(env, config, (stub) => stub.quarantined().catch((): CountedMisfit[] => [])),
  ]);
  const all: Counters = {};
  for (const shard of counters) add(all, shard);
  const now = Date.now();

  const one = (value: number): Sample[] => [{ value }];
  const sum = (name: string) => one(all[name] ?? 0);
  // Known values begin at 0: the first of its kind is an increase, too.
  const by = (label: string, prefix: string, known: readonly string[] = []): Sample[] => {
    const counted = Object.keys(all).flatMap((name) =>
      name.startsWith(prefix) ? [name.slice(prefix.length)] : [],
    );
    return [...new Set([...known, ...counted])].map((value) => ({
      labels: { [label]: value },
      value: all[prefix + value] ?? 0,
    }));
  };
  const each = (value: (report: DestinationReport) => number): Sample[] =>
    [...reports.values()].map((report) => ({ labels: { destination: report.name }, value: value(report) }));

  const told: Metric[] = [
    gauge("info", "The release that runs.", [{ labels: { version }, value: 1 }]),
    counter("received_total", "Events kept.", sum("received")),
    counter("duplicates_total", "Callbacks that told of an event that was kept already.", sum("duplicates")),
    counter("refused_total", "Callbacks that were not accepted.", by("reason", "refused:", refusalReasons)),
    counter("verdicts_total", "Verdicts by how they came about.", by("how", "verdicts:", verdictSources)),
    counter(
      "quarantined_total",
      "Events that were quarantined.",
      by("command", "quarantined:", [...catalogue.keys()]),
    ),
    gauge(
      "quarantined_events",
      "Kept events that are quarantined, by each path that does not fit.",
      mergeMisfits(misfits).map(({ command, path, count: value }) => ({ labels: { command, path }, value })),
    ),
    counter("kept_late_total", "Events answered 503 and kept after all.", sum("late")),
    counter("lost_total", "Events that could not be kept.", sum("lost")),
    counter("requests_total", "Requests to the Worker.", sum("requests")),
    counter("shard_requests_total", "Requests to shards, alarms among them.", sum("shardRequests")),
    counter("rows_written_total", "Rows written, as billed.", sum("rowsWritten")),
    counter("rows_read_total", "Rows read, as billed.", sum("rowsRead")),
    {
      name: "delivery_latency_seconds",
      type: "histogram",
      help: "From receiving an event to its delivery.",
      samples: latencySamples(all),
    },
    gauge(
      "destination_up",
      "1 if the destination takes events now.",
      each(({ state, heldUntil }) => (state === "up" && (heldUntil ?? 0) <= now ? 1 : 0)),
    ),
    gauge(
      "waiting_events",
      "Events that wait for their first attempt.",
      each(({ waiting }) => waiting),
    ),
    gauge(
      "oldest_waiting_seconds",
      "For how long the oldest of them waits; 0 if there is none.",
      each(({ waitingSince }) => (waitingSince === null ? 0 : Math.max(0, now - waitingSince) / 1000)),
    ),
    gauge(
      "retrying_events",
      "Events in the retry list.",
      each(({ retrying }) => retrying),
    ),
    gauge(
      "delayed_events",
      "Events of the retry list that will not be tried within seconds.",
      each(({ delayed }) => delayed),
    ),
    gauge(
      "dead_letters",
      "Deliveries that were given up.",
      each(({ dead }) => dead),
    ),
    counter(
      "delivered_total",
      "Deliveries that ended well.",
      each(({ delivered }) => delivered),
    ),
    counter(
      "failed_attempts_total",
      "Attempts that failed.",
      each(({ failed }) => failed),
    ),
    counter(
      "expired_total",
      "Events dropped before they could be delivered.",
      each(({ expired }) => expired),
    ),
    counter(
      "drift_total",
      "Differences between what comes and what is documented.",
      drift.map(({ command, path, kind, seen, count: value }) => ({
        labels: { command, path, kind, seen },
        value,
      })),
    ),
  ];
  const named = told.map((metric) => ({ ...metric, name: `tim_relay_${metric.name}` }));
  return new Response(exposition(named), { headers: { "content-type": contentType } });
}

const counter = (name: string, help: string, samples: readonly Sample[]): Metric => ({
  name,
  type: "counter",
  help,
  samples,
});
const gauge = (name: string, help: string, samples: readonly Sample[]): Metric => ({
  name,
  type: "gauge",
  help,
  samples,
});

/** Buckets hold all that took at most `le`. The sum is left out where it was never counted. */
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
