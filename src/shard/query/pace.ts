/** The pace of an export: receiving goes first. An idle shard exports as fast as it can. */
import type { Clock } from "../clock.ts";
import type { Counters } from "../meter.ts";
import { ReceivingRate } from "../receiving-rate.ts";
import { endTurn } from "../turn.ts";

/** Events a second that a shard receives beside an export at full pace. */
const besides = 500;

/** The rest after a page: so long for each further event a second, and at most. Milliseconds. */
const restMs = 0.4;
const longestRestMs = 1_000;

/** How long the rate of receiving is measured. Milliseconds. */
const measuredMs = 100;

export class Pace {
  readonly #receiving: ReceivingRate;
  readonly #clock: Clock;

  constructor(meter: { readonly counters: Counters }, clock: Clock) {
    this.#receiving = new ReceivingRate(meter, clock, measuredMs);
    this.#clock = clock;
  }

  /** Ends the turn; resolves later, the more events are received. */
  async giveWay(): Promise<void> {
    const beyond = Math.max(0, this.#receiving.perSecond - besides);
    if (beyond === 0) await endTurn(this.#clock);
    else
      await new Promise<void>((resolve) =>
        this.#clock.after(Math.min(longestRestMs, beyond * restMs), resolve),
      );
  }
}
