import type { Message } from "./message.ts";
import { answered, type Outcome, unanswered } from "./outcome.ts";
import { post } from "./post.ts";
import { secretMask } from "./secrets.ts";

/** Bytes that are read of a failing answer, and characters that are kept. */
const keptBytes = 4096;

/**
 * Makes one attempt. Never throws, and never follows a redirect. Ends within the message's `timeoutMs`, with the answer's
 * body cancelled or read as far as it is kept.
 * @param now the clock, Unix milliseconds
 * @param secrets secrets that are masked in the outcome, in case the destination echoes them
 */
export async function send(
  message: Message,
  now: () => number,
  secrets: readonly string[],
  fetcher: typeof fetch = fetch,
): Promise<Outcome> {
  const at = now();
  // Not AbortSignal.timeout: its timer cannot be cleared, and a pending timer keeps a Durable Object awake.
  const deadline = new AbortController();
  const timer = setTimeout(
    () => deadline.abort(new DOMException("The answer took too long", "TimeoutError")),
    message.timeoutMs,
  );
  try {
    const answer = await post(message, { at, now, signal: deadline.signal, fetcher });
    if (answer.ok) {
      await answer.body?.cancel().catch(() => {});
      return answered(answer, "", at, now());
    }
    const { text, cutOff } = await beginning(answer);
    await answer.body?.cancel().catch(() => {});
    const mask = secretMask(secrets, message);
    const response = mask(text, cutOff).slice(0, keptBytes).toWellFormed();
    return answered(answer, response, at, now(), mask);
  } catch (error) {
    return unanswered(error, at, now());
  } finally {
    clearTimeout(timer);
  }
}

/** The first text of an answer, as far as it was received. `cutOff`: there may be more. */
async function beginning(answer: Response): Promise<{ text: string; cutOff: boolean }> {
  if (!answer.body) return { text: "", cutOff: false };
  const bytes = new Uint8Array(keptBytes);
  let length = 0;
  let cutOff = true;
  const reader = answer.body.getReader();
  try {
    while (length < keptBytes) {
      const { done, value } = await reader.read();
      if (done) {
        cutOff = false;
        break;
      }
      const fitting = value.subarray(0, keptBytes - length);
      bytes.set(fitting, length);
      length += fitting.length;
    }
  } catch {
    // The body broke off: the status decides.
  } finally {
    reader.releaseLock();
  }
  // With `stream`, a character that the limit has split is left out.
  return {
    text: new TextDecoder().decode(bytes.subarray(0, length), { stream: length === keptBytes }),
    cutOff,
  };
}
