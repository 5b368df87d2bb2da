/** `GET /metrics`, for Prometheus. https://prometheus.io/docs/instrumenting/exposition_formats/ */
import { readConfig } from "../config.ts";
import { version } from "../version.ts";
import { driftReport } from "./commands.ts";
import { destinationReports } from "./destinations.ts";
import { everyShard, handOverTally } from "./shards.ts";

interface Metric {
  name: string;
  type: "counter" | "gauge";
  help: string;
  samples: { labels?: Record<string, string>; value: number }[];
}

export async function metrics(env: Env): Promise<Response> {
  const config = readConfig(env);
  await handOverTally(env, config);
  const [reports, drift, counters] = await Promise.all([
    destinationReports(env),
    driftReport(env),
    everyShard(env, config, (stub) => stub.counters()),
  ]);
  const sum = (name: string) => counters.reduce((total, one) => total + (one[name] ?? 0), 0);
  const refusals = new Set(counters.flatMap(Object.keys).filter((name) => name.startsWith("refused:")));
  const destinations = [...reports.values()];
  const byDestination = (value: (report: (typeof destinations)[number]) => number) =>
    destinations.map((report) => ({ labels: { destination: report.name }, value: value(report) }));

  const all: Metric[] = [
    gauge("info", "The release that runs.", [{ labels: { version }, value: 1 }]),
    counter("received_total", "Events kept.", [{ value: sum("received") }]),
    counter("duplicates_total", "Callbacks that told of an event that was kept already.", [
      { value: sum("duplicates") },
    ]),
    counter(
      "refused_total",
      "Callbacks that were not accepted.",
      [...refusals].map((name) => ({ labels: { reason: name.slice("refused:".length) }, value: sum(name) })),
    ),
    counter("kept_late_total", "Events answered 503 and kept after all.", [{ value: sum("late") }]),
    counter("lost_total", "Events that could not be kept.", [{ value: sum("lost") }]),
    counter("requests_total", "Requests to the Worker.", [{ value: sum("requests") }]),
    counter("shard_requests_total", "Requests to shards, alarms among them.", [
      { value: sum("shardRequests") },
    ]),
    counter("rows_written_total", "Rows written, as billed.", [{ value: sum("rowsWritten") }]),
    counter("rows_read_total", "Rows read, as billed.", [{ value: sum("rowsRead") }]),
    gauge(
      "destination_up",
      "1 if the destination takes events now.",
      byDestination(({ state }) => (state === "up" ? 1 : 0)),
    ),
    gauge(
      "waiting_events",
      "Events that wait for their first attempt.",
      byDestination(({ waiting }) => waiting),
    ),
    gauge(
      "retrying_events",
      "Events in the retry list.",
      byDestination(({ retrying }) => retrying),
    ),
    gauge(
      "dead_letters",
      "Deliveries that were given up.",
      byDestination(({ dead }) => dead),
    ),
    counter(
      "delivered_total",
      "Deliveries that ended well.",
      byDestination(({ delivered }) => delivered),
    ),
    counter(
      "failed_attempts_total",
      "Attempts that failed.",
      byDestination(({ failed }) => failed),
    ),
    counter(
      "expired_total",
      "Events dropped before they could be delivered.",
      byDestination(({ expired }) => expired),
    ),
    counter(
      "drift_total",
      "Differences between what comes and what is documented.",
      drift.map(({ command, path, kind, seen, count }) => ({
        labels: { command, path, kind, seen },
        value: count,
      })),
    ),
  ];
  return new Response(all.map(written).join(""), {
    headers: { "content-type": "text/plain; version=0.0.4" },
  });
}

const counter = (name: string, help: string, samples: Metric["samples"]): Metric => ({
  name,
  type: "counter",
  help,
  samples,
});
const gauge = (name: string, help: string, samples: Metric["samples"]): Metric => ({
  name,
  type: "gauge",
  help,
  samples,
});

function written({ name, type, help, samples }: Metric): string {
  const full = `tim_relay_${name}`;
  const lines = samples.map(({ labels = {}, value }) => {
    const inner = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    return `${full}${inner.length > 0 ? `{${inner.join(",")}}` : ""} ${value}\n`;
  });
  return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${lines.join("")}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
