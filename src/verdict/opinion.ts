/** What one backend says: a POST, and a reading of what comes back. */
import { type Answer, type ReadAnswer, readAnswer } from "../callback/answer.ts";
import type { How } from "../callback/event.ts";
import { parseBody } from "../callback/json.ts";
import type { Message } from "../delivery/message.ts";
import { answered, unanswered } from "../delivery/outcome.ts";
import { post } from "../delivery/post.ts";
import { maskOf } from "../delivery/secrets.ts";
import { parseExactly } from "./exact-json.ts";
import type { Question } from "./question.ts";

/** Bytes of an answer; more are none. */
const largest = 64 * 1024;

/** No verdict, and why; `alive`: there was an answer all the same. */
export interface Failure {
  how: Extract<How, "timeout" | "unreachable" | "status" | "invalid">;
  reason: string;
  alive: boolean;
}

/** `odd` names the parts of the answer that were left out. */
export type Opinion = { answer: Answer; odd?: string } | Failure;

/** What is asked about. */
export type Asked = Pick<Question, "form" | "body">;

export interface OpinionWays {
  /** Aborted when the time for an opinion is up. */
  signal: AbortSignal;
  /** Unix milliseconds. */
  now(): number;
  /** Are masked in every reason, should the backend echo them. */
  secrets: readonly string[];
  fetcher: typeof fetch;
}

/** Never throws. */
export async function opinionOf(message: Message, asked: Asked, ways: OpinionWays): Promise<Opinion> {
  const opinion = await readOpinion(message, asked, ways);
  const mask = (text: string) => maskOf(ways.secrets, message)(text);
  if (!("answer" in opinion)) return { ...opinion, reason: mask(opinion.reason) };
  return opinion.odd === undefined ? opinion : { ...opinion, odd: mask(opinion.odd) };
}

async function readOpinion(message: Message, asked: Asked, ways: OpinionWays): Promise<Opinion> {
  const { signal, now, fetcher, secrets } = ways;
  const at = now();
  let response: Response;
  try {
    response = await post(message, { at, now, signal, fetcher, last: true });
  } catch (error) {
    const { error: reason } = unanswered(error, at, now());
    return { how: signal.aborted ? "timeout" : "unreachable", reason: reason ?? "", alive: false };
  }
  if (!response.ok) {
    await response.body?.cancel().catch(() => {});
    const { error, alive } = answered(response, "", at, now(), maskOf(secrets, message));
    return { how: "status", reason: error ?? "", alive };
  }
  let text: string | null;
  try {
    text = await textOf(response);
  } catch {
    const reason = "the connection was closed before the answer was whole";
    return { ...invalid(reason), how: signal.aborted ? "timeout" : "invalid", alive: false };
  }
  if (text === null) return invalid("the answer is larger than 64 KB");
  const read = readText(asked, text);
  const status = response.status === 200 ? [] : [`answered ${response.status}, not 200`];
  if ("problem" in read) return invalid([...status, read.problem].join("; "));
  const odd = [...status, ...(read.odd === undefined ? [] : [read.odd])].join("; ");
  return odd === "" ? { answer: read.ok } : { answer: read.ok, odd };
}

function readText({ form, body }: Asked, text: string): ReadAnswer {
  try {
    const read = readAnswer(form, parseBody(text), body);
    if ("ok" in read && read.ok.MsgBody) read.ok.MsgBody = (parseExactly(text) as Answer).MsgBody;
    // So deeply nested that it cannot be written again, it is no answer.
    JSON.stringify(read);
    return read;
  } catch (error) {
    const syntax = error instanceof SyntaxError;
    return { problem: syntax ? "the answer is not JSON" : "the answer is nested too deeply" };
  }
}

function invalid(reason: string): Failure {
  return { how: "invalid", reason, alive: true };
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
