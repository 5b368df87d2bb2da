/** Progress on stderr: one line that is rewritten in a terminal, a line now and then elsewhere. */
import { harmless } from "./screen.ts";
import { cutToWidth } from "./table.ts";

/** How often a pipe or a file gets a line, milliseconds. */
const everyMs = 15_000;

export class StatusLine {
  readonly #inTerminal = process.stderr.isTTY === true;
  /** Characters of the terminal that must be overwritten. */
  #length = 0;
  #writtenAt = performance.now();

  show(text: string): void {
    if (this.#inTerminal) {
      const line = cutToWidth(harmless(text), (process.stderr.columns || 80) - 1);
      process.stderr.write(`\r${line.padEnd(this.#length)}`);
      this.#length = line.length;
    } else if (performance.now() - this.#writtenAt >= everyMs) this.tell(text);
  }

  /** Writes a line that stays. */
  tell(text: string): void {
    this.clear();
    this.#writtenAt = performance.now();
    console.error(harmless(text));
  }

  clear(): void {
    if (this.#length > 0) process.stderr.write(`\r${" ".repeat(this.#length)}\r`);
    this.#length = 0;
  }
}
