import type { Message } from "./message.ts";
import { answered, type Outcome, unanswered } from "./outcome.ts";

/** Bytes kept of a failing answer. */
const kept = 4096;

/**
 * Makes one attempt. Never throws, never follows a redirect, and within the message's `timeoutMs` has either let go
 * of the answer's body or read as much of it as is kept.
 */
export async function send(
  message: Message,
  now: () => number,
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
    const answer = await fetcher(message.url, {
      method: "POST",
      headers: message.headers,
      body: message.body,
      redirect: "manual",
      signal: deadline.signal,
    });
    const response = answer.ok ? "" : await beginning(answer);
    await answer.body?.cancel().catch(() => {});
    return answered(answer, response, at, now());
  } catch (error) {
    return unanswered(error, at, now());
  } finally {
    clearTimeout(timer);
  }
}

/** The first text of an answer, or as much of it as came before it broke off. */
async function beginning(answer: Response): Promise<string> {
  if (!answer.body) return "";
  const bytes = new Uint8Array(kept);
  let length = 0;
  const reader = answer.body.getReader();
  try {
    while (length < kept) {
      const { done, value } = await reader.read();
      if (done) break;
      const fitting = value.subarray(0, kept - length);
      bytes.set(fitting, length);
      length += fitting.length;
    }
  } catch {
    // The status says enough.
  } finally {
    reader.releaseLock();
  }
  // A character that our limit cut in two is left out.
  return new TextDecoder().decode(bytes.subarray(0, length), { stream: length === kept });
}
