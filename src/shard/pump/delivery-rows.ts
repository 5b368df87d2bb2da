/** The deliveries of one destination that have a row: in the retry list, or settled. */
import type { PackedAttempts } from "./attempts.ts";
import type { RetryList } from "./retry-list.ts";
import type { SettledDeliveries } from "./settled.ts";

export class DeliveryRows {
  readonly #destination: string;
  readonly #retries: RetryList;
  readonly #settled: SettledDeliveries;

  constructor(
    destination: string,
    { retries, settled }: { readonly retries: RetryList; readonly settled: SettledDeliveries },
  ) {
    this.#destination = destination;
    this.#retries = retries;
    this.#settled = settled;
  }

  has(position: number): boolean {
    return this.isListed(position) || this.#settled.has({ position, destination: this.#destination });
  }

  /** Whether the retry list holds the delivery. */
  isListed(position: number): boolean {
    return this.#retries.rows.has(this.#destination, position);
  }

  /** The rows from a position on, of all destinations together: a start must not look far back. */
  from(position: number): { position: number; dead: boolean }[] {
    const listed = this.#retries.rows.positionsFrom(this.#destination, position);
    return [
      ...listed.map((position) => ({ position, dead: false })),
      ...this.#settled
        .from(this.#destination, position)
        .map(({ position, state }) => ({ position, dead: state === "dead" })),
    ];
  }

  /** Takes a delivery out of the retry list; null: it is not there. */
  take(position: number): PackedAttempts | null {
    return this.#retries.take(this.#destination, position);
  }

  /** Files a delivery that was given up. */
  giveUp(position: number, attempts: PackedAttempts, at: number): void {
    this.#settled.add({ position, destination: this.#destination, state: "dead", at, attempts });
  }
}
