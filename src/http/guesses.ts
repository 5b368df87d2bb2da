/**
 * Counts wrong tokens by the network that sends them, in memory alone: a guess costs no row. A right token is accepted
 * at any time: a guesser locks out no caller of the same network.
 */

/** Wrong tokens of a network within a minute that are answered 401; further ones are answered 429. */
const allowed = 20;

const minuteMs = 60_000;

/** Networks that are remembered, about 100 KB. The one whose minute began first is forgotten for a new one. */
const mostNetworks = 1_000;

export class Guesses {
  readonly #minutes = new Map<string, { endsAt: number; wrong: number }>();

  /**
   * Counts one wrong token.
   * @param now Unix milliseconds
   * @returns `waitMs`: until its minute ends, if there were too many; else 0. `first`: whether it is the first that is too many
   */
  note(network: string, now: number): { waitMs: number; first: boolean } {
    let minute = this.#minutes.get(network);
    // A minute that seems to end later than in a minute began before the clock was set back.
    if (minute === undefined || now >= minute.endsAt || now < minute.endsAt - minuteMs) {
      minute = { endsAt: now + minuteMs, wrong: 0 };
      this.#begin(network, minute);
    }
    minute.wrong++;
    return { waitMs: minute.wrong > allowed ? minute.endsAt - now : 0, first: minute.wrong === allowed + 1 };
  }

  #begin(network: string, minute: { endsAt: number; wrong: number }): void {
    this.#minutes.delete(network);
    const [oldest] = this.#minutes.keys();
    if (this.#minutes.size >= mostNetworks) this.#minutes.delete(oldest!);
    this.#minutes.set(network, minute);
  }
}
