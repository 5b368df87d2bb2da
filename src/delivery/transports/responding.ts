/** Makes outcomes of responses. */
import type { AddressKind } from "../../rule/address.ts";
import { answered } from "../outcome.ts";
import { secretMask } from "../secrets.ts";
import { type Answer, type Judge, judgedBytes, judgeOf } from "../succeeds.ts";
import type { Call, Transport } from "./transport.ts";

/** Bytes that are read of a failing answer, and characters that are kept. */
const keptBytes = 4096;

/**
 * The transport of a receiver that answers with a response. The answer's body is cancelled, or read as far as it is
 * kept or judged. A redirect is not followed.
 */
export function responding<Kind extends AddressKind>(call: Call<Kind>): Transport<Kind> {
  return async (message, attempt) => {
    const { at, now, secrets, signal } = attempt;
    const answer = await call(message, attempt);
    const judge = answer.ok ? judgeOf(message.succeeds ?? null) : null;
    if (answer.ok && (judge === null || fitsUnread(judge, answer.status))) {
      await answer.body?.cancel().catch(() => {});
      return answered(answer, "", at, now());
    }
    const begun = await firstText(answer, judge?.readsBody ? judgedBytes : keptBytes, signal);
    await answer.body?.cancel().catch(() => {});
    const mask = secretMask(secrets, message);
    const fault = judge?.fault(answer.status, begun, mask) ?? null;
    if (answer.ok && fault === null) return answered(answer, "", at, now());
    const { text, end } = begun;
    const cutOff = end !== "whole" || text.length > keptBytes;
    const response = mask(text.slice(0, keptBytes), cutOff).slice(0, keptBytes).toWellFormed();
    return answered(answer, response, at, now(), mask, fault);
  };
}

/** Whether the status alone makes a success: then no body is waited for. */
function fitsUnread(judge: Judge, status: number): boolean {
  return !judge.readsBody && judge.fault(status, { text: "", end: "longer" }, (text) => text) === null;
}

/** The first text of an answer, as far as it was received. @param limit bytes */
async function firstText({ body }: Response, limit: number, signal: AbortSignal): Promise<Answer> {
  if (!body) return { text: "", end: "whole" };
  const decoder = new TextDecoder();
  const reader = body.getReader();
  // The body of a service goes on after its request was aborted.
  const stop = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", stop);
  let text = "";
  let left = limit;
  let end: Answer["end"] = "longer";
  try {
    while (left > 0) {
      const { done, value } = await reader.read();
      if (done) {
        end = signal.aborted ? "broken" : "whole";
        break;
      }
      // With `stream`, a character that the limit has split is left out.
      text += decoder.decode(value.subarray(0, left), { stream: true });
      left -= Math.min(value.length, left);
    }
  } catch {
    end = "broken";
  } finally {
    signal.removeEventListener("abort", stop);
    reader.releaseLock();
  }
  return { text: end === "longer" ? text : text + decoder.decode(), end };
}
