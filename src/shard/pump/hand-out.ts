/** Hands events out as a destination gets them. */
import type { Gateway } from "../../delivery/message.ts";
import { envelopeOf } from "../../delivery/transports/poll.ts";
import type { ForwardRule } from "../../rule/rule.ts";
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
  const { at, keys, events } = pump.mailbox.take(limit);
  return { at, keys, events: await Promise.all(events.map((one) => envelopeOf(pump.rule, one, now, from))) };
}
