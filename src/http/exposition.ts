/** Prometheus' text format. https://prometheus.io/docs/instrumenting/exposition_formats/ */

export interface Sample {
  /** `_bucket`, `_sum` or `_count` in a histogram. */
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

/** The metrics as text. Each has its help and type, also without any sample. */
export function exposition(metrics: readonly Metric[]): string {
  return metrics.map(renderMetric).join("");
}

function renderMetric({ name, type, help, samples }: Metric): string {
  const lines = samples.map(({ suffix = "", labels = {}, value }) => {
    const inner = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    return `${name}${suffix}${inner.length > 0 ? `{${inner.join(",")}}` : ""} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

/**
 * The value of a label. Half a surrogate pair is no text: encoded, each half would come out as U+FFFD. So each half, and
 * U+FFFD itself, is written as U+FFFD and its number.
 */
function escaped(text: string): string {
  return text
    .replace(/[\p{Surrogate}\ufffd]/gu, (one) => `\ufffd${one.charCodeAt(0).toString(16)}`)
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("\n", "\\n");
}
