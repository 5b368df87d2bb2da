/** Attempts that end without an answer: their errors, and the reason as a sentence. */
import { type Sentence, say } from "../sentence.ts";

/** The reason why there was no answer, as a sentence without secrets. */
export class NoAnswer extends Error {
  constructor(sentence: Sentence, options?: ErrorOptions) {
    super(sentence, options);
  }
}

/** The event can never be sent to its destination, which is not to blame. */
export class Unfit extends NoAnswer {}

/** When a receiver that comes by itself was missed: before anything was sent, or before it answered. */
export type Missed = "unsent" | "left";

/** The receiver comes by itself, and was not there. */
export class NoReceiver extends NoAnswer {
  readonly missed: Missed;

  constructor(sentence: Sentence, missed: Missed) {
    super(sentence);
    this.missed = missed;
  }
}

/** The gateway's own call that should have made the post has failed. The post may have been made. */
export class CallFailed extends NoAnswer {
  /** Whether the breaker counts it: of the posts of a destination that shared the call, one. */
  readonly counts: boolean;

  constructor(counts: boolean) {
    super(say`the gateway's own call that makes the post has failed: it may have been sent`);
    this.counts = counts;
  }
}

/** workerd's error for every connection that was refused, reset, or closed too early, and for an answer that is not HTTP. */
const connectionLost = "Network connection lost.";

/** Whether the connection was lost before an answer. In workerd a refused connection gives the same error. */
export function isLost(error: unknown): boolean {
  const { message, cause } = error instanceof Error ? error : new Error("");
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return message === connectionLost || code === "UND_ERR_SOCKET" || code === "ECONNRESET" || code === "EPIPE";
}

/**
 * The reason why there was no answer. The error's own message is never passed on: a runtime may quote the URL or a header
 * in it, and these hold secrets. workerd tells a refused connection neither from a lost one nor from a malformed answer;
 * Node gives a code.
 */
export function reasonOf(error: unknown, ms: number): Sentence {
  if (error instanceof NoAnswer) return error.message as Sentence;
  const { name, message, cause } = error instanceof Error ? error : new Error("");
  if (name === "TimeoutError") return say`no answer after ${ms} ms`;

  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (/^[A-Z0-9_]+$/.test(code) && code !== "ERR_INVALID_URL") return say`no answer: ${code}`;

  if (message === connectionLost)
    return say`the connection was refused, was closed before an answer came, or the answer was not valid HTTP`;
  if (message.startsWith("internal error"))
    return say`no connection: the host name or its certificate may be wrong`;
  if (name === "TypeError") return say`nothing was sent: the url or a header is not one that can be sent`;
  return say`no answer, for an unknown reason`;
}
