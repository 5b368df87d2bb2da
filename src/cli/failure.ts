/** The end of a program that has failed: one sentence, and no stack. */
import { messageOf } from "./errno.ts";
import { remark } from "./screen.ts";

/** A wrong use of a command: exit code 2. */
export class Misuse extends Error {}

/** Prints the sentence of an error, and lets the program end with its exit code once all output is written. */
export function tell(error: unknown): void {
  remark(messageOf(error));
  process.exitCode = error instanceof Misuse ? 2 : 1;
}
