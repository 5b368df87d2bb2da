/**
 * Bounds the lines that a kind of request can write to the log. The platform bills each line, and a stranger
 * can send requests that are refused. Counters are exact; the log has examples.
 */

/** Lines of one kind in a minute, in one isolate. */
const linesPerMinute = 20;

const minuteMs = 60_000;

export class LogLimit {
  #minute = 0;
  #lines = 0;
  #omitted = 0;

  /** Writes a line, which tells how many lines were left out since the last one; or leaves it out, too. */
  write(log: (line: object) => void, line: object, now = Date.now()): void {
    const minute = Math.floor(now / minuteMs);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#lines = 0;
    }
    if (++this.#lines > linesPerMinute) {
      this.#omitted++;
      return;
    }
    log(this.#omitted > 0 ? { ...line, omittedBefore: this.#omitted } : line);
    this.#omitted = 0;
  }
}
