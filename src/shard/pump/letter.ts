/** A letter of a mailbox. */
import type { Outcome } from "../../delivery/outcome.ts";
import type { Entry } from "../journal/segment.ts";
import type { Job } from "./job.ts";

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

/** Null: it has none, or is a test. */
export function conversationOf({ job, entry }: Letter): string | null {
  return job === null ? null : entry.event.conversation;
}
