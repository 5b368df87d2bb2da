/** How many events a second a shard receives. Receiving goes first: other work rests while there are many. */
import type { Clock } from "./clock.ts";
import type { Counters } from "./meter.ts";

/** How long a measured rate is good for. Milliseconds. */
const goodForMs = 5_000;

export class ReceivingRate {
  readonly #meter: { readonly counters: Counters };
  readonly #clock: Pick<Clock, "now">;
  readonly #measuredMs: number;
  #since = { at: 0, received: 0 };
  #perSecond = 0;

  /** @param measuredMs the time over which it is measured */
  constructor(meter: { readonly counters: Counters }, clock: Pick<Clock, "now">, measuredMs: number) {
    this.#meter = meter;
    this.#clock = clock;
    this.#measuredMs = measuredMs;
  }

  /** 0: it is not known, because it was asked for too long ago. */
  get perSecond(): number {
    const now = this.#clock.now();
    const { received = 0 } = this.#meter.counters;
    const ms = now - this.#since.at;
    if (ms >= 0 && ms < this.#measuredMs) return this.#perSecond;
    const isKnown = ms > 0 && ms <= goodForMs;
    this.#perSecond = isKnown ? ((received - this.#since.received) / ms) * 1_000 : 0;
    this.#since = { at: now, received };
    return this.#perSecond;
  }
}
