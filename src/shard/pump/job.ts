/** The content of one post, from the choice of its events to the settlement of their deliveries. */
import type { Entry } from "../journal/segment.ts";
import type { Retry } from "./retry-rows.ts";

export interface Job {
  /** When it began, Unix milliseconds. */
  at: number;
  entries: readonly Entry[];
  /** Its entry in the retry list as it stood then; null: this is the first attempt. */
  retry: Retry | null;
  /** The blocked conversation whose next events these are. */
  catchingUp: string | null;
  /** The value of `tim-relay-replay`; null: the job is no replay. */
  replay: string | null;
}

/** The entries of a job at positions. */
export function entriesAt({ entries }: Job, positions: readonly number[]): Entry[] {
  const among = new Set(positions);
  return entries.filter(({ position }) => among.has(position));
}
