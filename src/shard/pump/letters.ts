/** The events that polls have and have not confirmed, and those that a poll may take now. They stand in memory alone. */
import { maxBatchBytes } from "../../delivery/batch.ts";
import type { Outcome } from "../../delivery/outcome.ts";
import type { ForwardRule } from "../../rule/rule.ts";
import type { Clock } from "../clock.ts";
import type { Entry } from "../journal/segment.ts";
import type { Job } from "./job.ts";

/** So many, and no further event is read. */
const mostLetters = 2_000;

/** An event that a poll has taken, or may take. */
export interface Letter {
  /** The position of its event; of a test, a number below zero. */
  readonly key: number;
  entry: Entry;
  /** Null: it is a test. */
  readonly job: Job | null;
  /** When it was first and last handed out, Unix milliseconds; 0: never. */
  firstAt: number;
  lastAt: number;
  /** Hears of a test's end. */
  readonly ended?: (outcome: Outcome) => void;
}

/** A letter that no poll has had yet. @param ended absent: it is a delivery */
export function letterOf(key: number, entry: Entry, job: Job | null, ended?: Letter["ended"]): Letter {
  return { key, entry, job, firstAt: 0, lastAt: 0, ...(ended && { ended }) };
}

/** Null: it has none, or is a test. */
export function conversationOf({ job, entry }: Letter): string | null {
  return job === null ? null : entry.event.conversation;
}

/** The first letters, oldest first: so many, or as many as an answer may hold. */
export function answerOf(letters: readonly Letter[], limit: number): Letter[] {
  const sorted = letters.toSorted((a, b) => a.key - b.key);
  let bytes = 0;
  const end = sorted.findIndex(({ entry }, index) => {
    bytes += entry.event.size;
    return index === limit || (index > 0 && bytes > maxBatchBytes);
  });
  return end === -1 ? sorted : sorted.slice(0, end);
}

export class Letters {
  readonly #rule: Pick<ForwardRule, "order" | "timeoutMs">;
  readonly #clock: Clock;
  readonly #mostCharacters: number;
  readonly #byKey = new Map<number, Letter>();
  #characters = 0;

  /** @param mostCharacters bodies of events that are not confirmed; with more, no further event is read */
  constructor(rule: Pick<ForwardRule, "order" | "timeoutMs">, mostCharacters: number, clock: Clock) {
    this.#rule = rule;
    this.#mostCharacters = mostCharacters;
    this.#clock = clock;
  }

  get isFull(): boolean {
    return this.#byKey.size >= mostLetters || this.#characters >= this.#mostCharacters;
  }

  get(key: number): Letter | undefined {
    return this.#byKey.get(key);
  }

  add(letter: Letter): Letter {
    this.#byKey.set(letter.key, letter);
    this.#characters += letter.entry.event.body.length;
    return letter;
  }

  remove(key: number): void {
    this.#characters -= this.#byKey.get(key)?.entry.event.body.length ?? 0;
    this.#byKey.delete(key);
  }

  /** Letters that no poll has. With an order, a conversation of which a poll has events waits for it. */
  sorted(): { free: Letter[]; taken: ReadonlySet<string | null> } {
    const ordered = this.#rule.order === "conversation";
    const letters = [...this.#byKey.values()];
    const taken = new Set(ordered ? letters.filter((one) => this.#isTaken(one)).map(conversationOf) : []);
    taken.delete(null);
    const free = letters.filter((one) => !this.#isTaken(one) && !taken.has(conversationOf(one)));
    return { free, taken };
  }

  /** When the next one that a poll has is free again; infinity: no poll has one. */
  get nextLapse(): number {
    const ends = [...this.#byKey.values()].map(({ lastAt }) => lastAt + this.#rule.timeoutMs);
    return Math.min(...ends.filter((end) => end > this.#clock.now()));
  }

  /** Whether a poll has the event for the first time, and may still confirm it. */
  isTakenFirst(key: number): boolean {
    const { firstAt = 0 } = this.#byKey.get(key) ?? {};
    return this.#isRunning(firstAt);
  }

  /** Whether a poll has it, and may still confirm it. */
  #isTaken({ lastAt }: Letter): boolean {
    return this.#isRunning(lastAt);
  }

  #isRunning(since: number): boolean {
    return since > 0 && since + this.#rule.timeoutMs > this.#clock.now();
  }

  /** The clock was set back: no poll has an event for longer by that. */
  setBack(ms: number): void {
    for (const letter of this.#byKey.values()) {
      if (letter.lastAt === 0) continue;
      letter.firstAt -= ms;
      letter.lastAt -= ms;
    }
  }
}

/** Bytes of these letters' bodies. */
export function bytesOf(letters: readonly Letter[]): number {
  return letters.reduce((sum, { entry }) => sum + entry.event.size, 0);
}
