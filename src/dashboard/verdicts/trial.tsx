/** A rule, as it runs or changed, is tried on the last before-callbacks. */

import { useSignal } from "@preact/signals";
import type { components } from "../../client/index.js";
import { count } from "../figures.ts";
import { lazily } from "../lazily.tsx";
import { Button } from "../parts/button.tsx";
import { Empty, Lacking, Panel } from "../parts/panel.tsx";
import { VerdictCode } from "../parts/verdict-code.tsx";
import type { Rule } from "../rules/rule.ts";
import { mayAct, session } from "../session.ts";
import { told } from "../told/told.ts";
import { changed, isChanged, outcome } from "./changed-rule.ts";
import { DifferingEvents } from "./differing-events.tsx";
import { sourceName } from "./sources.tsx";
import { text } from "./text.ts";

type Replay = components["schemas"]["VerdictReplay"];

const limits = [20, 50, 100, 200];

const RuleEditor = lazily(() => import("./rule-editor.tsx").then(({ RuleEditor }) => RuleEditor));

export function Trial({ rules }: { rules: readonly Rule[] }) {
  const { trial, trialHint, readOnly, none } = text.value;
  const named = rules.filter(({ name, state }) => name !== null && state !== "wrong");
  return (
    <Panel title={trial}>
      {!mayAct.value ? (
        <Empty>{readOnly}</Empty>
      ) : named.length === 0 ? (
        <Empty>{none}</Empty>
      ) : (
        <>
          <p class="soft body">{trialHint}</p>
          <Form rules={named} />
          {outcome.value && <Outcome replay={outcome.value} />}
        </>
      )}
    </Panel>
  );
}

function Form({ rules }: { rules: readonly Rule[] }) {
  const names = rules.map(({ name }) => name!);
  const chosen = useSignal(names[0] ?? "");
  const limit = useSignal(50);
  const { rule: label, events, change, asIs, run, noSecrets } = text.value;
  const edit = () => {
    changed.begin(rules.find(({ name }) => name === chosen.value)?.rule ?? {});
    isChanged.value = true;
  };
  const start = async () => {
    const current = session.peek();
    if (current.state !== "signed in") return;
    const rule = isChanged.value ? changed.value() : chosen.value;
    const body = { rule: rule as never, limit: limit.value };
    outcome.value = await current.relay.post("/api/verdicts/replay", { body });
  };
  return (
    <>
      <div class="form">
        <label>
          <span class="small soft">{label}</span>
          <select
            value={chosen.value}
            disabled={isChanged.value}
            onChange={({ currentTarget }) => {
              chosen.value = currentTarget.value;
            }}
          >
            {names.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span class="small soft">{events}</span>
          <select
            value={limit.value}
            onChange={({ currentTarget }) => {
              limit.value = Number(currentTarget.value);
            }}
          >
            {limits.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
        <Button onPress={isChanged.value ? () => (isChanged.value = false) : edit}>
          {isChanged.value ? asIs : change}
        </Button>
        <Button kind="main" icon="play" onPress={start}>
          {run}
        </Button>
      </div>
      {isChanged.value && (
        <>
          <RuleEditor />
          <p class="soft small body">{noSecrets}</p>
        </>
      )}
    </>
  );
}

function Outcome({ replay }: { replay: Replay }) {
  const { rule, events, changes } = replay;
  const { tried, triedNone, would, answer } = text.value;
  return (
    <section class="tried" aria-label={rule}>
      <Lacking answer={replay} />
      <p class="sum" role="status">
        {events === 0 ? triedNone : tried(count(changes.length), count(events))}
      </p>
      {changes.length > 0 && (
        <DifferingEvents differences={changes} headings={[would, answer]}>
          {({ would: { code, how, reason, answer } }) => (
            <>
              <td>
                <VerdictCode code={code} />{" "}
                <span class="soft small">{reason ? told.value(reason) : sourceName(how)}</span>
              </td>
              <td class="code wraps">{answer && JSON.stringify(answer)}</td>
            </>
          )}
        </DifferingEvents>
      )}
    </section>
  );
}
