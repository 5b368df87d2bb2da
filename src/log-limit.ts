/**
 * Bounds the lines of one kind in the log. The platform bills each line, and a stranger can send requests that are
 * refused. Counters are exact; the log has examples.
 */
import { type LogFields, type LogWriter, logs } from "./log.ts";

/** Lines of one kind in a minute, in one isolate, that tell of trouble. */
const linesPerMinute = 20;

const minuteMs = 60_000;

export class LogLimit {
  readonly #most: number;
  readonly #periodMs: number;
  #period = 0;
  #lines = 0;
  #omitted = 0;

  /** @param most lines in a period, whose length is in milliseconds */
  constructor(most = linesPerMinute, periodMs = minuteMs) {
    this.#most = most;
    this.#periodMs = periodMs;
  }

  /**
   * Writes a line, which tells how many lines were left out since the last one; or leaves it out, too. At the level
   * `debug` no line is left out.
   */
  write(writer: LogWriter, at: string, fields: LogFields, now = Date.now()): void {
    const period = Math.floor(now / this.#periodMs);
    if (period !== this.#period) {
      this.#period = period;
      this.#lines = 0;
    }
    if (++this.#lines > this.#most && !logs("debug")) {
      this.#omitted++;
      return;
    }
    writer(at, this.#omitted > 0 ? { ...fields, omittedBefore: this.#omitted } : fields);
    this.#omitted = 0;
  }
}
