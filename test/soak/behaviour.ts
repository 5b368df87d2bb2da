/** The ways in which the destinations of a soak fail. */
import type { ServerResponse } from "node:http";
import { Chance } from "../support/chance.ts";
import { type DestinationName, destinationNames } from "./rules.ts";

/** The ways in which a destination behaves. A backend knows `well`, `down`, `late`, `unreadable` and `failing`. */
export type Mode =
  | { kind: "well" | "down" | "reset" | "hanging" | "gone" | "late" | "unreadable" }
  | { kind: "failing"; status: number }
  | { kind: "slow"; ms: number }
  | { kind: "rate limited"; seconds: number };

/** Of so many events one fails singly; of batches fewer, as each fails all its events. */
const failsSingly = { event: 100, batch: 1_000 };

/** Singly failing events that fail until all is healed, however often they are sent; the others fail once or twice. */
const stubborn = 0.1;

/** How often an event fails singly at a destination. Infinity: until all is healed. */
export function failuresOf(name: DestinationName, number: number, batched: boolean): number {
  if (name === "steady") return 0;
  const chance = new Chance(Math.imul(number, 31) + destinationNames.indexOf(name) * 7_919);
  if (!chance.happens(1 / (batched ? failsSingly.batch : failsSingly.event))) return 0;
  return chance.happens(stubborn) ? Number.POSITIVE_INFINITY : chance.between(1, 2);
}

/** Answers a request otherwise than with 200, or not at all. */
export function fail(mode: Mode, status: number, response: ServerResponse): void {
  switch (mode.kind) {
    case "reset":
      response.socket?.resetAndDestroy();
      return;
    case "hanging":
      return;
    case "gone":
      response.writeHead(410).end();
      return;
    case "failing":
      response
        .writeHead(mode.status, mode.status === 302 ? { location: "https://example.com/" } : {})
        .end("no");
      return;
    case "rate limited":
      response.writeHead(429, { "retry-after": String(mode.seconds) }).end();
      return;
    default:
      response.writeHead(status).end("not this one");
  }
}
