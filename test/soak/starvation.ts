/**
 * How long the operating system has kept the runtime waiting for a processor. On a machine that other programs keep
 * busy, an answer is late by that, and the gateway could not help it.
 */
import type { Span } from "./answers.ts";
import type { Gateway } from "./gateway.ts";

const everyMs = 100;

export interface Starvation {
  /** Milliseconds within a span; null where the operating system does not tell. */
  within(span: Span): number | null;
}

export function watchStarvation(gateway: Gateway, ending: AbortSignal): Starvation {
  /** Milliseconds waited up to a time, which is Unix milliseconds. */
  const samples: { at: number; waited: number }[] = [];
  let told = false;
  const take = () => {
    const waited = gateway.starved();
    told ||= waited !== null;
    samples.push({ at: Date.now(), waited: waited ?? samples.at(-1)?.waited ?? 0 });
  };
  take();
  const timer = setInterval(take, everyMs);
  ending.addEventListener("abort", () => clearInterval(timer));
  return {
    within({ from, until }) {
      if (!told) return null;
      // The samples around the span: of its first and last tenth of a second, all may have been waited.
      const before = samples.findLast(({ at }) => at <= from) ?? samples[0]!;
      const after = samples.find(({ at }) => at >= until) ?? samples.at(-1)!;
      return after.waited - before.waited;
    },
  };
}
