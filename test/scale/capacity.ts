/** How far a shard goes, and how many a gateway needs. */
import * as v from "valibot";
import { settings } from "../../src/settings.ts";
import { fullBytes } from "../../src/shard/retention.ts";
import { usageOfRate } from "../bench/price-by-rate.ts";
import type { Counted } from "./count.ts";
import { timesOf } from "./gateway-model.ts";
import { limits } from "./limits.ts";

/** The share of a limit that is planned with: traffic has peaks. */
const plannedShare = 0.5;

const daySeconds = 86_400;

/** The highest number of shards that the setting takes. */
export const mostShards = largest((shards) => v.is(settings.SHARDS.schema(), shards));

/** Bytes of an event, progress records included. */
export function bytesOf({ usage }: Counted): number {
  return usageOfRate(usage, 50).bytes;
}

/** Events a second that a shard's thread has time for, at most. */
export function threadRate(counted: Counted, destinations: number): number {
  const { append, post } = timesOf(counted);
  return 1_000 / (append + destinations * post);
}

/** Events a second to plan with, for a shard with room for all of them. */
export function plannedRate(counted: Counted, destinations: number): number {
  return plannedShare * Math.min(limits.objectRequests.value, threadRate(counted, destinations));
}

/** A day is dropped whole, once its last event is too old: so the storage holds a day more. */
const furtherDays = 1;

/** Events a second, over the whole day, that a shard keeps so long before it drops a day early. */
export function storedRate(counted: Counted, retentionDays: number): number {
  return fullBytes / (bytesOf(counted) * (retentionDays + furtherDays) * daySeconds);
}

/** Events a second, over the whole day, with which the day that is never dropped fills an object. */
export function fillingRate(counted: Counted): number {
  return (limits.objectGb.value * 1e9) / (bytesOf(counted) * daySeconds);
}

/** Bytes that all shards hold at most. */
export function storedBytes(counted: Counted, perSecond: number, retentionDays: number): number {
  return bytesOf(counted) * perSecond * (retentionDays + furtherDays) * daySeconds;
}

/** Shards for a rate with one destination. */
export function shardsFor(counted: Counted, perSecond: number, retentionDays: number): number {
  return Math.ceil(perSecond / Math.min(plannedRate(counted, 1), storedRate(counted, retentionDays)));
}

function largest(fits: (value: number) => boolean): number {
  let most = 1;
  while (fits(most + 1)) most++;
  return most;
}
