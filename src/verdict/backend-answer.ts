/** The answer of one backend: a POST, and the reading of its response. */
import type { Answer } from "../callback/answer.ts";
import { encodingOf } from "../callback/encoding.ts";
import type { VerdictSource } from "../callback/event.ts";
import { parseBody } from "../callback/json.ts";
import { mistakeIn } from "../callback/json-mistake.ts";
import { type ReadAnswer, readAnswer } from "../callback/read-answer.ts";
import type { Message } from "../delivery/message.ts";
import { isLost } from "../delivery/no-answer.ts";
import { answered, unanswered } from "../delivery/outcome.ts";
import { secretMask } from "../delivery/secrets.ts";
import type { Attempt } from "../delivery/transports/transport.ts";
import { responseTo } from "../delivery/transports/transports.ts";
import { inTurn, type Sentence, say } from "../sentence.ts";
import { parseExactly } from "./exact-json.ts";
import type { Question } from "./question.ts";

/** Largest answer, bytes. A larger one is not read. */
const maxAnswerBytes = 64 * 1024;

/** The encoding that `fetch` itself decodes. It does not ask for Brotli: see `wrangler.toml`. */
const unpacked = "gzip";

/** The first bytes of gzip, decoded as UTF-8. */
const gzipMagic = "\x1f\ufffd";

/** The reason why there is no verdict; empty if there is none. `alive`: the backend answered all the same. */
export interface Failure {
  how: Extract<VerdictSource, "timeout" | "unreachable" | "status" | "invalid" | "breaker">;
  reason: string;
  alive: boolean;
  /** The backend comes by itself, and was not there: that says nothing about its health. */
  missed?: true;
}

/** A verdict, where `odd` names the parts of the answer that were left out; or a failure. */
export type BackendAnswer = { answer: Answer; odd?: string } | Failure;

/** The part of a question that decides how its answer is read. */
export type Asked = Pick<Question, "answerSpec" | "body">;

/** Its signal is aborted when the verdict is decided or its time is up. Its secrets are masked in every reason. */
export type BackendContext = Omit<Attempt, "at" | "asks">;

/** Asks one backend. Never throws. */
export async function backendAnswer(
  message: Message,
  asked: Asked,
  context: BackendContext,
): Promise<BackendAnswer> {
  const answer = await askBackend(message, asked, context);
  const mask = (text: string) => secretMask(context.secrets, message)(text);
  if (!("answer" in answer)) return { ...answer, reason: mask(answer.reason) };
  return answer.odd === undefined ? answer : { ...answer, odd: mask(answer.odd) };
}

async function askBackend(message: Message, asked: Asked, context: BackendContext): Promise<BackendAnswer> {
  const { signal, now, secrets } = context;
  const at = now();
  let response: Response;
  try {
    response = await responseTo(message, { ...context, at, asks: true });
  } catch (error) {
    const { error: reason, missed } = unanswered(error, at, now());
    const how = signal.aborted ? "timeout" : "unreachable";
    return { how, reason: reason ?? "", alive: false, ...(missed && { missed: true }) };
  }
  if (!response.ok) {
    await response.body?.cancel().catch(() => {});
    const { error, alive } = answered(response, "", at, now(), secretMask(secrets, message));
    return { how: "status", reason: error ?? "", alive };
  }
  const encoding = encodingOf(response);
  let text: string | null;
  try {
    text = await textOf(response);
  } catch (error) {
    if (encoding !== null && !signal.aborted && !isLost(error))
      return invalid(say`the answer is not whole ${encoding}, which its content-encoding says it is`);
    const reason = say`the connection was closed before the answer was whole`;
    return { ...invalid(reason), how: signal.aborted ? "timeout" : "invalid", alive: false };
  }
  if (text === null) return invalid(say`the answer is larger than 64 KB`);
  const read = readText(asked, text, encoding);
  const status = response.status === 200 ? [] : [say`answered ${response.status}, not 200`];
  if ("problem" in read) return invalid(inTurn([...status, read.problem]));
  const odd = inTurn([...status, ...(read.odd === undefined ? [] : [read.odd])]);
  return odd === "" ? { answer: read.ok } : { answer: read.ok, odd };
}

function readText({ answerSpec, body }: Asked, text: string, encoding: string | null): ReadAnswer {
  try {
    const read = readAnswer(answerSpec, parseBody(text), body);
    if ("ok" in read && read.ok.MsgBody) read.ok.MsgBody = (parseExactly(text) as Answer).MsgBody;
    // An answer that is nested too deeply to be written again is refused here.
    JSON.stringify(read);
    return read;
  } catch (error) {
    if (!(error instanceof SyntaxError)) return { problem: say`the answer is nested too deeply` };
    if (encoding !== null && text !== "" && encoding !== unpacked)
      return { problem: say`the answer is ${encoding}, which is not unpacked here: send plain JSON` };
    if (text.startsWith(gzipMagic))
      return { problem: say`the answer is gzip, and no content-encoding says so` };
    return { problem: mistakeIn(text, say`the answer`) };
  }
}

function invalid(reason: Sentence): Failure {
  return { how: "invalid", reason, alive: true };
}

/** The text of an answer; null if it is too large, and then the rest is not read. */
async function textOf({ body }: Response): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > maxAnswerBytes) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
