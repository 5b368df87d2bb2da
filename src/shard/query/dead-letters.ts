/** Deliveries that were given up, as the API lists them. */
import type { Journal } from "../journal/journal.ts";
import { positionAt } from "../journal/position.ts";
import { type Attempt, reasonIn, unpackAttempts } from "../pump/attempts.ts";
import type { DeadLetterKey, Settled, SettledDeliveries } from "../pump/settled.ts";

/** A dead letter and the id of its event; its attempts without the answers. */
export interface DeadLetter extends Omit<Settled, "attempts"> {
  event: string;
  attempts: Attempt[];
  /** Why it was given up without another attempt; null: the last attempt's error says why. */
  reason: string | null;
}

/**
 * Dead letters before one, newest event first: fewer than `limit` only at their end. One whose event cannot be read, in a
 * damaged row, is left out.
 * @param oldest letters of earlier events are past retention, Unix milliseconds
 */
export function deadLetters(
  { journal, settled }: { journal: Journal; settled: SettledDeliveries },
  before: DeadLetterKey,
  destination: string | null,
  limit: number,
  oldest: number,
): DeadLetter[] {
  const found: DeadLetter[] = [];
  let from = before;
  while (found.length < limit) {
    const keys = settled.dead(from, destination, limit - found.length, positionAt(oldest));
    const last = keys.at(-1);
    if (!last) break;
    for (const key of keys) {
      const entry = journal.at(key.position);
      const letter = settled.find(key);
      if (!entry || !letter) continue;
      const attempts = unpackAttempts(letter.attempts).map((attempt) => ({ ...attempt, response: null }));
      found.push({ ...letter, attempts, reason: reasonIn(letter.attempts), event: entry.event.id });
    }
    from = last;
  }
  return found;
}
