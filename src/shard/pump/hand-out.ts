/** Hands events out as a destination gets them. */
import type { Gateway } from "../../delivery/message.ts";
import { Unfit } from "../../delivery/no-answer.ts";
import { unanswered } from "../../delivery/outcome.ts";
import { envelopeOf } from "../../delivery/transports/poll.ts";
import type { ForwardRule } from "../../rule/rule.ts";
import { mostFilled } from "../../rule/template.ts";
import type { Mailbox } from "./mailbox.ts";
import type { HandedOut } from "./receipt.ts";

/** Hands out the oldest events on offer, as envelopes. @param pump absent: the name forwards nothing */
export async function handOut(
  pump: { readonly rule: ForwardRule; readonly mailbox: Mailbox | null } | undefined,
  limit: number,
  from: Gateway,
  now: number,
): Promise<HandedOut> {
  if (!pump?.mailbox) return { at: now, keys: [], events: [] };
  const { mailbox, rule } = pump;
  const { at, keys, events } = mailbox.take(limit);
  const given: HandedOut & { keys: number[]; events: string[] } = { at, keys: [], events: [] };
  let characters = 0;
  for (const [index, event] of events.entries()) {
    // The others are handed out when their time is up, as if this answer were lost.
    if (characters > mostFilled) break;
    const key = keys[index]!;
    try {
      const envelope = await envelopeOf(rule, event, now, from);
      characters += envelope.length;
      given.keys.push(key);
      given.events.push(envelope);
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      mailbox.failed(key, unanswered(error, at, now));
    }
  }
  return given;
}
