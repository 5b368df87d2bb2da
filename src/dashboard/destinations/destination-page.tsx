/** One destination: where it stands, how it did, and all that can be done with it. */
import { useSignal } from "@preact/signals";
import { useContext } from "preact/hooks";
import type { Destination } from "../../client/index.js";
import { count } from "../figures.ts";
import { HealthShown } from "../frame/health.ts";
import { marks } from "../marks.ts";
import { Button } from "../parts/button.tsx";
import { Figure, Figures } from "../parts/figure.tsx";
import { Empty } from "../parts/panel.tsx";
import { PeriodChoice } from "../parts/period.tsx";
import { Lamp, State } from "../parts/state.tsx";
import { Ago } from "../parts/time.tsx";
import { linkTo } from "../route.ts";
import { mayAct } from "../session.ts";
import { told } from "../told/told.ts";
import { toneOf } from "../tones.ts";
import { DeadLetters } from "./dead-letters.tsx";
import { History } from "./history.tsx";
import { Jobs, type useJobs } from "./jobs.tsx";
import { LagOf } from "./lag-of.tsx";
import { Latency } from "./latency.tsx";
import { ReplayDialog } from "./replay-dialog.tsx";
import { standingOf } from "./standing.ts";
import { Steering } from "./steering.tsx";
import { text } from "./text.ts";

interface Props {
  name: string;
  /** Null: there is none of this name. */
  destination: Destination | null;
  jobs: ReturnType<typeof useJobs>;
  onChange(): void;
}

export function DestinationPage({ name, destination, jobs, onChange }: Props) {
  const replays = useSignal(false);
  const { back, unknown, replay } = text.value;
  const title = (
    <div>
      <a class="small" href={linkTo("destinations")}>
        ← {back}
      </a>
      <h1 class="wraps">
        {destination && <Lamp tone={toneOf(standingOf(destination))} />} {name}{" "}
        {destination && <State state={standingOf(destination)} />}
      </h1>
    </div>
  );
  if (destination === null)
    return (
      <div class="view destinations">
        <header>{title}</header>
        <section class="panel">
          <Empty>{unknown(name)}</Empty>
        </section>
      </div>
    );
  const { state, url } = destination;
  const maySend = mayAct.value && url !== null && state !== "disabled";
  return (
    <div class="view destinations">
      <header>
        {title}
        <PeriodChoice />
      </header>
      <Standing destination={destination} />
      {mayAct.value && <Steering destination={destination} onChange={onChange} />}
      <Numbers destination={destination} />
      <History name={name} />
      <DeadLetters destination={destination} onChange={onChange} />
      <Jobs
        answer={jobs}
        destination={name}
        destinations={[destination]}
        aside={
          maySend && (
            <Button icon="again" onPress={() => (replays.value = true)}>
              {replay}
            </Button>
          )
        }
      />
      {replays.value && (
        <ReplayDialog
          destination={destination}
          onStart={jobs.again}
          onClose={() => {
            replays.value = false;
            jobs.again();
          }}
        />
      )}
    </div>
  );
}

function Standing({ destination: { name, url, lastError } }: { destination: Destination }) {
  const { noRule, lastError: label } = text.value;
  const health = useContext(HealthShown).value;
  const about = `${name}: `;
  const problems = health?.problems.filter((problem) => problem.startsWith(about)) ?? [];
  return (
    <div>
      <p class="code soft wraps">{url ?? <a href={linkTo("rules", name)}>{noRule}</a>}</p>
      {lastError !== null && (
        <p class="wraps">
          <span class="soft">
            {label}
            {marks.value.colon}
          </span>
          <span class="error">{told.value(lastError)}</span>
        </p>
      )}
      {problems.length > 0 && (
        <ul class="problems wraps" data-tone="warn">
          {problems.map((problem) => (
            <li key={problem}>{told.value(problem.slice(about.length))}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Numbers({ destination }: { destination: Destination }) {
  const { lag, latency, delivered, failed, dead, expired, lastSuccess, never } = text.value;
  return (
    <Figures>
      <Figure name={lag}>
        <span class="spoken">
          <LagOf destination={destination} />
        </span>
      </Figure>
      <Figure name={latency}>
        <span class="spoken">
          <Latency latency={destination.latency} />
        </span>
      </Figure>
      <Figure name={delivered}>{count(destination.delivered)}</Figure>
      <Figure name={failed} {...(destination.failed > 0 && { tone: "warn" })}>
        {count(destination.failed)}
      </Figure>
      <Figure name={dead} {...(destination.dead > 0 && { tone: "bad" })}>
        {count(destination.dead)}
      </Figure>
      <Figure name={expired} {...(destination.expired > 0 && { tone: "bad" })}>
        {count(destination.expired)}
      </Figure>
      <Figure name={lastSuccess}>
        <span class="spoken">
          {destination.lastSuccessAt === null ? never : <Ago at={destination.lastSuccessAt} />}
        </span>
      </Figure>
    </Figures>
  );
}
