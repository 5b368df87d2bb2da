/** The body that an event is sent with, by the format of its rule. */
import type { Event } from "../callback/event.ts";
import type { Format } from "../rule/rule.ts";
import { attribute } from "./cloudevents.ts";

export const envelopes: Readonly<Record<Format, (event: Event) => string>> = {
  raw: (event) => event.body,

  event: (event) =>
    withData(event.body, {
      type: event.command,
      timestamp: new Date(event.receivedAt).toISOString(),
      id: event.id,
      app: event.app,
      clientIp: event.clientIp,
      platform: event.platform,
    }),

  // https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
  // An absent or empty attribute is left out. Names of extensions must be lower case.
  cloudevents: (event) =>
    withData(event.body, {
      specversion: "1.0",
      id: event.id,
      source: `/tencent-im/${encodeURIComponent(attribute(event.app))}`,
      type: attribute(event.command),
      subject: optional(event.conversation),
      time: new Date(event.receivedAt).toISOString(),
      datacontenttype: "application/json",
      phase: event.phase,
      clientip: optional(event.clientIp),
      platform: optional(event.platform),
    }),
};

function optional(text: string | null): string | undefined {
  return text ? attribute(text) : undefined;
}

/** Inserts the body as text: parsing and writing it would change integers beyond 2^53. */
function withData(body: string, envelope: object): string {
  return `${JSON.stringify(envelope).slice(0, -1)},"data":${body}}`;
}
