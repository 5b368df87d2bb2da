/** The pace of an export: receiving goes first. An idle shard exports as fast as it can. */
import type { Clock } from "../clock.ts";
import type { Counters } from "../meter.ts";
import { endTurn } from "../turn.ts";

/** Events a second that a shard receives beside an export at full pace. */
const besides = 500;

/** The rest after a page: so long for each further event a second, and at most. Milliseconds. */
const restMs = 0.4;
const longestRestMs = 1_000;

/** How long the rate of receiving is measured, and how long it is good for. Milliseconds. */
const measuredMs = 100;
const goodForMs = 5_000;

export class Pace {
  readonly #meter: { readonly counters: Counters };
  readonly #clock: Clock;
  #since = { at: 0, received: 0 };
  #restMs = 0;

  constructor(meter: { readonly counters: Counters }, clock: Clock) {
    this.#meter = meter;
    this.#clock = clock;
  }

  /** Ends the turn; resolves later, the more events are received. */
  async giveWay(): Promise<void> {
    this.#measure();
    if (this.#restMs === 0) await endTurn(this.#clock);
    else await new Promise<void>((resolve) => this.#clock.after(this.#restMs, resolve));
  }

  #measure(): void {
    const now = this.#clock.now();
    const { received = 0 } = this.#meter.counters;
    const ms = now - this.#since.at;
    if (ms >= 0 && ms < measuredMs) return;
    const perSecond = ((received - this.#since.received) / ms) * 1_000;
    const isKnown = ms > 0 && ms <= goodForMs;
    this.#restMs = isKnown ? Math.min(longestRestMs, Math.max(0, perSecond - besides) * restMs) : 0;
    this.#since = { at: now, received };
  }
}
