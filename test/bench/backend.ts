/**
 * A backend on this machine, in a process of its own: takes what is forwarded, is asked for verdicts.
 *
 *     POST /events   200, and notes how old the event was
 *     POST /after/50 the same, after 50 ms
 *     POST /verdict  lets the message go on
 *     POST /hang     is never answered
 *     GET /          {"events": 3, "verdicts": 0, "hanging": 0, "p50": 2, "p99": 7}; forgets everything
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { madeAt } from "./callbacks.ts";
import { quantile } from "./sample.ts";

export interface Seen {
  events: number;
  verdicts: number;
  hanging: number;
  /** From an event's making to its answer here, milliseconds. */
  p50: number | null;
  p99: number | null;
}

const none = () => ({ ages: [] as number[], verdicts: 0, hanging: 0 });
let seen = none();

const server = createServer(async (request, response) => {
  if (request.method === "GET") {
    const { ages, verdicts, hanging } = seen;
    seen = none();
    const answer: Seen = {
      events: ages.length,
      verdicts,
      hanging,
      p50: quantile(ages, 0.5),
      p99: quantile(ages, 0.99),
    };
    response.end(JSON.stringify(answer));
    return;
  }
  const body = await text(request);
  const [path] = request.url!.split("?");
  if (path === "/hang") {
    seen.hanging++;
    return;
  }
  if (path === "/verdict") {
    seen.verdicts++;
    response.setHeader("content-type", "application/json");
    response.end('{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}');
    return;
  }
  const [, waitMs] = /^\/after\/(\d+)$/.exec(path!) ?? [];
  if (waitMs !== undefined) await sleep(Number(waitMs));
  seen.ages.push(Date.now() - madeAt(body));
  response.end();
});
server.listen(0, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
