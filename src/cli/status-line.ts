/** Progress on stderr: one line that is rewritten in a terminal, a line now and then elsewhere. */
import { harmless, remark, screenWidth } from "./screen.ts";
import { cutToWidth, widthOf } from "./table.ts";

/** How often a pipe or a file gets a line, milliseconds. */
const everyMs = 15_000;

/** Columns at the end of a line in which a terminal shows `^C`, and the cursor. */
const free = 3;

export class StatusLine {
  readonly #inTerminal = process.stderr.isTTY === true;
  /** Columns of the terminal that must be overwritten. */
  #width = 0;
  #writtenAt = performance.now();

  show(text: string): void {
    if (this.#inTerminal) {
      const columns = screenWidth(process.stderr);
      const line = cutToWidth(harmless(text), columns - free);
      const width = widthOf(line);
      // A terminal made narrower keeps of the last line as much as it shows. A character in the last column begins no
      // other line: only the next one would.
      const rest = Math.min(this.#width, columns) - width;
      process.stderr.write(`\r${line}${" ".repeat(Math.max(0, rest))}`);
      this.#width = width;
    } else if (performance.now() - this.#writtenAt >= everyMs) this.tell(text);
  }

  /** Writes a line that stays. */
  tell(text: string): void {
    this.clear();
    this.#writtenAt = performance.now();
    remark(harmless(text));
  }

  clear(): void {
    const width = Math.min(this.#width, screenWidth(process.stderr));
    if (width > 0) process.stderr.write(`\r${" ".repeat(width)}\r`);
    this.#width = 0;
  }
}
