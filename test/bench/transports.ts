/** The costs of a million events at each transport, beyond what receiving and keeping them costs. */
import { randomBytes } from "node:crypto";
import type { Event } from "../../src/callback/event.ts";
import { newEventId } from "../../src/callback/event-id.ts";
import { messageFor } from "../../src/delivery/message.ts";
import { carry } from "../../src/delivery/transports/transports.ts";
import { cloudflare } from "../../src/http/prices.ts";
import type { Address } from "../../src/rule/address.ts";
import { batchOf } from "../../src/rule/batches.ts";
import { eventWith, ruleWith } from "../delivery/sample.ts";
import { bodies } from "./callbacks.ts";

/** List prices, US dollars. Read 2026-11. */
const prices = {
  /** https://developers.cloudflare.com/queues/platform/pricing/: of a million writes, reads or deletes of 64 KB. */
  queueOperations: 0.4,
  /** https://developers.cloudflare.com/r2/pricing/: of a million writes, and of a GB kept for a month. */
  bucketWrites: 4.5,
  bucketGbMonth: 0.015,
  /** https://developers.cloudflare.com/kv/platform/pricing/: of a million reads. */
  storeReads: 0.5,
};

/** A queue counts each operation by 64 KB of its message. */
const queueUnit = 64_000;

/** Messages that a WebSocket receives, for one request of a Durable Object. */
const framesARequest = 20;

/** Events of a full poll. */
const polled = 100;

/** Events of which the operations are counted. */
const sample = 10_000;

export interface TransportCost {
  transport: string;
  dollars: number;
  /** The operations that are billed. */
  how: string;
}

/** What a transport has done for the sample. */
interface Counted {
  /** Messages of 64 KB. */
  messages: number;
  objects: number;
  bytes: number;
}

export async function transportCosts(): Promise<TransportCost[]> {
  const { messages } = await counted({ kind: "queue", binding: "THERE", ...written("queue:THERE") });
  const { objects, bytes } = await counted({
    kind: "r2",
    binding: "THERE",
    prefix: "tim",
    ...written("r2:THERE/tim"),
  });
  const { requests, shardRequests } = cloudflare.perMillion;
  const gb = ((bytes / sample) * 1e6) / 1e9;
  const puts = objects / sample;
  return [
    { transport: "`https://…`", dollars: 0, how: "requests that a Worker makes are free" },
    { transport: "`service:`", dollars: 0, how: "no fee for the request; the processor time of that Worker" },
    {
      transport: "`queue:`",
      dollars: 3 * (messages / sample) * prices.queueOperations,
      how: `${messages / sample} messages an event, each written, read and deleted`,
    },
    {
      transport: "`r2:`",
      dollars: puts * prices.bucketWrites,
      how: `${Math.round(puts * 1e6)} objects written; kept, ${gb.toFixed(2)} GB for $${(gb * prices.bucketGbMonth).toFixed(4)} a month`,
    },
    {
      transport: "`listener:`",
      dollars: shardRequests / framesARequest,
      how: "an answer an event by WebSocket, 20 of them for a request of a Durable Object; beyond one shard, a call an event more",
    },
    {
      transport: "`poll:`",
      dollars: (requests + shardRequests) / polled,
      how: `a request of the Worker and one of the shard for ${polled} events; an empty poll costs as much`,
    },
    {
      transport: "`limit` of an ask or answer rule",
      dollars: shardRequests,
      how: "a request of a Durable Object for each callback that its other conditions fit",
    },
    {
      transport: "`kv:` lists of words",
      dollars: (prices.storeReads * 1e6) / 50 / 60 / 1e6,
      how: "a read a minute and isolate, whatever comes; here one isolate at 50 events/s",
    },
  ];
}

const written = (url: string) => ({ url, written: url });

/** Gives the sample to the transport of an address, and counts what it asks of its binding. */
async function counted(address: Address): Promise<Counted> {
  const found: Counted = { messages: 0, objects: 0, bytes: 0 };
  const bindings = {
    queue: {
      async sendBatch(messages: readonly { body: string }[]) {
        for (const { body } of messages) found.messages += Math.ceil(Buffer.byteLength(body) / queueUnit);
      },
    },
    r2: {
      async put(_: string, content: ArrayBuffer) {
        found.objects++;
        found.bytes += content.byteLength;
      },
      // By it a bucket is known.
      createMultipartUpload() {},
    },
  };
  const env = { THERE: bindings[address.kind as keyof typeof bindings] };
  const rule = ruleWith({ address, batch: batchOf(address.kind, {}) });
  const events = sampleEvents();
  const { size } = rule.batch!;
  for (let from = 0; from < events.length; from += size) {
    const message = await messageFor(rule, events.slice(from, from + size), Date.now(), gateway);
    const { signal } = new AbortController();
    const attempt = { at: Date.now(), now: Date.now, signal, secrets: [], env, fetcher: fetch };
    const { error } = await carry(message, attempt);
    if (error !== null) throw new Error(`${address.url}: ${error}`);
  }
  return found;
}

const gateway = { version: "0.1.0", id: null };

/** Events of 500 bytes, whose texts hardly get shorter by compression. */
function sampleEvents(): Event[] {
  const next = bodies("AfterSendMsg", 500);
  return Array.from({ length: sample }, () => {
    const body = next(Date.now()).replace(/x{9,}/, ({ length }) =>
      randomBytes(length).toString("base64").slice(0, length),
    );
    return eventWith({ id: newEventId(0, Date.now(), randomBytes(12)), body });
  });
}
