/** The state of the gateway on one page: traffic, speed, destinations, problems, news and cost. */
import { useAnswer } from "../answer.ts";
import { freshForMs, minutesIn } from "../minutes.ts";
import { Answered, Panel } from "../parts/panel.tsx";
import { PeriodChoice, periodShown } from "../parts/period.tsx";
import { Cost } from "./cost.tsx";
import { FirstSteps } from "./first-steps.tsx";
import { Lamps } from "./lamps.tsx";
import { Problems } from "./problems.tsx";
import { Speed } from "./speed.tsx";
import { text } from "./text.ts";
import { Told } from "./told.tsx";
import { Sums, Traffic } from "./traffic.tsx";
import "./overview.css";

const lookEveryMs = 3_000;

export function Overview() {
  const period = periodShown();
  const minutes = minutesIn[period];
  const stats = useAnswer((relay, signal) => relay.get("/api/stats", { query: { minutes }, signal }), {
    every: freshForMs[period],
    for: [period],
  });
  const destinations = useAnswer((relay, signal) => relay.get("/api/destinations", { signal }), {
    every: lookEveryMs,
  });
  const isQuiet =
    stats.value?.minutes.every(({ received, rejected }) => received === 0 && noneOf(rejected)) &&
    destinations.value?.every(({ delivered, waiting, dead }) => delivered + waiting + dead === 0);
  const { title, traffic, speed, destinations: named } = text.value;
  return (
    <div class="view overview">
      <header>
        <h1>{title}</h1>
        <PeriodChoice />
      </header>
      {isQuiet && <FirstSteps />}
      <Problems destinations={destinations.value?.map(({ name }) => name) ?? []} />
      {stats.value && <Sums stats={stats.value} />}
      <div class="columns">
        <div class="column">
          <Panel title={traffic}>
            <div class="traffic">
              <Answered answer={stats}>{(value) => <Traffic stats={value} minutes={minutes} />}</Answered>
            </div>
          </Panel>
          <Told />
        </div>
        <div class="column">
          <Panel title={named}>
            <Answered answer={destinations}>{(all) => <Lamps destinations={all} />}</Answered>
          </Panel>
          <Panel title={speed}>
            <Answered answer={stats}>{(value) => <Speed stats={value} />}</Answered>
          </Panel>
          <Cost />
        </div>
      </div>
    </div>
  );
}

function noneOf(counts: Readonly<Record<string, number>>): boolean {
  return Object.values(counts).every((count) => count === 0);
}
