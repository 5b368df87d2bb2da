/** Answers to callbacks, in Tencent's form. */
import { failText, okAnswer, okText } from "../../callback/answer.ts";
import { canonicalName, catalogue } from "../../callback/catalogue.ts";
import { phaseByName } from "../../callback/command.ts";
import { type RefusalReason, type Refused, refusalReasons } from "../../callback/refusal.ts";
import { log } from "../../log.ts";
import { LogLimit } from "../../log-limit.ts";
import { answerSpecOf } from "../../verdict/question.ts";
import type { Context } from "../context.ts";
import { count } from "../isolate-counters.ts";
import { noteRefused } from "../notices.ts";
import { headersOf } from "../reply.ts";
import { discard, keepsSending } from "./body.ts";

/** A refused body is discarded for so long, in which its sender can also read the answer. Milliseconds. */
const discardForMs = 250;

/** Of this isolate: one flood must not hide the refusals for another reason. */
const logged = Object.fromEntries(refusalReasons.map((reason) => [reason, new LogLimit()])) as Record<
  RefusalReason,
  LogLimit
>;

/** Made once: making it costs as much as the rest of an answer. */
const headers = new Headers(headersOf("application/json"));

/** @param text JSON, as `answer.ts` of `callback` makes it */
export function answer(status: number, text: string): Response {
  return new Response(text, { status, headers });
}

/** GET and HEAD on a callback path of its own, which the console's check may send, and any other method. */
export function answerMethod(method: string): Response {
  if (method === "GET" || method === "HEAD") return answer(200, okText);
  const response = answer(405, failText("callbacks are sent by POST"));
  response.headers.set("allow", "GET, HEAD, POST");
  return response;
}

/** Refuses a callback with its status, a sentence, and a count by reason. */
export function refuse({ status, reason, sentence }: Refused, context: Context): Response {
  note(reason, status, sentence);
  noteRefused(reason, context);
  return finish(status, failText(sentence), context);
}

/**
 * Refuses a callback whose body has no room in memory. The answer to a before-callback is that its action may go on. A
 * 503 would be a failed callback, and Tencent's console can turn that into a refusal. Overload would then stop every
 * message.
 * @param name the `CallbackCommand` as given
 */
export function refuseBusy(refusal: Refused, name: string | null, context: Context): Response {
  const canonical = canonicalName(name ?? "");
  const command = catalogue.get(canonical) ?? null;
  const phase = command?.phase ?? phaseByName(canonical);
  const answerSpec = phase === "before" ? answerSpecOf(command, phase) : null;
  if (answerSpec === null) return refuse(refusal, context);
  note(refusal.reason, 200, refusal.sentence);
  return finish(200, okAnswer(answerSpec, {}), context);
}

function note(reason: RefusalReason, status: number, sentence: string): void {
  logged[reason].write(log.warn, "refused", { reason, status, sentence });
  count(`refused:${reason}`);
}

/**
 * If the body was not read, the runtime closes the connection at the answer's end, and does not announce it. A sender that
 * is still writing would not see the answer. One that is done would lose its next request on that connection. So the rest
 * of the body is discarded first.
 */
function finish(status: number, text: string, { request, ctx }: Context): Response {
  if (!keepsSending(request)) return answer(status, text);
  const bytes = new TextEncoder().encode(text);
  const { readable, writable } = new FixedLengthStream(bytes.byteLength);
  const writer = writable.getWriter();
  const ended = writer
    .write(bytes)
    .then(() => discard(request, discardForMs))
    .then(() => writer.close());
  ctx.waitUntil(ended.catch(() => {}));
  return new Response(readable, { status, headers });
}
