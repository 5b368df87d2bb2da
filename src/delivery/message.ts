/** Messages: events on their way to one destination, in the form of its rule, and signed. */
import type { Event } from "../callback/event.ts";
import { loopHeader } from "../callback/loop.ts";
import { sha256 } from "../callback/sha256.ts";
import { signatureOf } from "../callback/signature.ts";
import type { Address } from "../rule/address.ts";
import type { ForwardRule } from "../rule/rule.ts";
import { mostFilled } from "../rule/template.ts";
import { say } from "../sentence.ts";
import { batchBytesOf } from "./batch.ts";
import { envelopes } from "./envelope.ts";
import { loopOf } from "./loop.ts";
import { Unfit } from "./no-answer.ts";
import { sign } from "./signature.ts";

/** One message, ready to be sent: of an HTTPS destination one POST. Plain data, which crosses RPC. */
export interface Message {
  /** The `webhook-id`: the same whenever the same events are sent. */
  id: string;
  /** The name of its rule. */
  rule: string;
  address: Address;
  /** Tencent's own query, signed anew, which a request of the format `raw` has; otherwise empty. */
  query: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string;
  /** The pattern of a successful 2xx answer, JSON text. Null, or absent in a message of an older release: each is one. */
  succeeds?: string | null;
  /** The time for the whole exchange, milliseconds. */
  timeoutMs: number;
  /** Of a queue or a bucket, which take each event apart: one or more. Then the body is empty. */
  events?: readonly EventMessage[];
}

/** An event of a message, as the message that it would be by itself. */
export interface EventMessage extends Pick<Message, "id" | "query" | "headers" | "body"> {
  /** Unix milliseconds. */
  receivedAt: number;
}

/** The sending gateway. */
export interface Gateway {
  /** The release, for `user-agent`. */
  version: string;
  /** Its name in `tim-relay-loop`; null if it is not known yet. */
  id: string | null;
}

/** The header that marks a delivery of a replay. Its value tells the kind of replay. */
export const replayHeader = "tim-relay-replay";

/** The keys of a rule that decide its messages. */
export type Recipient = Pick<
  ForwardRule,
  | "name"
  | "address"
  | "secrets"
  | "headers"
  | "timeoutMs"
  | "format"
  | "callbackToken"
  | "template"
  | "succeeds"
  | "batch"
>;

/**
 * The message for these events: one event, or with `batch` an array of one or more events. It is made anew for every
 * attempt at `now` (Unix milliseconds), because its signatures cover the time.
 * Rejects with an Error for no event, or for several without `batch`; with `Unfit` if its template makes too much of them.
 * @param replay the value of `tim-relay-replay`; null: the message is no replay
 * @param bodies those of the events, if they have been made before
 */
export async function messageFor(
  to: Recipient,
  events: readonly Event[],
  now: number,
  from: Gateway,
  replay: string | null = null,
  bodies: readonly string[] = bodiesFor(to, events),
): Promise<Message> {
  const { kind } = to.address;
  if (events.length === 0 || (kind !== "queue" && kind !== "r2"))
    return requestFor(to, events, bodies, now, from, replay);
  const { address, timeoutMs } = to;
  // An object of an archive has no headers.
  const single = { ...to, batch: null, secrets: kind === "r2" ? [] : to.secrets };
  const each = await Promise.all(
    events.map(async (event, index): Promise<EventMessage> => {
      const one = [bodies[index]!];
      const { id, query, headers, body } = await requestFor(single, [event], one, now, from, replay);
      return { id, query, headers: kind === "r2" ? {} : headers, body, receivedAt: event.receivedAt };
    }),
  );
  return {
    id: await idOf(events),
    rule: to.name,
    address,
    query: "",
    headers: replay === null ? {} : { [replayHeader]: replay },
    body: "",
    timeoutMs,
    events: each,
  };
}

/**
 * The body of each event. With a template all together are at most twice as long as a batch may be. Events of which it
 * makes more fit no message, and their placeholders are not filled to the end.
 */
export function bodiesFor({ address, format, template }: Recipient, events: readonly Event[]): string[] {
  if (!template) return events.map(envelopes[format]);
  const most = events.length === 1 ? mostFilled : 2 * batchBytesOf(address.kind);
  let left = most;
  return events.map((event) => {
    const body = template.fill(event);
    left -= body?.length ?? 0;
    if (body !== null && left >= 0) return body;
    const many = events.length === 1 ? say`the event` : say`${events.length} events`;
    const mebi = (body === null ? mostFilled : most) / 1024 / 1024;
    throw new Unfit(say`the template makes more than ${mebi} MiB of text of ${many}`);
  });
}

/** The message as a request, whose body holds all events. */
async function requestFor(
  to: Recipient,
  events: readonly Event[],
  bodies: readonly string[],
  now: number,
  from: Gateway,
  replay: string | null,
): Promise<Message> {
  const first = events[0];
  const batched = to.batch !== null && to.format !== "raw";
  if (!first || (events.length > 1 && !batched)) {
    throw new Error(`a message to ${to.name} holds one event, not ${events.length}`);
  }
  const id = await idOf(events);
  const seconds = Math.floor(now / 1000);
  const loop = loopOf(events, from.id);
  const body = batched ? `[${bodies.join(",")}]` : bodies[0]!;
  return {
    id,
    rule: to.name,
    address: to.address,
    query: to.format === "raw" ? await tencentQuery(to, first.query, seconds) : "",
    headers: {
      "content-type": contentType(to),
      "user-agent": `tim-relay/${from.version}`,
      ...lowerCased(to.headers),
      "webhook-id": id,
      "webhook-timestamp": String(seconds),
      ...(to.secrets.length > 0 && { "webhook-signature": await sign(to.secrets, id, seconds, body) }),
      ...(loop !== null && { [loopHeader]: loop }),
      ...(replay !== null && { [replayHeader]: replay }),
    },
    body,
    succeeds: to.succeeds?.written ?? null,
    timeoutMs: to.timeoutMs,
  };
}

/** The event's id, or that of a batch. It is derived from the ids of its events, so that a repeated batch has the same id. */
async function idOf(events: readonly Event[]): Promise<string> {
  if (events.length === 1) return events[0]!.id;
  const ids = events.map((event) => event.id).join("\n");
  const digest = btoa(String.fromCharCode(...(await sha256(ids))));
  return `batch_${digest.replaceAll("+", "-").replaceAll("/", "_").slice(0, 22)}`;
}

function contentType(to: Recipient): string {
  if (to.format !== "cloudevents") return "application/json";
  return to.batch ? "application/cloudevents-batch+json" : "application/cloudevents+json";
}

/** Headers with lower-case names: two spellings of one name would both be sent, joined by a comma. */
function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Tencent's own query, signed anew if the rule has a token. */
async function tencentQuery(to: Recipient, query: string, seconds: number): Promise<string> {
  const time = String(seconds);
  const signed = to.callbackToken
    ? `Sign=${await signatureOf(to.callbackToken, time)}&RequestTime=${time}`
    : "";
  return [query, signed].filter((part) => part !== "").join("&");
}

/** The URL with a further query, which may be empty, and then without its fragment. */
export function withQuery(address: string, query: string): string {
  if (query === "") return address;
  const url = address.replace(/#.*/s, "");
  if (!url.includes("?")) return `${url}?${query}`;
  return /[?&]$/.test(url) ? url + query : `${url}&${query}`;
}
