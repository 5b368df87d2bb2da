/** Callbacks as chats send them: at random times, most of them about few conversations. */
import { shardOf } from "../../src/shard/cluster/shards.ts";
import type { Chance } from "../support/chance.ts";
import { limits } from "./limits.ts";

export interface Traffic {
  /** Events a second, over all conversations. */
  perSecond: number;
  /** The busiest has rank 1. By Zipf's law the n-th has an n-th of its events, as far as Tencent takes them. */
  conversations: number;
}

/** How many events a second each conversation has, the busiest first. */
export function ratesOf({ perSecond, conversations }: Traffic): Float64Array {
  const most = limits.groupMessages.value;
  const rates = new Float64Array(conversations);
  if (perSecond > most * conversations) throw new Error("more events than the conversations may have");
  // Those at the limit leave their excess to the others: the first has so many events that the sum is right.
  let [low, high] = [0, perSecond * conversations];
  for (let step = 0; step < 50; step++) {
    const first = (low + high) / 2;
    let sum = 0;
    for (let index = 0; index < conversations; index++) {
      const rate = Math.min(most, first / (index + 1));
      rates[index] = rate;
      sum += rate;
    }
    if (sum < perSecond) low = first;
    else high = first;
  }
  return rates;
}

/** Groups and their shards, as the gateway chooses them. */
export function shardsOf(conversations: number, shards: number): Uint16Array {
  return Uint16Array.from({ length: conversations }, (_, index) =>
    shardOf(
      JSON.stringify(["1400000000", `group:@TGS#${(index * 7_919).toString(36).toUpperCase()}`]),
      shards,
    ),
  );
}

/** Events a second of each shard, on average. */
export function shardRates(traffic: Traffic, shards: number): Float64Array {
  const rates = ratesOf(traffic);
  const shardOfEach = shardsOf(traffic.conversations, shards);
  const all = new Float64Array(shards);
  for (const [index, rate] of rates.entries()) all[shardOfEach[index]!]! += rate;
  return all;
}

/** The times at which a shard's events come, milliseconds from 0 on. */
export function arrivals(perSecond: number, seconds: number, chance: Chance): number[] {
  const times: number[] = [];
  for (let at = 0; ; ) {
    at += (-Math.log(1 - chance.next()) * 1_000) / perSecond;
    if (at >= seconds * 1_000) return times;
    times.push(at);
  }
}
