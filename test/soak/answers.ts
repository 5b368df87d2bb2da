/** Which answers are faults: while the gateway restarts there may be none, and while a backend fails no real verdict. */
import type { Problems } from "./books.ts";
import type { Down } from "./gateway.ts";
import { patienceMs } from "./patience.ts";
import type { ReadFailure } from "./reader.ts";
import type { Finding } from "./sender.ts";
import type { Starvation } from "./starvation.ts";

/** A time, Unix milliseconds. */
export interface Span {
  from: number;
  until: number;
}

/** A breaker that has opened probes every 5 s; until a probe succeeds it answers `otherwise`. Milliseconds. */
const recoversWithinMs = 8_000;

/**
 * Files each answer that no restart and no failing backend excuses. Returns two numbers that a busy machine causes:
 * verdicts that were the rule's `otherwise` although its backend was well; and answers that were late only because the
 * runtime waited for a processor.
 * @param failing the times in which the backend failed
 */
export function judgeAnswers(
  findings: readonly Finding[],
  downs: readonly Down[],
  failing: readonly Span[],
  starvation: Starvation,
  problems: Problems,
): { calmSpare: number; starvedLate: number } {
  const excused = failing.map(({ from, until }) => ({ from, until: until + recoversWithinMs }));
  let [calmSpare, starvedLate] = [0, 0];
  for (const { number, sentAt, endedAt, ms, problem } of findings) {
    const span = { from: sentAt, until: endedAt };
    if (problem.startsWith("spare verdict")) {
      if (!overlaps(span, excused) && !overlaps(span, downs)) calmSpare++;
      continue;
    }
    if (problem === "late") {
      const starved = starvation.within(span);
      if (starved === null || ms - starved <= patienceMs) {
        if (!overlaps(span, downs)) starvedLate++;
        continue;
      }
    }
    const mayBeMissing = /^(unanswered|late|the answer broke off)/.test(problem);
    if (mayBeMissing && overlaps(span, downs)) continue;
    problems.add(
      `an answer is not as it should be: ${problem.split(":")[0]}`,
      `s${number}, from ${time(sentAt)} to ${time(endedAt)}, after ${Math.round(ms)} ms: ${problem}`,
    );
  }
  return { calmSpare, starvedLate };
}

export function judgeReads(
  failures: readonly ReadFailure[],
  downs: readonly Down[],
  problems: Problems,
): void {
  for (const failure of failures)
    if (!overlaps(failure, downs))
      problems.add(
        "the API failed",
        `from ${time(failure.from)} to ${time(failure.until)}: ${failure.problem}`,
      );
}

function overlaps(span: Span, others: readonly Span[]): boolean {
  return others.some(({ from, until }) => span.from <= until && span.until >= from);
}

function time(at: number): string {
  return new Date(at).toISOString().slice(11, 23);
}
