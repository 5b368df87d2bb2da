/**
 * Turns: how much an object does before other calls are served. A turn is counted in events, because the clock of a
 * Worker stands still while it computes: https://developers.cloudflare.com/workers/reference/security-model/
 */
import type { Clock } from "./clock.ts";

export interface Turn {
  /** Events that may still be looked at. */
  left: number;
}

/** Reading and matching so many events takes some ten milliseconds. */
const eventsPerTurn = 1_000;

export function newTurn(events = eventsPerTurn): Turn {
  return { left: events };
}

/** Ends the turn: calls and answers that arrived meanwhile are handled first. */
export function endTurn(clock: Pick<Clock, "after">): Promise<void> {
  return new Promise((resolve) => {
    clock.after(0, resolve);
  });
}
