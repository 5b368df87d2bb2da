/** The first steps: the entries of Tencent's console, and a first event. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useAnswer } from "../answer.ts";
import { marks } from "../marks.ts";
import { Button } from "../parts/button.tsx";
import { Copy } from "../parts/copy.tsx";
import { Answered, Panel } from "../parts/panel.tsx";
import { Lamp } from "../parts/state.tsx";
import { Ago } from "../parts/time.tsx";
import { linkTo } from "../route.ts";
import { mayAct, relay } from "../session.ts";
import { type Setup, useSetup } from "../setup.ts";
import { text } from "./text.ts";
import "./start.css";

/** The command whose example is the first event. */
const firstCommand = "Group.CallbackAfterSendMsg";
const askEveryMs = 2_000;

export function Start() {
  const setup = useSetup();
  const { title, intro } = text.value;
  return (
    <div class="view start">
      <header>
        <h1>{title}</h1>
      </header>
      <p class="soft">{intro}</p>
      <Answered answer={setup}>
        {(known) => (
          <ol class="steps">
            <ConsoleStep setup={known} />
            <EventStep setup={known} />
            <NextStep />
          </ol>
        )}
      </Answered>
    </div>
  );
}

/** The callback settings of Tencent's console, in the order of its form. */
function ConsoleStep({ setup }: { setup: Setup }) {
  const {
    consoleTitle,
    where,
    url,
    urlHidden,
    copy,
    local,
    token,
    signed,
    unsigned,
    app,
    apps,
    switches,
    allSwitches,
  } = text.value;
  const address = setup.callbackPath === null ? null : location.origin + setup.callbackPath;
  return (
    <li>
      <Panel title={consoleTitle}>
        <div class="body">
          <p>{where}</p>
          <dl>
            <Entry name={app}>
              <code>{setup.apps.join(marks.value.item) || apps}</code>
            </Entry>
            <Entry name={url}>
              {address === null ? (
                urlHidden
              ) : (
                <>
                  <code class="wraps">{address}</code> <Copy content={() => address}>{copy}</Copy>
                </>
              )}
              {setup.local && <p class="soft small">{local}</p>}
            </Entry>
            <Entry name={token}>
              <p>
                <Lamp tone={setup.signed ? "ok" : "warn"} /> {setup.signed ? signed : unsigned}
              </p>
            </Entry>
            <Entry name={switches}>{allSwitches}</Entry>
          </dl>
        </div>
      </Panel>
    </li>
  );
}

function Entry({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function EventStep({ setup }: { setup: Setup }) {
  const { eventTitle, waiting, arrived, open, send, sends, only } = text.value;
  const { colon, comma, stop } = marks.value;
  const newest = useAnswer((relay, signal) => relay.get("/api/events", { query: { limit: 1 }, signal }), {
    every: askEveryMs,
  });
  const refusal = useSignal<string | null>(null);
  const run = async () => {
    const { status, answer } = await relay().post("/api/commands/{command}/try", {
      path: { command: firstCommand },
    });
    refusal.value = status === 200 ? null : String(answer.ErrorInfo ?? status);
    newest.again();
  };
  return (
    <li>
      <Panel title={eventTitle}>
        <div class="body">
          <Answered answer={newest}>
            {({ events: [event] }) => (
              <p role="status">
                <Lamp tone={event ? "ok" : "busy"} />{" "}
                {event ? (
                  <>
                    {arrived}
                    {colon}
                    <strong>{event.command}</strong>
                    {comma}
                    <Ago at={event.receivedAt} />
                    {stop}
                    <a href={linkTo("events", event.id)}>{open}</a>
                  </>
                ) : (
                  waiting
                )}
              </p>
            )}
          </Answered>
          {setup.local && mayAct.value ? (
            <p class="actions">
              <Button kind="main" icon="play" onPress={run}>
                {send}
              </Button>
              <span class="soft small">{sends(firstCommand)}</span>
            </p>
          ) : (
            <p class="soft small">{only}</p>
          )}
          {refusal.value !== null && (
            <p role="alert" class="wraps">
              {refusal.value}
            </p>
          )}
        </div>
      </Panel>
    </li>
  );
}

function NextStep() {
  const { nextTitle, rules, destinations, commands } = text.value;
  return (
    <li>
      <Panel title={nextTitle}>
        <ul class="body">
          <li>
            <a href={linkTo("rules")}>{rules}</a>
          </li>
          <li>
            <a href={linkTo("destinations")}>{destinations}</a>
          </li>
          <li>
            <a href={linkTo("commands")}>{commands}</a>
          </li>
        </ul>
      </Panel>
    </li>
  );
}
