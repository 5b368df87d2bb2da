/**
 * Turns: how much an object does before other calls are served. A turn is counted in events, because the clock of a
 * Worker stands still while it computes: https://developers.cloudflare.com/workers/reference/security-model/
 *
 * An event with a long body counts as several.
 */
import type { Event } from "../callback/event.ts";
import type { Clock } from "./clock.ts";

export interface Turn {
  /** Events that may still be looked at. */
  left: number;
}

/** Reading and matching so many events takes some ten milliseconds. */
const eventsPerTurn = 1_000;

/** A longer body takes as long as several events. Characters. */
const charactersAnEvent = 2_000;

export function newTurn(events = eventsPerTurn): Turn {
  return { left: events };
}

/** As how many events an event counts in a turn. */
export function costOf({ body }: Pick<Event, "body">): number {
  return 1 + Math.floor(body.length / charactersAnEvent);
}

/** The turns of a task that looks at many events. */
export class Turns {
  readonly #clock: Pick<Clock, "after">;
  #turn = newTurn();

  constructor(clock: Pick<Clock, "after">) {
    this.#clock = clock;
  }

  /** Events were looked at: if they were enough, the turn ends. */
  async looked(entries: readonly { readonly event: Pick<Event, "body"> }[]): Promise<void> {
    for (const { event } of entries) this.#turn.left -= costOf(event);
    if (this.#turn.left > 0) return;
    await endTurn(this.#clock);
    this.#turn = newTurn();
  }
}

/** Ends the turn: calls and answers that arrived meanwhile are handled first. */
export function endTurn(clock: Pick<Clock, "after">): Promise<void> {
  return new Promise((resolve) => {
    clock.after(0, resolve);
  });
}
