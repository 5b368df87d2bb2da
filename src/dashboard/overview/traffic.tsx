/** Received, delivered and failed: the sums of the period, and a line each. */
import type { components } from "../../client/index.js";
import { count } from "../figures.ts";
import { everyMinute, total } from "../minutes.ts";
import { Chart } from "../parts/chart.tsx";
import { Figure, Figures } from "../parts/figure.tsx";
import { text } from "./text.ts";

export type Stats = components["schemas"]["Stats"];

export function Traffic({ stats, minutes }: { stats: Stats; minutes: number }) {
  const { received, delivered, failed, trafficSummary } = text.value;
  const all = everyMinute(
    stats.minutes,
    minutes,
    Date.now(),
    ({ received, delivered, failed }) => received + delivered + failed > 0,
  );
  const sum = (name: "received" | "delivered" | "failed") =>
    count(total(stats.minutes, (minute) => minute[name]));
  const line = (name: "received" | "delivered" | "failed") =>
    all.minutes.map((minute) => minute?.[name] ?? 0);
  return (
    <Chart
      height={240}
      summary={trafficSummary(sum("received"), sum("delivered"), sum("failed"))}
      times={all.times}
      lines={[
        { label: received, tone: "busy", values: line("received") },
        { label: delivered, tone: "ok", values: line("delivered") },
        { label: failed, tone: "bad", values: line("failed") },
      ]}
      write={count}
    />
  );
}

export function Sums({ stats: { minutes } }: { stats: Stats }) {
  const { received, delivered, failed, dead, rejected, verdicts } = text.value;
  const sums = {
    received: total(minutes, (minute) => minute.received),
    verdicts: total(minutes, (minute) => minute.verdicts),
    delivered: total(minutes, (minute) => minute.delivered),
    failed: total(minutes, (minute) => minute.failed),
    dead: total(minutes, (minute) => minute.dead),
    rejected: total(minutes, (minute) => total(Object.values(minute.rejected), Number)),
  };
  return (
    <Figures>
      <Figure name={received}>{count(sums.received)}</Figure>
      <Figure name={verdicts}>{count(sums.verdicts)}</Figure>
      <Figure name={delivered}>{count(sums.delivered)}</Figure>
      <Figure name={failed} {...(sums.failed > 0 && { tone: "warn" })}>
        {count(sums.failed)}
      </Figure>
      <Figure name={dead} {...(sums.dead > 0 && { tone: "bad" })}>
        {count(sums.dead)}
      </Figure>
      <Figure name={rejected} {...(sums.rejected > 0 && { tone: "warn" })}>
        {count(sums.rejected)}
      </Figure>
    </Figures>
  );
}
