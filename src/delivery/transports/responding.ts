/** Makes outcomes of responses. */
import type { AddressKind } from "../../rule/address.ts";
import { answered } from "../outcome.ts";
import { secretMask } from "../secrets.ts";
import type { Exchange, Transport } from "./transport.ts";

/** Bytes that are read of a failing answer, and characters that are kept. */
const keptBytes = 4096;

/**
 * The transport of a receiver that answers with a response. The answer's body is cancelled, or read as far as it is
 * kept. A redirect is not followed.
 */
export function responding<Kind extends AddressKind>(exchange: Exchange<Kind>): Transport<Kind> {
  return async (message, attempt) => {
    const { at, now, secrets } = attempt;
    const answer = await exchange(message, attempt);
    if (answer.ok) {
      await answer.body?.cancel().catch(() => {});
      return answered(answer, "", at, now());
    }
    const { text, cutOff } = await beginning(answer);
    await answer.body?.cancel().catch(() => {});
    const mask = secretMask(secrets, message);
    const response = mask(text, cutOff).slice(0, keptBytes).toWellFormed();
    return answered(answer, response, at, now(), mask);
  };
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
