/** One answer for all requests that ask at the same time, or soon after. */

interface Look<Answer> {
  /** When the look began; once it has ended, when it ended. Unix milliseconds. */
  at: number;
  ended: boolean;
  answer: Promise<Answer>;
}

export class Shared<Answer> {
  readonly #now: () => number;
  readonly #freshFor: number;
  readonly #waitedFor: number;
  #last: Look<Answer> | null = null;

  /**
   * @param freshFor how long an answer holds, milliseconds
   * @param waitedFor how long a request waits for a look that another request began, milliseconds. That request may be
   * gone.
   */
  constructor(now: () => number, freshFor: number, waitedFor: number) {
    this.#now = now;
    this.#freshFor = freshFor;
    this.#waitedFor = waitedFor;
  }

  /** The last answer, the one under way, or a new one of `look`. A failure is shared, but not kept. */
  ask(look: () => Promise<Answer>): Promise<Answer> {
    const now = this.#now();
    const last = this.#last;
    // After a clock was set back, the last look lies in the future.
    if (last && now >= last.at && now < last.at + (last.ended ? this.#freshFor : this.#waitedFor))
      return last.answer;
    const mine: Look<Answer> = { at: now, ended: false, answer: look() };
    this.#last = mine;
    mine.answer.then(
      () => Object.assign(mine, { at: this.#now(), ended: true }),
      () => {
        if (this.#last === mine) this.#last = null;
      },
    );
    return mine.answer;
  }
}
