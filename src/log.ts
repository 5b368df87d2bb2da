/**
 * The log. A line is an object: its subject, and fields. `LOG_LEVEL` decides which lines are written and
 * `LOG_FORMAT` how. Cloudflare's Workers Logs index the fields of a JSON text.
 * https://developers.cloudflare.com/workers/observability/logs/workers-logs/
 */
import { shareOf } from "./callback/event-id.ts";
import { cut, printable } from "./callback/text.ts";
import { maskOf } from "./delivery/secrets.ts";

/** From many lines to few; each includes those after it. */
export const logLevels = ["debug", "info", "warn", "error"] as const;
export const logFormats = ["json", "text"] as const;

export type LogLevel = (typeof logLevels)[number];

/** The fields of a line; one that is undefined is left out. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes a line. @param at names the event in a word or two: `kept late` */
export type LogWriter = (at: string, fields: LogFields) => void;

export interface LogSettings {
  logLevel: LogLevel;
  logFormat: (typeof logFormats)[number];
  /** The share of events whose ordinary lines are written, 0 to 1. */
  logSample: number;
  /** Masked in warnings and errors: an error's own text may hold an address or a header. */
  secrets: readonly string[];
}

/** Of a field, before it is escaped. An error's stack is the longest one. Characters. */
const longestField = 2_000;

/** One isolate has one environment: the Worker and its shards log alike. */
let settings: LogSettings = { logLevel: "info", logFormat: "json", logSample: 1, secrets: [] };
let least: number = logLevels.indexOf(settings.logLevel);

/** From here on lines are written as these settings say. */
export function configureLog(given: LogSettings): void {
  settings = given;
  least = logLevels.indexOf(given.logLevel);
}

/** Whether lines of a level are written: for a caller whose line takes time to make. */
export function logs(level: LogLevel): boolean {
  return logLevels.indexOf(level) >= least;
}

/**
 * Whether the ordinary lines of an event are written: of its callback and its deliveries. Its id decides, so that an
 * event has all of these lines or none. At the level `debug` each event has them.
 */
export function samples(id: string): boolean {
  return logs("debug") || shareOf(id) < settings.logSample;
}

const writer =
  (level: LogLevel): LogWriter =>
  (at, fields) => {
    if (!logs(level)) return;
    const { logFormat, secrets } = settings;
    const mask = level === "warn" || level === "error" ? maskOf(secrets) : null;
    const line = lineOf({ ...fields, time: new Date().toISOString(), level, at }, logFormat, mask);
    // Cloudflare shows the level by the method. Wrangler frames warnings and errors, each over several lines.
    if (logFormat === "text" || level === "debug") console.log(line);
    else console[level](line);
  };

export const log = {
  debug: writer("debug"),
  info: writer("info"),
  warn: writer("warn"),
  error: writer("error"),
};

/** One line, in which each field is bounded and no character commands a terminal. */
export function lineOf(
  { time, level, at, ...fields }: LogFields & { time: string; level: LogLevel; at: string },
  format: LogSettings["logFormat"],
  mask: ((text: string) => string) | null,
): string {
  const shown = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, shownValue(value, mask)] as const],
  );
  if (format === "json") return printable(JSON.stringify({ time, level, at, ...Object.fromEntries(shown) }));
  const parts = shown.map(([name, value]) => `${name}=${plain(value)}`);
  return [time, level.padEnd(5), at, ...parts].join(" ");
}

function shownValue(value: unknown, mask: ((text: string) => string) | null): unknown {
  if (typeof value !== "string") return value;
  return cut(mask ? mask(value) : value, longestField);
}

/** A value without quotes where it needs none. */
function plain(value: unknown): string {
  if (typeof value === "string" && /^[\w.:@/+#-]+$/.test(value)) return value;
  return printable(JSON.stringify(value));
}
