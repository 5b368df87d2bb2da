/** One signed `Relay.Test` event to a destination, now: it passes no queue, and is kept nowhere. */
import type { Event } from "../callback/event.ts";
import { newEventId } from "../callback/event-id.ts";
import { type Gateway, type Message, messageFor } from "../delivery/message.ts";
import { type Outcome, unanswered } from "../delivery/outcome.ts";
import type { ForwardRule } from "../rule/rule.ts";

const command = "Relay.Test";

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

function testEvent(destination: string, receivedAt: number): Event {
  const body = JSON.stringify({ destination });
  return {
    id: newEventId(0, receivedAt, crypto.getRandomValues(new Uint8Array(12))),
    command,
    phase: "after",
    known: true,
    valid: true,
    quarantined: false,
    app: "relay",
    conversation: `relay:${destination}`,
    receivedAt,
    clientIp: null,
    platform: null,
    query: `SdkAppid=relay&CallbackCommand=${command}&contenttype=json`,
    body,
    size: body.length,
    issues: [],
  };
}
