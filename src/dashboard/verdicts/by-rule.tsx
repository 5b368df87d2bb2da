/** Each rule that decides: how its verdicts came about, and its times beside the two seconds that Tencent waits. */
import { useEffect, useRef } from "preact/hooks";
import { count, duration } from "../figures.ts";
import { Empty, Panel } from "../parts/panel.tsx";
import { State } from "../parts/state.tsx";
import { Track } from "../parts/track.tsx";
import { linkTo, place } from "../route.ts";
import type { Rule } from "../rules/rule.ts";
import { mayAct } from "../session.ts";
import type { Tone } from "../tones.ts";
import { Sources, sourceName, sourceTone } from "./sources.tsx";
import { text } from "./text.ts";

/** Tencent waits so long, and a rule may take so long. Milliseconds. */
const patienceMs = 2_000;
const deadlineMs = 1_600;

export function ByRule({ rules }: { rules: readonly Rule[] }) {
  const { byRule, none, writeOne } = text.value;
  return (
    <Panel title={byRule}>
      {rules.length === 0 ? (
        <Empty>
          <p>{none}</p>
          {mayAct.value && <a href={linkTo("rules", null, { open: "playground" })}>{writeOne}</a>}
        </Empty>
      ) : (
        <ul class="deciders">
          {rules.map((rule, index) => (
            <Decider key={`${index} ${rule.name}`} rule={rule} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Decider({ rule: { name, state, verdicts, latency } }: { rule: Rule }) {
  const { decided, nothingDecided } = text.value;
  const isChosen = name !== null && place.value.item === name;
  const line = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (isChosen) line.current!.scrollIntoView({ block: "nearest" });
  }, [isChosen]);
  const total = Object.values(verdicts).reduce((sum, times) => sum + times, 0);
  return (
    <li ref={line} aria-current={isChosen ? "true" : undefined}>
      <p class="chips">
        <a class="name wraps" href={linkTo("rules", name)}>
          {name ?? "–"}
        </a>
        <State state={state} />
        <span class="soft">{total === 0 ? nothingDecided : decided(count(total))}</span>
      </p>
      {total > 0 && <Shares verdicts={verdicts} total={total} />}
      <Times {...latency} />
    </li>
  );
}

/** How the verdicts came about, as parts of one bar. Its numbers are beneath it. */
function Shares({ verdicts, total }: { verdicts: Rule["verdicts"]; total: number }) {
  return (
    <div class="shares">
      <div class="portions" aria-hidden="true">
        {Object.entries(verdicts).map(([how, times]) => (
          <span
            key={how}
            title={sourceName(how)}
            data-tone={sourceTone(how)}
            style={{ width: `${(100 * times) / total}%` }}
          />
        ))}
      </div>
      <Sources verdicts={verdicts} />
    </div>
  );
}

function Times({ p50, p99 }: Rule["latency"]) {
  const { latency, p50: median, p99: worst, quiet } = text.value;
  if (p99 === null) return <p class="soft small">{quiet}</p>;
  return (
    <div class="times">
      <Track shares={[p99 / patienceMs, (p50 ?? 0) / patienceMs]} tone={toneOfTime(p99)} label={latency} />
      <p class="small">
        {median} <strong>{duration(p50)}</strong> · {worst} <strong>{duration(p99)}</strong>{" "}
        <span class="soft">/ {duration(patienceMs)}</span>
      </p>
    </div>
  );
}

function toneOfTime(p99: number): Tone {
  if (p99 >= deadlineMs) return "bad";
  return p99 >= deadlineMs / 2 ? "warn" : "ok";
}
