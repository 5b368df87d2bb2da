/** The events that one poll has got. */

/** The events that a token names as handed out: a poll that carries it has them. */
export interface Receipt {
  /** When they were handed out, by the clock of the shard. Unix milliseconds. */
  at: number;
  /** Their keys in the mailbox. */
  keys: readonly number[];
}

export interface HandedOut extends Receipt {
  /** The envelopes of the events. */
  events: readonly string[];
}
