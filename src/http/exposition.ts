/** Prometheus' text format. https://prometheus.io/docs/instrumenting/exposition_formats/ */

export interface Sample {
  /** Of a histogram: `_bucket`, `_sum` or `_count`. */
  suffix?: string;
  labels?: Readonly<Record<string, string>>;
  value: number;
}

export interface Metric {
  name: string;
  type: "counter" | "gauge" | "histogram";
  help: string;
  samples: readonly Sample[];
}

export const contentType = "text/plain; version=0.0.4; charset=utf-8";

export function exposition(metrics: readonly Metric[]): string {
  return metrics.map(written).join("");
}

function written({ name, type, help, samples }: Metric): string {
  const lines = samples.map(({ suffix = "", labels = {}, value }) => {
    const inner = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    return `${name}${suffix}${inner.length > 0 ? `{${inner.join(",")}}` : ""} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

/**
 * A label's value. Half a surrogate pair is no text: encoded, all of them would come out alike, as U+FFFD. So each of
 * them, and U+FFFD too, is written as U+FFFD and its number.
 */
function escaped(text: string): string {
  return text
    .replace(/[\p{Surrogate}\ufffd]/gu, (one) => `\ufffd${one.charCodeAt(0).toString(16)}`)
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("\n", "\\n");
}
