/** What one backend says: a POST, and a strict reading of what comes back. */
import { type Answer, type AnswerForm, readAnswer } from "../callback/answer.ts";
import type { Message } from "../delivery/message.ts";
import { answered, unanswered } from "../delivery/outcome.ts";

/** Bytes of an answer; more are none. */
const largest = 64 * 1024;

/** No verdict, and why; `alive`: there was an answer all the same. */
export interface Failure {
  how: "timeout" | "invalid";
  reason: string;
  alive: boolean;
}

export type Opinion = { answer: Answer } | Failure;

/** Never throws. Whoever aborts the signal decides how long it takes. */
export async function opinionOf(
  message: Message,
  form: AnswerForm,
  signal: AbortSignal,
  now: () => number,
  fetcher: typeof fetch = fetch,
): Promise<Opinion> {
  const at = now();
  try {
    const { headers, body, url } = message;
    const post = () => fetcher(url, { method: "POST", headers, body, redirect: "manual", signal });
    // A backend may close an idle connection just when it is used again: then another one is tried, once.
    const response = await post().catch((error) => {
      if (signal.aborted) throw error;
      return post();
    });
    if (response.status !== 200) {
      await response.body?.cancel().catch(() => {});
      const { error, alive } = answered(response, "", at, now());
      return invalid(error ?? `answered ${response.status}, not 200`, alive);
    }
    const text = await textOf(response);
    if (text === null) return invalid("the answer is larger than 64 KB");
    const read = readAnswer(form, JSON.parse(text));
    // So deeply nested that it cannot be written again, it is no answer.
    JSON.stringify(read);
    return "ok" in read ? { answer: read.ok } : invalid(read.problem);
  } catch (error) {
    if (error instanceof SyntaxError) return invalid("the answer is not JSON");
    if (error instanceof RangeError) return invalid("the answer is nested too deeply");
    const { error: reason } = unanswered(error, at, now());
    return { how: signal.aborted ? "timeout" : "invalid", reason: reason ?? "", alive: false };
  }
}

function invalid(reason: string, alive = true): Failure {
  return { how: "invalid", reason, alive };
}

/** Null if it is too large; then the rest is not read. */
async function textOf({ body }: Response): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > largest) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
