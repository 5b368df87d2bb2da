/** Counts the events of a replay exactly, before it is ordered. */
import type { ForwardRule } from "../../rule/rule.ts";
import type { Clock } from "../clock.ts";
import type { ClockSkew } from "../cluster/clock-skew.ts";
import type { Journal } from "../journal/journal.ts";
import { positionAt } from "../journal/position.ts";
import type { SettledDeliveries } from "../pump/settled.ts";
import { endTurn, newTurn } from "../turn.ts";
import { fitsReplay, type ReplayFilter, type ReplayPart } from "./order.ts";

export interface CountedTables {
  readonly journal: Journal;
  readonly settled: SettledDeliveries;
  readonly clockSkew: ClockSkew;
}

/**
 * This shard's part of a replay.
 * @param rule of the destination
 * @param oldest earlier events are past retention, Unix milliseconds
 */
export async function countReplay(
  filter: ReplayFilter,
  rule: ForwardRule,
  { journal, settled, clockSkew }: CountedTables,
  oldest: number,
  clock: Pick<Clock, "after">,
): Promise<ReplayPart> {
  const fits = fitsReplay(filter, rule, settled);
  const first = Math.max(0, positionAt(Math.max(filter.since, oldest) - clockSkew.ms));
  const last = Math.min(journal.end, positionAt(filter.until + clockSkew.ms));
  let matched = 0;
  let turn = newTurn();
  for (let at = first; at < last; ) {
    const { entries, index, next } = journal.read(at);
    for (let one = index; one < entries.length && entries[one]!.position < last; one++) {
      turn.left--;
      if (fits(entries[one]!)) matched++;
    }
    at = Math.max(next, at + 1);
    if (turn.left > 0) continue;
    await endTurn(clock);
    turn = newTurn();
  }
  return { matched, first, last };
}
