/**
 * The highest rate that default settings sustain: every event is accepted, and 99 % of them are delivered within a
 * second, from the first event on.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { atRate } from "./delivery.ts";
import type { Measured } from "./part.ts";
import { highestHeld } from "./rate-search.ts";
import { sampleOf } from "./sample.ts";
import { type Bench, destination, startGateway } from "./servers.ts";

/** The time of an answer, and the events a second with which the search begins. */
const paces = [
  { answerMs: 0, perSecond: 500 },
  { answerMs: 50, perSecond: 500 },
  { answerMs: 300, perSecond: 100 },
] as const;

const mostLagMs = 1_000;

interface Trial {
  perSecond: number;
  isHeld: boolean;
  /** Of the events delivered by the end, milliseconds. */
  p99: number;
}

export async function sustained(bench: Bench): Promise<Measured> {
  const held = new Map<number, number>();
  const rows: string[][] = [];
  for (const { answerMs, perSecond } of paces) {
    const trials: Trial[] = [];
    const rate = await highestHeld(
      perSecond,
      async (rate) => {
        const tried = await trial(answerMs, rate, bench);
        trials.push(tried);
        return tried.isHeld;
      },
      bench.plan.sustained,
    );
    held.set(answerMs, rate);
    const best = trials.find((one) => one.perSecond === rate);
    rows.push([
      `${answerMs} ms`,
      String(rate),
      best ? `${best.p99} ms` : "",
      trials.map(described).join(", "),
    ]);
  }
  return {
    numbers: {
      keepsUp50PerSecond: sampleOf([held.get(50)!]),
      keepsUp300PerSecond: sampleOf([held.get(300)!]),
    },
    sentences: [],
    tables: [
      {
        title: "Sustained rate",
        text:
          `By the time of the destination's answer: the highest rate at which all events are accepted and 99 % are delivered within ` +
          `1 s, at default settings and from the first event on; trials of ${bench.plan.sustained.seconds} s.`,
        head: ["destination", "events/s", "lag, p99", "trials, each with its lag"],
        rows,
      },
    ],
  };
}

function described({ perSecond, isHeld, p99 }: Trial): string {
  return `${perSecond}/s ${isHeld ? "" : "missed "}(${p99} ms)`;
}

async function trial(
  answerMs: number,
  perSecond: number,
  { product, backend, sender, plan, say }: Bench,
): Promise<Trial> {
  say(`delivering ${perSecond} events/s to a destination that takes ${answerMs} ms`);
  const url = `${backend.url}after/${answerMs}`;
  const gateway = await startGateway(product, { rules: [{ ...destination("d0", backend), url }] });
  await backend.seen();
  const { accepted, failed } = await atRate(sender, gateway, perSecond, plan.sustained.seconds, true);
  // What is not delivered by then is late.
  await sleep(plan.sustained.waitMs);
  const { events, p99 } = await backend.seen();
  await gateway.stop();
  await backend.seen();
  const isHeld = failed === 0 && events >= accepted && p99! <= mostLagMs;
  say(
    `  99 % within ${p99} ms; ${events} of ${accepted} delivered by the end${failed ? `, ${failed} failed` : ""}`,
  );
  return { perSecond, isHeld, p99: p99 ?? Number.POSITIVE_INFINITY };
}
