/** The life of a message: all events about it, from the question whether it may be sent to its recall. */
import { stepOf } from "../callback/step.ts";
import type { Client, Event, EventDetail } from "../client/index.js";

/** The names of the messages that an event is about. */
interface Names {
  /** `MsgKey` or `MsgSeq`, by which every event about a message can be found. */
  messages: string[];
  /** All that a question about a group message has: it has no number yet. */
  random: string | null;
}

/** A recall may name many messages: the lives of so many are looked up. */
const mostMessages = 5;

/** Pages of one search. An answer to a search that takes long is a page, too. */
const mostPages = 20;

const day = 86_400_000;

/** The names of the messages that a body tells of. */
export function messagesOf(body: Readonly<Record<string, unknown>>): Names {
  const listed = Array.isArray(body.MsgSeqList) ? body.MsgSeqList : [];
  const own = nameOf(body.MsgKey) ?? nameOf(body.MsgSeq);
  const messages = [own, ...listed.map((one) => nameOf((one as { MsgSeq?: unknown } | null)?.MsgSeq))];
  return {
    messages: [...new Set(messages.filter((name) => name !== null))].slice(0, mostMessages),
    random: nameOf(body.Random),
  };
}

/** A text or a number of a body; a number beyond 2^53 is an object that holds its digits. */
function nameOf(value: unknown): string | null {
  if (typeof value === "string") return value || null;
  if (typeof value === "number") return String(value);
  const { rawJSON } = (value ?? {}) as { rawJSON?: unknown };
  return typeof rawJSON === "string" ? rawJSON : null;
}

/** All events about the messages that an event is about, oldest first; empty if it is about none. */
export async function timelineOf(relay: Client, event: EventDetail): Promise<Event[]> {
  const { messages, random } = messagesOf(event.body ?? {});
  const found = new Map<string, Event>();
  const look = async (names: readonly string[]) => {
    for (const name of names) for (const one of await eventsAbout(relay, name, event)) found.set(one.id, one);
  };
  await look(messages);
  if (messages.length === 0 && random !== null) {
    await look([random]);
    const sent = [...found.values()].find(({ command }) => stepOf(command) === "sent");
    const { body = {} } = sent ? await relay.get("/api/events/{id}", { path: { id: sent.id } }) : {};
    await look(messagesOf(body).messages);
  }
  return [...found.values()].sort((a, b) => (a.receivedAt + a.id < b.receivedAt + b.id ? -1 : 1));
}

/** The question comes at most moments before the message; the next events may come much later. */
async function eventsAbout(relay: Client, message: string, event: EventDetail): Promise<Event[]> {
  const { conversation, receivedAt } = event;
  const since = new Date(Date.parse(receivedAt) - day).toISOString();
  const query = { message, since, limit: 200, ...(conversation !== null && { conversation }) };
  const found: Event[] = [];
  let pages = 0;
  for await (const { events } of relay.pages("/api/events", { query })) {
    found.push(...events);
    if (++pages === mostPages) break;
  }
  return found;
}
