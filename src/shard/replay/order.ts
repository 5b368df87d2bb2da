/** A replay as it was ordered: the events that it sends again, and how fast. */
import { parseJson } from "../../rule/json.ts";
import { type Narrowing, readNarrowing } from "../../rule/selection.ts";
import { pathAt } from "../../rule/setting-path.ts";
import type { Entry } from "../journal/segment.ts";
import type { SettledDeliveries } from "../pump/settled.ts";

/** `all`: all events that the rule would forward, delivered or not. */
export const replayChoices = ["quarantined", "dead", "all"] as const;

/** The events of a replay. */
export interface ReplayFilter {
  destination: string;
  /** Of the events' arrival, Unix milliseconds; since inclusive, until exclusive. */
  since: number;
  until: number;
  choice: (typeof replayChoices)[number];
  /** Deliveries that are given up later are left out. Unix milliseconds. */
  orderedAt: number;
  /** JSON of `on` and `match`, which narrow the events of the rule. */
  narrowing: string;
}

/** The part of a replay that one shard has. */
export interface ReplayPart {
  /** Events that fit when the replay was ordered. */
  matched: number;
  /** Positions between which they stand; the last is exclusive. */
  first: number;
  last: number;
}

export interface ReplayOrder extends ReplayFilter {
  /** `rpl_…`: the value of `tim-relay-replay`. */
  id: string;
  /** Unix milliseconds. */
  started: number;
  /** Events a second over all shards. */
  perSecond: number;
}

/** An order as shard 0 hands it to another shard. A cancelled one may be new there, too. */
export type HandedOrder = ReplayOrder & ReplayPart & { cancelled: boolean };

/** @param rule of the destination */
export function fitsReplay(
  { since, until, choice, orderedAt, narrowing, destination }: ReplayFilter,
  rule: { matches(event: Entry["event"]): boolean },
  settled: SettledDeliveries,
): (entry: Entry) => boolean {
  const narrowed = readNarrowing(
    parseJson(narrowing) as Narrowing,
    pathAt("", () => {}),
  );
  return ({ position, event }) => {
    const { receivedAt, quarantined, erased } = event;
    if (erased || receivedAt < since || receivedAt >= until || !narrowed?.matches(event)) return false;
    if (choice === "dead") return settled.isDeadSince({ position, destination }, orderedAt);
    return quarantined === (choice === "quarantined") && rule.matches(event);
  };
}
