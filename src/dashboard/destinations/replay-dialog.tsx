/** Sends the events of a period again: counts them exactly, then starts, then shows the progress to the end. */
import { useSignal } from "@preact/signals";
import type { Destination } from "../../client/index.js";
import { useAnswer } from "../answer.ts";
import { count } from "../figures.ts";
import { Button } from "../parts/button.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { Answered } from "../parts/panel.tsx";
import { relay } from "../session.ts";
import { JobLine } from "./job-line.tsx";
import { ReplayFields } from "./replay-fields.tsx";
import { emptyForm, type Mistakes, type ReplayForm, type ReplayOrder, readOrder } from "./replay-order.ts";
import { text } from "./text.ts";

interface Props {
  destination: Destination;
  onStart(): void;
  onClose(): void;
}

export function ReplayDialog({ destination, onStart, onClose }: Props) {
  const started = useSignal<string | null>(null);
  const { replayTitle, close } = text.value;
  return (
    <Dialog title={replayTitle(destination.name)} onClose={onClose}>
      {started.value === null ? (
        <Ordering
          destination={destination.name}
          onStart={(id) => {
            started.value = id;
            onStart();
          }}
        />
      ) : (
        <>
          <div class="body">
            <Running id={started.value} destination={destination} />
          </div>
          <footer class="actions">
            <Button onPress={onClose}>{close}</Button>
          </footer>
        </>
      )}
    </Dialog>
  );
}

/** An order whose events were counted. */
interface Counted {
  order: ReplayOrder;
  matched: number;
}

function Ordering({ destination, onStart }: { destination: string; onStart(id: string): void }) {
  const form = useSignal<ReplayForm>(emptyForm);
  const mistakes = useSignal<Mistakes>({});
  const counted = useSignal<Counted | null>(null);
  const change = (fields: Partial<ReplayForm>) => {
    form.value = { ...form.value, ...fields };
    mistakes.value = {};
    counted.value = null;
  };
  const countThem = async () => {
    const asked = form.value;
    const read = readOrder(asked, destination, Date.now());
    if ("mistakes" in read) {
      mistakes.value = read.mistakes;
      return;
    }
    const { matched } = await relay().post("/api/replay", { body: { ...read.order, dryRun: true } });
    // A form that was changed meanwhile is another order.
    if (form.value === asked) counted.value = { order: read.order, matched };
  };
  const start = async ({ order }: Counted) => {
    const answer = await relay().post("/api/replay", { body: order });
    if ("id" in answer) onStart(answer.id);
  };
  const { count: countLabel, start: startLabel, events } = text.value;
  const ready = counted.value;
  return (
    <>
      <ReplayFields form={form.value} mistakes={mistakes.value} onChange={change} onSubmit={countThem} />
      <Foreseen counted={ready} />
      <footer class="actions">
        <Button icon="search" kind={ready === null ? "main" : "plain"} onPress={countThem}>
          {countLabel}
        </Button>
        {ready !== null && ready.matched > 0 && (
          <Button icon="again" kind="main" onPress={() => start(ready)}>
            {startLabel(events(count(ready.matched)))}
          </Button>
        )}
      </footer>
    </>
  );
}

/** The dry run's result. */
function Foreseen({ counted }: { counted: Counted | null }) {
  const { counted: said, countedHint, nothingFits, countFirst, events } = text.value;
  return (
    <p class="foreseen" role="status">
      {counted === null ? (
        <span class="soft">{countFirst}</span>
      ) : counted.matched === 0 ? (
        nothingFits
      ) : (
        <>
          <strong>{said(events(count(counted.matched)))}</strong>{" "}
          <span class="soft small">{countedHint}</span>
        </>
      )}
    </p>
  );
}

function Running({ id, destination }: { id: string; destination: Destination }) {
  const answer = useAnswer((gateway, signal) => gateway.get("/api/replays/{id}", { path: { id }, signal }), {
    every: (job) => (job === null || job.state === "running" ? 500 : 60_000),
    for: [id],
  });
  return (
    <Answered answer={answer}>
      {(job) => (
        <>
          <JobLine job={job} destinations={[destination]} onChange={answer.again} />
          {job.state === "running" && <p class="soft small">{text.value.goesOn}</p>}
        </>
      )}
    </Answered>
  );
}
