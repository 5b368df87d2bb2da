/** Measures the course of a soak, a point an interval, and prints a line every ten seconds. */
import { setTimeout as sleep } from "node:timers/promises";
import { quantile } from "../bench/sample.ts";
import type { Gateway } from "./gateway.ts";
import type { Part } from "./processes.ts";
import type { Reader } from "./reader.ts";
import type { ReceiverAnswers } from "./receivers.ts";
import type { SenderAnswers } from "./sender.ts";
import { type Point, round } from "./series.ts";

interface Measured {
  gateway: Gateway;
  sender: Part<SenderAnswers>;
  receivers: Part<ReceiverAnswers>;
  reader: Reader;
  /** Seconds between two points. */
  interval: number;
  /** Seconds since the start. */
  elapsed(): number;
  say(line: string): void;
  ending: AbortSignal;
}

export interface Meter {
  /** Takes the last point, after `ending`. Resolves with all. */
  last(): Promise<Point[]>;
}

const linesEverySeconds = 10;

export function startMeter(measured: Measured): Meter {
  const { gateway, sender, receivers, reader, interval, elapsed, say, ending } = measured;
  const points: Point[] = [];
  let before = { at: 0, acknowledged: 0, delivered: 0 };
  let lastLine = 0;

  const take = async () => {
    const [sent, received] = await Promise.all([
      sender.ask("interval", null),
      receivers.ask("interval", null),
    ]);
    const at = elapsed();
    const seconds = at - before.at;
    const { acknowledged } = sent.sums;
    const { delivered } = received.sums;
    points.push({
      at,
      memory: megabytes(gateway.memory()),
      stored: megabytes(gateway.stored())!,
      oldest: reader.oldest === null ? 0 : Math.max(0, (Date.now() - reader.oldest) / 1_000),
      steadyP50: quantile(received.steady, 0.5),
      steadyP99: quantile(received.steady, 0.99),
      faultedP50: quantile(received.faulted, 0.5),
      faultedP99: quantile(received.faulted, 0.99),
      answerP50: quantile(sent.waits, 0.5),
      answerP99: quantile(sent.waits, 0.99),
      accepted: (acknowledged - before.acknowledged) / seconds,
      delivered: (delivered - before.delivered) / seconds,
    });
    before = { at, acknowledged, delivered };
    if (at - lastLine < linesEverySeconds - interval / 2) return;
    lastLine = at;
    say(lineOf(points.at(-1)!, reader));
  };
  const measuring = (async () => {
    for (let due = interval; !ending.aborted; due += interval) {
      await sleep(Math.max(0, (due - elapsed()) * 1_000), null, { signal: ending }).catch(() => {});
      if (!ending.aborted) await take();
    }
  })();
  // Where the soak breaks off, the other processes have ended before the loop has.
  measuring.catch(() => {});
  return {
    async last() {
      await measuring;
      await take();
      return points;
    },
  };
}

function lineOf(point: Point, { waiting, retrying, dead }: Reader): string {
  const number = (value: number | null) => (value === null ? "–" : round(value).toLocaleString("en"));
  return [
    `${String(Math.round(point.at)).padStart(5)} s`,
    `accepted ${number(point.accepted)}/s, delivered ${number(point.delivered)}/s`,
    `answer p99 ${number(point.answerP99)} ms`,
    `lag p50 ${number(point.steadyP50)}, p99 ${number(point.steadyP99)} ms; faulted ${number(point.faultedP99)} ms`,
    `waiting ${waiting}, retrying ${retrying}, dead ${dead}, oldest ${number(point.oldest)} s`,
    `${number(point.memory)} MB, ${number(point.stored)} MB stored`,
  ].join("  ");
}

function megabytes(bytes: number | null): number | null {
  return bytes === null ? null : bytes / 1024 / 1024;
}
