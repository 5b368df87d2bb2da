/** A destination that is well, as a process of its own, so that nothing but the gateway delays it. */
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { quantile } from "../bench/sample.ts";
import { listen } from "../support/listen.ts";

/** Of the events that have a label: from received by the gateway to arrived here, milliseconds. */
export interface Delays {
  events: number;
  p50: number | null;
  p99: number | null;
}

const delays = new Map<string, number[]>();

const server = createServer(async (request, response) => {
  const { platform, timestamp } = JSON.parse(await text(request)) as { platform: string; timestamp: string };
  const list = delays.get(platform) ?? [];
  delays.set(platform, list);
  list.push(Date.now() - Date.parse(timestamp));
  response.end();
});

process.on("message", (label: string) => {
  const list = delays.get(label) ?? [];
  const report: Delays = { events: list.length, p50: quantile(list, 0.5), p99: quantile(list, 0.99) };
  process.send!(report);
});

process.send!({ url: await listen(server) });
