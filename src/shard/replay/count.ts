/** Counts the events of a replay exactly, before it is ordered. */
import type { ForwardRule } from "../../rule/rule.ts";
import type { Clock } from "../clock.ts";
import type { ClockSkew } from "../cluster/clock-skew.ts";
import type { Journal } from "../journal/journal.ts";
import { positionAt } from "../journal/position.ts";
import type { SettledDeliveries } from "../pump/settled.ts";
import { Turns } from "../turn.ts";
import { fitsReplay, type ReplayFilter, type ReplayPart } from "./order.ts";

export interface CountedTables {
  readonly journal: Journal;
  readonly settled: SettledDeliveries;
  readonly clockSkew: ClockSkew;
}

/**
 * This shard's part of a replay.
 * @param rule of the destination
 */
export async function countReplay(
  filter: ReplayFilter,
  rule: ForwardRule,
  { journal, settled, clockSkew }: CountedTables,
  clock: Pick<Clock, "after">,
): Promise<ReplayPart> {
  const fits = fitsReplay(filter, rule, settled);
  const first = Math.max(0, positionAt(filter.since - clockSkew.ms));
  const last = Math.min(journal.end, positionAt(filter.until + clockSkew.ms));
  let matched = 0;
  const turns = new Turns(clock);
  for (let at = first; at < last; ) {
    const { entries, index, next } = journal.read(at);
    const looked = entries.slice(index).filter(({ position }) => position < last);
    matched += looked.filter(fits).length;
    at = Math.max(next, at + 1);
    await turns.looked(looked);
  }
  return { matched, first, last };
}
