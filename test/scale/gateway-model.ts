/** A gateway of many shards in simulated time: how busy they are, how late, and what it costs. */
import { keys } from "../../src/rule/keys.ts";
import { billOfMonth, costOfMillion, type Usage } from "../bench/prices.ts";
import { Chance } from "../support/chance.ts";
import type { Counted } from "./count.ts";
import { runShard, type Times } from "./shard-model.ts";
import { arrivals, shardRates } from "./traffic.ts";

export interface Scenario {
  /** Events. */
  perSecond: number;
  shards: number;
  /** 7 unless given. */
  retentionDays?: number;
}

export interface Simulated extends Scenario {
  /** Events a second of the busiest shard. */
  busiest: number;
  /** Shares of the time in which threads worked: of all shards, and of the busiest. */
  busy: number;
  mostBusy: number;
  /** Milliseconds from a callback to its answer. */
  answer: { p50: number; p99: number };
  /** Milliseconds from a callback to the end of its delivery. */
  delivered: { p50: number; p99: number };
  /** Events a second by which the queues grow: of callbacks without answer, and of deliveries. */
  growing: { answers: number; deliveries: number };
  /** Of an event. */
  rows: number;
  /** Of a million further events, and of a month on the paid plan. */
  dollars: { million: number; month: number };
}

/** Assumed, because no documentation names them: the platform's own times, and a destination's. Milliseconds. */
export const assumed = { confirm: 10, roundTrip: 10, answer: 50 };

export const conversations = 20_000;

/** The largest `concurrency` that a rule may have: the busiest destinations need it. */
export const mostConcurrency = Number(keys.concurrency.schema.maximum);

/** A queue grows if, at the end, more wait than these, and than come in this time. Milliseconds. */
const leastBacklog = 20;
const growsBeyondMs = 250;

/**
 * The object's part of the processor time is not known by itself. Here it does all that the gateway does beyond an empty
 * answer, although reading a callback and most posts are the work of other threads.
 */
export function timesOf({ cpuMs: { bare, none, one } }: Counted): Times {
  return { append: none - bare, post: one - none, ...assumed };
}

export function simulate(scenario: Scenario, counted: Counted, seconds: number, seed = 1): Simulated {
  const { perSecond, shards } = scenario;
  const setup = { times: timesOf(counted), shards, destinations: 1, concurrency: mostConcurrency };
  const chance = new Chance(seed);
  const rates = shardRates({ perSecond, conversations }, shards);
  const runs = [...rates].map((rate) => {
    const times = arrivals(rate, seconds, chance);
    return { events: times.length, ...runShard(times, seconds, setup) };
  });
  const kept = sum(runs.map(({ answers }) => answers.length));
  const rows = sum(runs.map((run) => run.rows)) / kept;
  const usage = usageOf(scenario, rows, counted);
  const growing = (ended: "answers" | "deliveries") =>
    sum(runs.map((run) => growth(run.events, run[ended].length, seconds)));
  return {
    ...scenario,
    busiest: Math.max(...rates),
    busy: sum(runs.map(({ busy }) => busy)) / shards,
    mostBusy: Math.max(...runs.map(({ busy }) => busy)),
    answer: spreadOf(runs.flatMap(({ answers }) => answers)),
    delivered: spreadOf(runs.flatMap(({ deliveries }) => deliveries)),
    growing: { answers: growing("answers"), deliveries: growing("deliveries") },
    rows,
    dollars: {
      million: sum(costOfMillion(usage).map(({ dollars }) => dollars)),
      month: billOfMonth(usage, perSecond),
    },
  };
}

/** The counted usage at the nearest rate a shard, with these rows, and with objects that are always in memory. */
function usageOf(
  { perSecond, shards, retentionDays = 7 }: Scenario,
  rowsWritten: number,
  { usage }: Counted,
): Usage {
  const ofShard = perSecond / shards;
  const apart = (rate: number) => Math.abs(Math.log(rate / ofShard));
  const nearest = usage.reduce((best, one) => (apart(one.perSecond) < apart(best.perSecond) ? one : best));
  return { ...nearest.usage, rowsWritten, objectSeconds: shards / perSecond, retentionDays };
}

function spreadOf(ms: readonly number[]): { p50: number; p99: number } {
  const sorted = Float64Array.from(ms).sort();
  const at = (share: number) => sorted[Math.floor(share * sorted.length)] ?? Number.POSITIVE_INFINITY;
  return { p50: at(0.5), p99: at(0.99) };
}

/** Of a shard, events a second; 0: those that wait at the end are no more than usual. */
function growth(events: number, ended: number, seconds: number): number {
  const perSecond = events / seconds;
  const waiting = events - ended;
  return waiting > leastBacklog + (perSecond * growsBeyondMs) / 1_000 ? waiting / seconds : 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
