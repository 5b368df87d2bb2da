import type { Message } from "./message.ts";
import { type Outcome, unanswered } from "./outcome.ts";
import type { Attempt } from "./transports/transport.ts";
import { carry } from "./transports/transports.ts";

/** The surroundings of all attempts of a sender. */
export type Sending = Pick<Attempt, "now" | "secrets" | "env" | "listeners"> &
  Partial<Pick<Attempt, "fetcher">>;

/** Makes one attempt. Never throws, and ends within the message's `timeoutMs`, unless its receiver may be gone. */
export async function send(message: Message, sending: Sending): Promise<Outcome> {
  const at = sending.now();
  // Not AbortSignal.timeout: its timer cannot be cleared, and a pending timer keeps a Durable Object awake.
  const deadline = new AbortController();
  const timer = setTimeout(
    () => deadline.abort(new DOMException("The answer took too long", "TimeoutError")),
    message.timeoutMs,
  );
  try {
    return await carry(message, { fetcher: fetch, ...sending, at, signal: deadline.signal });
  } catch (error) {
    return unanswered(error, at, sending.now());
  } finally {
    clearTimeout(timer);
  }
}
