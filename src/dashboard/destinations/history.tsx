/** A destination over time: delivered and failed, and the latency of its first attempts. */
import type { components } from "../../client/index.js";
import { useAnswer } from "../answer.ts";
import { count, duration } from "../figures.ts";
import { everyMinute, freshForMs, minutesIn, total } from "../minutes.ts";
import { Chart } from "../parts/chart.tsx";
import { Answered, Empty, Panel } from "../parts/panel.tsx";
import { periodShown } from "../parts/period.tsx";
import { text } from "./text.ts";

type Minute = components["schemas"]["DestinationMinute"];

export function History({ name }: { name: string }) {
  const period = periodShown();
  const minutes = minutesIn[period];
  const answer = useAnswer(
    (relay, signal) =>
      relay.get("/api/destinations/{name}/minutes", { path: { name }, query: { minutes }, signal }),
    { every: freshForMs[period], for: [name, period] },
  );
  const { history, speed } = text.value;
  return (
    <div class="charts">
      <Panel title={history}>
        <div class="drawn">
          <Answered answer={answer}>{(all) => <Outcomes counted={all} minutes={minutes} />}</Answered>
        </div>
      </Panel>
      <Panel title={speed}>
        <div class="drawn">
          <Answered answer={answer}>{(all) => <Latencies counted={all} minutes={minutes} />}</Answered>
        </div>
      </Panel>
    </div>
  );
}

interface Props {
  counted: readonly Minute[];
  minutes: number;
}

function Outcomes({ counted, minutes }: Props) {
  const { delivered, failed, historySummary } = text.value;
  const all = everyMinute(counted, minutes, Date.now(), isBusy);
  const sum = (name: "delivered" | "failed") => count(total(counted, (minute) => minute[name]));
  return (
    <Chart
      summary={historySummary(sum("delivered"), sum("failed"))}
      times={all.times}
      lines={[
        { label: delivered, tone: "ok", values: all.minutes.map((minute) => minute?.delivered ?? 0) },
        { label: failed, tone: "bad", values: all.minutes.map((minute) => minute?.failed ?? 0) },
      ]}
      write={count}
    />
  );
}

function Latencies({ counted, minutes }: Props) {
  const { noLatency, speedSummary } = text.value;
  const all = everyMinute(counted, minutes, Date.now(), ({ latency }) => latency.p50 !== null);
  if (counted.every(({ latency }) => latency.p50 === null)) return <Empty>{noLatency}</Empty>;
  return (
    <Chart
      summary={speedSummary}
      times={all.times}
      lines={[
        { label: "p50", tone: "busy", values: all.minutes.map((minute) => minute?.latency.p50 ?? null) },
        { label: "p99", tone: "odd", values: all.minutes.map((minute) => minute?.latency.p99 ?? null) },
      ]}
      write={duration}
    />
  );
}

function isBusy({ delivered, failed }: Minute): boolean {
  return delivered + failed > 0;
}
