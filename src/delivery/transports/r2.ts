/**
 * A bucket of R2, as an archive: each batch is an object, gzipped lines of JSON, an event a line. Its name follows from
 * its rule and the events in it: `prefix/2026/01/31/12/0-evt_01kg…-5000-9f86d081.ndjson.gz`. So a repeated batch overwrites
 * itself, and no object ever replaces another one with other events, or that of another rule.
 */
import { readEventId } from "../../callback/event-id.ts";
import { hex, sha256 } from "../../callback/sha256.ts";
import { type EventMessage, type Message, replayHeader } from "../message.ts";
import { taken } from "../outcome.ts";
import { boundTo, handOver } from "./binding.ts";
import type { Transport } from "./transport.ts";

/** Compressing takes some milliseconds for so many characters; then others get their turn. */
const piece = 262_144;

export const r2: Transport<"r2"> = async (message, attempt) => {
  const { address } = message;
  const events = message.events!;
  const binding = boundTo("r2", address.binding, attempt.env);
  const name = await nameOf(address.prefix, message);
  const content = await compressed(events, attempt.signal);
  const metadata = {
    httpMetadata: { contentType: "application/gzip" },
    customMetadata: { first: events[0]!.id, last: events.at(-1)!.id, count: String(events.length) },
  };
  await handOver("r2", () => binding.put(name, content, metadata), message, attempt);
  return taken(attempt.at, attempt.now());
};

/**
 * The hour is that of the first event's arrival. The digest tells batches apart that begin with the same event. The first
 * line in it stands for the rule's format and template.
 */
async function nameOf(prefix: string, { rule, events = [], headers }: Message): Promise<string> {
  const [{ id, receivedAt, body }] = events as [EventMessage];
  const hour = new Date(receivedAt).toISOString().slice(0, 13).replace(/[-T]/g, "/");
  const parts = [rule, headers[replayHeader] ?? "", ...events.map((event) => event.id), body];
  const digest = hex((await sha256(parts.join("\n"))).subarray(0, 4));
  const shard = readEventId(id)?.shard ?? 0;
  const name = `${hour}/${shard}-${id}-${events.length}-${digest}.ndjson.gz`;
  return prefix === "" ? name : `${prefix}/${name}`;
}

async function compressed(events: readonly EventMessage[], signal: AbortSignal): Promise<ArrayBuffer> {
  const gzip = new CompressionStream("gzip");
  const content = new Response(gzip.readable).arrayBuffer();
  const writer = gzip.writable.getWriter();
  const encoder = new TextEncoder();
  let text = "";
  for (const { body } of events) {
    text += `${oneLine(body)}\n`;
    if (text.length < piece) continue;
    await writer.write(encoder.encode(text));
    text = "";
    await new Promise((resolve) => setTimeout(resolve, 0));
    signal.throwIfAborted();
  }
  await writer.write(encoder.encode(text));
  await writer.close();
  return content;
}

/** Outside of texts, where alone they can stand in JSON, line breaks mean nothing. */
const oneLine = (json: string) => json.replace(/[\r\n]/g, " ");
