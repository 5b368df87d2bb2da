/** The history of a destination's deliveries: the numbers and the last answers that its report shows. */
import type { Outcome } from "../../delivery/outcome.ts";
import type { DestinationDetails } from "../journal/progress-record.ts";

export class DeliveryHistory {
  #lastSuccessAt: number | undefined;
  #lastError: string | undefined;
  #expired: number;
  #delivered: number;
  #failed: number;

  constructor({ lastSuccessAt, lastError, expired = 0, delivered = 0, failed = 0 }: DestinationDetails) {
    this.#lastSuccessAt = lastSuccessAt;
    this.#lastError = lastError;
    this.#expired = expired;
    this.#delivered = delivered;
    this.#failed = failed;
  }

  /** An attempt has delivered so many events. */
  delivered(events: number, { at, ms }: Outcome): void {
    this.#delivered += events;
    this.#lastSuccessAt = at + ms;
    this.#lastError = undefined;
  }

  /** An attempt has failed. */
  failed({ error }: Outcome): void {
    this.#failed++;
    this.#lastError = error ?? undefined;
  }

  /** Retention took so many events before they were delivered; negative: they were delivered after all. */
  addExpired(events: number): void {
    this.#expired += events;
  }

  get details(): DestinationDetails {
    return {
      ...(this.#lastSuccessAt === undefined ? {} : { lastSuccessAt: this.#lastSuccessAt }),
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
      ...(this.#expired === 0 ? {} : { expired: this.#expired }),
      delivered: this.#delivered,
      failed: this.#failed,
    };
  }
}
