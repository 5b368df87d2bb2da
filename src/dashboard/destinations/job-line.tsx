/** A replay or an erasure: its period, its state, and its progress while it runs. */
import { useSignal } from "@preact/signals";
import type { Destination } from "../../client/index.js";
import { count, duration } from "../figures.ts";
import { now } from "../now.ts";
import { Button } from "../parts/button.tsx";
import { Confirm } from "../parts/dialog.tsx";
import { tell } from "../parts/message.tsx";
import { State } from "../parts/state.tsx";
import { Ago, Time } from "../parts/time.tsx";
import { linkTo } from "../route.ts";
import { mayAct, relay } from "../session.ts";
import { told } from "../told/told.ts";
import { endedOf, holdOf, type Job, leftOf, progressOf } from "./job.ts";
import { text } from "./text.ts";

interface Props {
  job: Job;
  /** Destinations that may hold it up. */
  destinations: readonly Destination[];
  onChange(): void;
}

export function JobLine({ job, destinations, onChange }: Props) {
  const asks = useSignal(false);
  const { erasureOf, cancel, outOfReach } = text.value;
  const hold = holdOf(job, destinations);
  const isRunning = job.state === "running";
  return (
    <div class="job">
      <p class="head">
        <State state={job.state} />
        {job.kind === "erase" ? (
          <span class="wraps">{erasureOf(job.target)}</span>
        ) : (
          <>
            <a href={linkTo("destinations", job.destination)}>{job.destination}</a>
            <span class="soft small">
              <Time at={job.since} /> – <Time at={job.until} />
            </span>
          </>
        )}
        <span class="soft small began">
          <Ago at={job.startedAt} />
        </span>
      </p>
      <Progress job={job} isHeld={hold !== null} />
      {hold && <p class="soft small">{text.value.holds[hold]}</p>}
      {job.kind === "erase" && (
        <details>
          <summary class="soft small">{outOfReach}</summary>
          <ul class="small">
            {job.outOfReach.map((sentence) => (
              <li key={sentence}>{told.value(sentence)}</li>
            ))}
          </ul>
        </details>
      )}
      {isRunning && job.kind === "replay" && mayAct.value && (
        <Button icon="close" onPress={() => (asks.value = true)}>
          {cancel}
        </Button>
      )}
      {asks.value && <Cancel id={job.id} onChange={onChange} onClose={() => (asks.value = false)} />}
    </div>
  );
}

function Progress({ job, isHeld }: { job: Job; isHeld: boolean }) {
  const { sent, erased, failures, left, progress, erasing } = text.value;
  const said = job.kind === "erase" ? erased : sent;
  const remaining = isHeld ? null : leftOf(job, now.value);
  const parts = [
    said(count(job.kind === "erase" ? endedOf(job) : job.sent), count(job.matched)),
    job.failed > 0 ? failures(count(job.failed)) : "",
    remaining === null ? "" : left(duration(Math.max(1_000, remaining))),
  ];
  return (
    <>
      {job.state === "running" && (
        <progress
          value={progressOf(job)}
          aria-label={job.kind === "erase" ? erasing : progress(job.destination)}
        />
      )}
      <p class="small">{parts.filter(Boolean).join(" · ")}</p>
    </>
  );
}

function Cancel({ id, onChange, onClose }: { id: string; onChange(): void; onClose(): void }) {
  const { cancelTitle, cancelHint, cancelIt, cancelled } = text.value;
  const stop = async () => {
    await relay().delete("/api/replays/{id}", { path: { id } });
    tell("ok", cancelled);
    onChange();
  };
  return (
    <Confirm title={cancelTitle} action={cancelIt} grave onConfirm={stop} onClose={onClose}>
      <p>{cancelHint}</p>
    </Confirm>
  );
}
