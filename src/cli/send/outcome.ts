/** The outcome of callbacks that were just sent: their events are looked for until each has one. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Client, Event, EventDetail } from "../../client/index.js";
import { messagesOf } from "../timeline.ts";

const lookEveryMs = 100;

/** How many of the latest events are compared with a body. */
const compared = 20;

/** More events than that are not followed. */
export const mostFollowed = 1000;

/** The gateway's clock when its latest event came, from which on new events are looked for. */
export interface Mark {
  since: string | undefined;
  latest: string | undefined;
}

export async function markOf(relay: Client): Promise<Mark> {
  const { events } = await relay.get("/api/events", { query: { limit: 1 } });
  return { since: events[0]?.receivedAt, latest: events[0]?.id };
}

/**
 * The event of a body, as soon as each of its deliveries has had an attempt, or as it stands after `waitMs`. Null if it
 * was not kept.
 */
export async function eventOf(
  relay: Client,
  mark: Mark,
  command: string,
  body: Record<string, unknown>,
  waitMs: number,
): Promise<EventDetail | null> {
  const text = JSON.stringify(body);
  const [message] = messagesOf(body).messages;
  const query = { command, ...sinceOf(mark), limit: compared, ...(message !== undefined && { message }) };
  let found: EventDetail | null = null;
  await repeatedly(waitMs, async () => {
    if (found === null) {
      const { events } = await relay.get("/api/events", { query });
      for (const { id } of events) {
        const event = await relay.get("/api/events/{id}", { path: { id } });
        if (JSON.stringify(event.body) === text) found = event;
      }
    } else found = await relay.get("/api/events/{id}", { path: { id: found.id } });
    return found !== null && found.state !== "pending";
  });
  return found;
}

/** The events of some commands that were kept since the mark, once there are `count` and each has had an attempt. */
export async function eventsSince(
  relay: Client,
  mark: Mark,
  commands: ReadonlySet<string>,
  count: number,
  waitMs: number,
): Promise<Event[]> {
  let found: Event[] = [];
  await repeatedly(waitMs, async () => {
    found = [];
    for await (const { events } of relay.pages("/api/events", { query: { ...sinceOf(mark), limit: 200 } })) {
      found.push(...events.filter(({ command, id }) => commands.has(command) && id !== mark.latest));
      if (found.length >= count) break;
    }
    return found.length >= count && found.every(({ state }) => state !== "pending");
  });
  return found.slice(0, count);
}

const sinceOf = ({ since }: Mark) => (since === undefined ? {} : { since });

/** Calls `look` until it resolves with true or the time is over; at least once. */
async function repeatedly(waitMs: number, look: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + waitMs;
  while (!(await look()) && performance.now() + lookEveryMs < end) await sleep(lookEveryMs);
}
