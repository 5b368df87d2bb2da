/** One signed `Relay.Test` event to a destination, now: it passes no queue, and is kept nowhere. */
import type { Event } from "../callback/event.ts";
import { newRelayEvent } from "../callback/relay-events.ts";
import { type Gateway, type Message, messageFor } from "../delivery/message.ts";
import { type Outcome, unanswered } from "../delivery/outcome.ts";
import type { ForwardRule } from "../rule/rule.ts";

/** Posts the event as the rule would. Never fails but in its outcome. */
export async function testDelivery(
  rule: ForwardRule,
  gateway: Gateway,
  post: (message: Message) => Promise<Outcome>,
  now: () => number,
): Promise<Outcome> {
  const at = now();
  try {
    return await post(await messageFor(rule, [testEvent(rule.name, at)], at, gateway));
  } catch (error) {
    return unanswered(error, at, now());
  }
}

/** @param at Unix milliseconds */
export function testEvent(destination: string, at: number): Event {
  const telling = { command: "Relay.Test", body: { destination } } as const;
  return newRelayEvent(telling, at, crypto.getRandomValues(new Uint8Array(12)));
}
