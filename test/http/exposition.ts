/** Reads Prometheus' text exposition format, strictly. */
import assert from "node:assert/strict";

/** One line: a name, its labels, a value. */
export interface Series {
  name: string;
  labels: Map<string, string>;
  value: number;
}

/** A metric with its help, its type and its lines. */
export interface Family {
  name: string;
  type: string;
  series: Series[];
}

/** Reads Prometheus' text format, and fails on anything that a scraper could stumble over. */
export function parseExposition(text: string): Map<string, Family> {
  assert.ok(text.endsWith("\n"), "the last line ends with a line break");
  const families = new Map<string, Family>();
  const seen = new Set<string>();
  let family: Family | undefined;
  const lines = text.split("\n").slice(0, -1);
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    const [, name, help] = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) ((?:[^\\]|\\\\|\\n)+)$/.exec(line) ?? [];
    if (name !== undefined) {
      assert.ok(help);
      assert.ok(!families.has(name), `${name} has one HELP line`);
      const [, typed, type] = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(lines[++at] ?? "") ?? [];
      assert.equal(typed, name, "its type follows its help");
      family = { name, type: type!, series: [] };
      families.set(name, family);
      continue;
    }
    const series = parseSeries(line);
    assert.ok(family, line);
    const suffix = series.name.slice(family.name.length);
    const suffixes = family.type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
    assert.ok(
      series.name.startsWith(family.name) && suffixes.includes(suffix),
      `${line} is of ${family.name}`,
    );
    if (family.type === "counter") assert.ok(family.name.endsWith("_total") && series.value >= 0, line);
    const key = JSON.stringify([series.name, [...series.labels].sort()]);
    assert.ok(!seen.has(key), `${line} is given once`);
    seen.add(key);
    family.series.push(series);
  }
  for (const one of families.values()) if (one.type === "histogram") checkHistogram(one);
  return families;
}

function parseSeries(line: string): Series {
  const [, name, inner = "", number] =
    /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\]|\\[\\"n])*"(?:,(?!\})|(?=\})))*)\})? (\S+)$/.exec(
      line,
    ) ?? [];
  assert.ok(name !== undefined, line);
  assert.match(number!, /^(-?\d+(\.\d+)?(e[+-]?\d+)?|\+Inf|-Inf|NaN)$/);
  const labels = new Map<string, string>();
  for (const [, label, text] of inner.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)) {
    assert.ok(!labels.has(label!), line);
    labels.set(
      label!,
      text!.replace(/\\(.)/g, (_, one) => (one === "n" ? "\n" : one)),
    );
  }
  return { name, labels, value: Number(number!.replace("Inf", "Infinity")) };
}

function checkHistogram({ name, series }: Family): void {
  const buckets = series.filter((one) => one.name === `${name}_bucket`);
  const bounds = buckets.map(({ labels }) => Number(labels.get("le")!.replace("Inf", "Infinity")));
  assert.deepEqual(
    bounds,
    bounds.toSorted((a, b) => a - b),
  );
  assert.equal(bounds.at(-1), Number.POSITIVE_INFINITY);
  for (const [index, { value }] of buckets.entries())
    assert.ok(index === 0 || value >= buckets[index - 1]!.value, "a bucket holds the smaller ones too");
  const counts = series.filter((one) => one.name === `${name}_count`);
  assert.deepEqual(
    counts.map(({ value }) => value),
    [buckets.at(-1)!.value],
  );
}
