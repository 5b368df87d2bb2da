/**
 * Counters of single rules: how their verdicts came about, and how long these or their deliveries took. Their number is
 * bounded by the names of the settings: a start of the shard forgets the counters of other names.
 */
import type { counters } from "../counters.ts";
import { positionAt } from "./journal/position.ts";
import type { PlacedProgress } from "./journal/segment-table.ts";
import type { Counters } from "./meter.ts";

const prefixes = ["ruled:", "took:"] satisfies (keyof typeof counters)[];

const hourMs = 3_600_000;

export interface RuleCounters {
  /** Since there is a rule of the name. */
  ever: Counters;
  /** In the last hour. */
  hour: Counters;
}

/** @param counters as of now */
export function ruleCounters(
  counters: Counters,
  journal: { progressBefore(position: number): PlacedProgress | null },
  now: number,
): RuleCounters {
  const earlier = journal.progressBefore(positionAt(now - hourMs))?.progress.counters ?? {};
  const ever: Counters = {};
  const hour: Counters = {};
  for (const [name, sum] of Object.entries(counters)) {
    if (ruleOf(name) === null) continue;
    ever[name] = sum;
    // A rule that was gone meanwhile is counted from 0 again.
    const before = earlier[name] ?? 0;
    hour[name] = before > sum ? sum : sum - before;
  }
  return { ever, hour };
}

/** The counters without the ones of rules that are named no more. */
export function withoutOldRules(counters: Counters, isNamed: (rule: string) => boolean): Counters {
  return Object.fromEntries(
    Object.entries(counters).filter(([name]) => {
      const rule = ruleOf(name);
      return rule === null || isNamed(rule);
    }),
  );
}

/** The rule that a counter is about; null: it is about all. */
function ruleOf(name: string): string | null {
  if (!prefixes.some((prefix) => name.startsWith(prefix))) return null;
  return name.split(":")[1] ?? null;
}
