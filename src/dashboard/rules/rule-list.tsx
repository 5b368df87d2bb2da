/** Every rule in its order, as a sentence, with its figures. */
import { useEffect, useRef } from "preact/hooks";
import { count, duration } from "../figures.ts";
import { Empty } from "../parts/panel.tsx";
import { Chip, State } from "../parts/state.tsx";
import { linkTo, place } from "../route.ts";
import { mayAct } from "../session.ts";
import { told } from "../told/told.ts";
import { Sources } from "../verdicts/sources.tsx";
import { PauseSwitch } from "./pause-switch.tsx";
import type { Rule } from "./rule.ts";
import { text } from "./text.ts";

export function RuleList({ rules, onChange }: { rules: readonly Rule[]; onChange(): void }) {
  const { none, first } = text.value;
  if (rules.length === 0)
    return (
      <Empty>
        <p>{none}</p>
        {mayAct.value && <a href={linkTo("rules", null, { open: "playground" })}>{first}</a>}
      </Empty>
    );
  return (
    <ol class="rule-list">
      {rules.map((rule, index) => (
        // A rule that is wrong may have no name, or that of another one.
        <Entry key={`${index} ${rule.name}`} rule={rule} number={index + 1} onChange={onChange} />
      ))}
    </ol>
  );
}

function Entry({ rule, number, onChange }: { rule: Rule; number: number; onChange(): void }) {
  const { name, kind, state, problems, says, verdicts } = rule;
  const { kinds, wrong, unnamed } = text.value;
  const isChosen = name !== null && place.value.item === name;
  const entry = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isChosen) entry.current!.scrollIntoView({ block: "nearest" });
  }, [isChosen]);
  return (
    <li ref={entry} class="panel rule" aria-current={isChosen ? "true" : undefined}>
      <header>
        <h2 class="wraps">
          <span class="soft">{number}</span> {name ?? unnamed}
        </h2>
        <p class="chips">
          <Chip tone="off">{kind === null ? wrong : kinds[kind]}</Chip>
          <State state={state} />
        </p>
        <Actions rule={rule} onChange={onChange} />
      </header>
      <div class="body">
        {says !== null && <p class="wraps">{told.value(says)}</p>}
        {problems.length > 0 && (
          <ul class="rule-problems wraps" data-tone={state === "wrong" ? "bad" : "warn"}>
            {problems.map((problem) => (
              <li key={problem}>{told.value(problem)}</li>
            ))}
          </ul>
        )}
        {kind !== null && <Figures rule={rule} />}
        {Object.keys(verdicts).length > 0 && <Sources verdicts={verdicts} />}
      </div>
    </li>
  );
}

function Figures({ rule: { kind, fitted, latency } }: { rule: Rule }) {
  const { fitted: fits, decided, p50, p99 } = text.value;
  const figures = [
    [kind === "forward" ? fits : decided, count(fitted)],
    [p50, duration(latency.p50)],
    [p99, duration(latency.p99)],
  ] as const;
  return (
    <dl class="rule-figures">
      {figures.map(([label, figure]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{figure}</dd>
        </div>
      ))}
    </dl>
  );
}

function Actions({ rule, onChange }: { rule: Rule; onChange(): void }) {
  const { name, kind, state } = rule;
  const { destination, verdicts, edit } = text.value;
  if (name === null) return null;
  return (
    <p class="actions">
      {kind === "forward" && (
        <a class="button" href={linkTo("destinations", name)}>
          {destination}
        </a>
      )}
      {(kind === "ask" || kind === "answer") && (
        <a class="button" href={linkTo("verdicts", name)}>
          {verdicts}
        </a>
      )}
      {mayAct.value && (
        <a class="button" href={linkTo("rules", name, { open: "playground" })}>
          {edit}
        </a>
      )}
      {mayAct.value && (kind === "ask" || kind === "answer") && (state === "on" || state === "paused") && (
        <PauseSwitch name={name} isPaused={state === "paused"} onChange={onChange} />
      )}
    </p>
  );
}
