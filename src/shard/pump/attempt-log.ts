/** The log's line of an attempt: the post of an event, or of a batch, to a destination. It never holds a url. */
import type { Outcome } from "../../delivery/outcome.ts";
import { attemptedAt } from "../../delivery/schedule.ts";
import { log, samples } from "../../log.ts";
import { LogLimit } from "../../log-limit.ts";
import type { Job } from "./job.ts";
import type { Settlement } from "./settlement.ts";

/** Of this isolate: deliveries a second, and failures a minute. A destination that is down must not fill the log. */
const deliveries = new LogLimit(20, 1_000);
const failures = new LogLimit();

/** @param heldUntil until when a `Retry-After` holds everything back, Unix milliseconds; null: nothing is held */
export function logAttempt(
  destination: string,
  { entries, retry }: Job,
  { status, ms, error, delivered }: Outcome,
  settlement: Settlement,
  heldUntil: number | null,
): void {
  const first = entries[0]?.event;
  if (delivered && first && !samples(first.id)) return;
  const nextAt = settlement.kind === "retry" ? attemptedAt(settlement.due, heldUntil) : null;
  const fields = {
    destination,
    command: first?.command,
    id: first?.id,
    events: entries.length > 1 ? entries.length : undefined,
    result: settlement.kind,
    status: status ?? undefined,
    ms,
    attempt: (retry?.failures ?? 0) + 1,
    error: error ?? undefined,
    nextAt: nextAt === null ? undefined : new Date(nextAt).toISOString(),
  };
  if (delivered) deliveries.write(log.info, "attempt", fields);
  else failures.write(log.warn, "attempt", fields);
}
