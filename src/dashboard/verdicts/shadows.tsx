/** Rules on trial beside the verdicts that were given: how often they agree, and where they do not. */

import { useSignal } from "@preact/signals";
import type { components } from "../../client/index.js";
import { useAnswer } from "../answer.ts";
import { count } from "../figures.ts";
import { language } from "../language.ts";
import { Answered, Empty, Panel } from "../parts/panel.tsx";
import { VerdictCode } from "../parts/verdict-code.tsx";
import type { Rule } from "../rules/rule.ts";
import { DifferingEvents } from "./differing-events.tsx";
import { text } from "./text.ts";

type Diff = components["schemas"]["VerdictDiff"];

const everyMs = 30_000;
const examples = 20;
const periods = ["1h", "24h", "168h"] as const;

export function Shadows({ rules }: { rules: readonly Rule[] }) {
  const since = useSignal<(typeof periods)[number]>("24h");
  const { shadows, noShadows, since: label, periods: names } = text.value;
  const choice = (
    <label class="small">
      {label}{" "}
      <select
        value={since.value}
        onChange={({ currentTarget }) => {
          since.value = currentTarget.value as (typeof periods)[number];
        }}
      >
        {periods.map((period) => (
          <option key={period} value={period}>
            {names[period]}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <Panel title={shadows} aside={rules.length > 0 && choice}>
      {rules.length === 0 ? (
        <Empty>{noShadows}</Empty>
      ) : (
        rules.map(({ name }) => name !== null && <Shadow key={name} name={name} since={since.value} />)
      )}
    </Panel>
  );
}

function Shadow({ name, since }: { name: string; since: string }) {
  const query = { rule: name, since, limit: examples };
  const answer = useAnswer((relay, signal) => relay.get("/api/verdicts/diff", { query, signal }), {
    every: everyMs,
    for: [name, since],
  });
  return (
    <section class="shadow" aria-label={name}>
      <Answered answer={answer}>{(diff) => <Agreement diff={diff} />}</Answered>
    </section>
  );
}

function Agreement({ diff: { rule, agreed, differed, unanswered, differences } }: { diff: Diff }) {
  const { agrees, counts, noOpinion } = text.value;
  const decided = agreed + differed;
  const percent = new Intl.NumberFormat(language.value, { style: "percent", maximumFractionDigits: 1 });
  return (
    <>
      <h3 class="wraps">{rule}</h3>
      {decided + unanswered === 0 ? (
        <p class="soft">{noOpinion}</p>
      ) : (
        <>
          {decided > 0 && <p class="share">{agrees(percent.format(agreed / decided))}</p>}
          <div class="portions" aria-hidden="true">
            <span data-tone="ok" style={{ flexGrow: agreed }} />
            <span data-tone="bad" style={{ flexGrow: differed }} />
            <span data-tone="off" style={{ flexGrow: unanswered }} />
          </div>
          <p class="soft small">{counts(count(agreed), count(differed), count(unanswered))}</p>
        </>
      )}
      {differences.length > 0 && (
        <DifferingEvents differences={differences} headings={[text.value.shadow]}>
          {(difference) => (
            <td>
              <VerdictCode code={difference.shadow} />
            </td>
          )}
        </DifferingEvents>
      )}
    </>
  );
}
