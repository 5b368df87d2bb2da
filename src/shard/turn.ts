/** Turns: how much an object does before it lets others in, counted in events, for a clock stands still meanwhile. */

export interface Turn {
  /** Events that may still be looked at. */
  left: number;
}

/** Some ten milliseconds of reading and matching. */
const eventsATurn = 1_000;

export function newTurn(events = eventsATurn): Turn {
  return { left: events };
}
