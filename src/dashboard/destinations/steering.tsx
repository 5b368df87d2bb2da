/** The buttons of a destination: pause, resume, test, retry, forget. */
import { useSignal } from "@preact/signals";
import type { components, Destination } from "../../client/index.js";
import { count, duration } from "../figures.ts";
import { tellDone } from "../gaps.ts";
import { Button } from "../parts/button.tsx";
import { Confirm } from "../parts/dialog.tsx";
import { tell } from "../parts/message.tsx";
import { Quote } from "../parts/quote.tsx";
import { Chip } from "../parts/state.tsx";
import { go, linkTo } from "../route.ts";
import { relay } from "../session.ts";
import { told } from "../told/told.ts";
import { text } from "./text.ts";

type TestOutcome = components["schemas"]["TestOutcome"];

interface Props {
  destination: Destination;
  onChange(): void;
}

export function Steering({ destination, onChange }: Props) {
  const outcome = useSignal<TestOutcome | null>(null);
  const asks = useSignal<"pause" | "forget" | null>(null);
  const close = () => (asks.value = null);
  const { name, state, awaits, url, retrying } = destination;
  const { pause, resume, resumed, stillPaused, test, retry, retried, forget } = text.value;
  const path = { name };
  const goOn = async () => {
    const now = await relay().post("/api/destinations/{name}/resume", { path });
    if (now.awaits) tell("ok", text.value.awaits[now.awaits](name));
    else if (now.state === "paused") tell("warn", stillPaused(name));
    else tell("ok", resumed(name));
    onChange();
  };
  const sendTest = async () => {
    outcome.value = null;
    outcome.value = await relay().post("/api/destinations/{name}/test", { path });
  };
  const retryNow = async () => {
    const answer = await relay().post("/api/destinations/{name}/retry", { path });
    tellDone(retried(count(answer.queued)), answer);
    onChange();
  };
  if (url === null)
    return (
      <p class="actions">
        <Button kind="grave" onPress={() => (asks.value = "forget")}>
          {forget}
        </Button>
        {asks.value === "forget" && <Forget destination={destination} onClose={close} />}
      </p>
    );
  // A destination without its receiver is shown as paused, and cannot be resumed.
  const isStopped = (state === "paused" && !awaits) || state === "disabled";
  return (
    <>
      <div class="actions">
        {isStopped ? (
          <Button icon="play" kind="main" onPress={goOn}>
            {resume}
          </Button>
        ) : (
          <Button icon="pause" onPress={() => (asks.value = "pause")}>
            {pause}
          </Button>
        )}
        <Button icon="test" onPress={sendTest}>
          {test}
        </Button>
        {(retrying > 0 || state === "open") && !isStopped && (
          <Button icon="again" onPress={retryNow}>
            {retry}
          </Button>
        )}
      </div>
      {outcome.value && <Outcome outcome={outcome.value} />}
      {asks.value === "pause" && <Pause name={name} onChange={onChange} onClose={close} />}
    </>
  );
}

function Pause({ name, onChange, onClose }: { name: string; onChange(): void; onClose(): void }) {
  const { pause, pauseTitle, pauseHint, paused } = text.value;
  const stop = async () => {
    await relay().post("/api/destinations/{name}/pause", { path: { name } });
    tell("ok", paused(name));
    onChange();
  };
  return (
    <Confirm title={pauseTitle(name)} action={pause} onConfirm={stop} onClose={onClose}>
      <p>{pauseHint}</p>
    </Confirm>
  );
}

function Forget({ destination, onClose }: { destination: Destination; onClose(): void }) {
  const { forget, forgetTitle, forgetHint, forgotten, events } = text.value;
  const { name, waiting, retrying } = destination;
  const leave = async () => {
    const answer = await relay().delete("/api/destinations/{name}", { path: { name } });
    tell("ok", forgotten(name, events(count(answer.forgotten))));
    go(linkTo("destinations"));
  };
  return (
    <Confirm title={forgetTitle(name)} action={forget} grave onConfirm={leave} onClose={onClose}>
      <p>{forgetHint(events(count(waiting + retrying)))}</p>
    </Confirm>
  );
}

/** The outcome of a test: the status, the time, and the words of the destination. */
function Outcome({ outcome: { status, ms, error, response } }: { outcome: TestOutcome }) {
  const { testing, testTook, noAnswer, testGood, answer } = text.value;
  return (
    <section class="panel outcome" role="status" aria-label={testing}>
      <p>
        <Chip tone={error === null ? "ok" : "bad"}>
          {testTook(status === null ? noAnswer : String(status), duration(ms))}
        </Chip>{" "}
        <span class="wraps">{error === null ? testGood : told.value(error)}</span>
      </p>
      {response && (
        <>
          <h3>{answer}</h3>
          <Quote>{response}</Quote>
        </>
      )}
    </section>
  );
}
