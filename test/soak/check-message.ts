/** Checks a forwarded message: its signature, its headers, and every byte of its body. */
import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { Webhook } from "standardwebhooks";
import { app, callbackToken } from "../support/callbacks.ts";
import { type Callbacks, labelOf, numberOf, queryOf } from "./callbacks.ts";
import { type DestinationName, destinations, secrets } from "./rules.ts";

export interface Incoming {
  /** Path and query. */
  url: string;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
}

export interface Forwarded {
  number: number;
  id: string;
}

/** One event of a message, in the formats that have an envelope. */
interface Envelope {
  id: string;
  type: string;
  platform: string;
  data: unknown;
  [attribute: string]: unknown;
}

const webhooks = new Map<string, Webhook>();

/** Throws unless the message was signed with the rule's secret. Returns its JSON. */
export function verified(name: keyof typeof secrets, { headers, bytes }: Incoming): unknown {
  const webhook = webhooks.get(name) ?? new Webhook(secrets[name]);
  webhooks.set(name, webhook);
  return webhook.verify(bytes.toString(), headers as Record<string, string>);
}

/** The events of a message. Throws with the difference from the callbacks that they were. */
export function eventsOf(name: DestinationName, incoming: Incoming, callbacks: Callbacks): Forwarded[] {
  const parsed = verified(name, incoming);
  const found = isRaw(incoming) ? [rawEvent(incoming, callbacks)] : enveloped(parsed, incoming, callbacks);
  for (const { number } of found) {
    const callback = callbacks.at(number);
    const mayCome = callback.kind === "kept" || callback.kind === "decided";
    if (!mayCome || !destinations[name].wants(callback))
      throw new Error(`${labelOf(number)} is not for ${name}`);
  }
  const id = incoming.headers["webhook-id"];
  if (found.length === 1 ? id !== found[0]!.id : !String(id).startsWith("batch_"))
    throw new Error(`the id of ${found.length} events is ${id}`);
  return found;
}

function isRaw({ url }: Incoming): boolean {
  return url.includes("CallbackCommand=");
}

function rawEvent({ url, headers, bytes }: Incoming, callbacks: Callbacks): Forwarded {
  const query = url.slice(url.indexOf("?") + 1);
  const parameters = new URLSearchParams(query);
  const number = known(parameters.get("OptPlatform"), callbacks);
  const callback = callbacks.at(number);
  const time = parameters.get("RequestTime") ?? "";
  const sign = createHash("sha256")
    .update(callbackToken + time)
    .digest("hex");
  same(query, `${queryOf(callback)}&Sign=${sign}&RequestTime=${time}`, "the query");
  same(bytes.toString(), callback.body, "the body");
  return { number, id: String(headers["webhook-id"]) };
}

function enveloped(parsed: unknown, { bytes }: Incoming, callbacks: Callbacks): Forwarded[] {
  const envelopes = [parsed].flat() as Envelope[];
  const events = envelopes.map(({ data: _, ...envelope }) => {
    const number = known(envelope.platform, callbacks);
    const callback = callbacks.at(number);
    if (envelope.type !== callback.command) throw new Error(`${labelOf(number)} is of type ${envelope.type}`);
    if ((envelope.app ?? envelope.source) !== (envelope.app ? app : `/tencent-im/${app}`))
      throw new Error(`${labelOf(number)} is of another app`);
    return {
      number,
      id: envelope.id,
      text: `${JSON.stringify(envelope).slice(0, -1)},"data":${callback.body}}`,
    };
  });
  const texts = events.map(({ text }) => text).join(",");
  same(bytes.toString(), Array.isArray(parsed) ? `[${texts}]` : texts, "the body");
  return events;
}

function known(label: unknown, callbacks: Callbacks): number {
  const number = numberOf(label);
  if (number < 0 || number >= callbacks.size) throw new Error(`no callback is ${label}`);
  return number;
}

function same(found: string, expected: string, part: string): void {
  if (found === expected) return;
  let at = 0;
  while (found[at] === expected[at]) at++;
  const around = (text: string) => JSON.stringify(text.slice(Math.max(0, at - 20), at + 40));
  throw new Error(`${part} differs at ${at}: ${around(found)} instead of ${around(expected)}`);
}
