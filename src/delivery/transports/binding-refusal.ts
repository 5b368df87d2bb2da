/** The failure of a binding, as the platform words it. */
import type { Message } from "../message.ts";
import { NoAnswer } from "../outcome.ts";
import { secretMask } from "../secrets.ts";

/** Longer messages of the platform are cut. Characters. */
const longest = 200;

/** @param noun the kind of the binding: `queue`, `bucket` */
export function refusalOf(
  noun: string,
  error: unknown,
  message: Message,
  secrets: readonly string[],
): NoAnswer {
  const text = error instanceof Error ? error.message : String(error);
  const shown = secretMask(secrets, message)(text.slice(0, longest), text.length > longest);
  return new NoAnswer(`the ${noun} failed: ${shown.toWellFormed()}`, { cause: error });
}
