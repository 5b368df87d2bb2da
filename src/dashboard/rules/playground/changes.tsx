/** How many of the last events the rules on trial would treat otherwise than the running ones. */
import type { components } from "../../../client/index.js";
import { count } from "../../figures.ts";
import type { Later } from "../../later.ts";
import { Empty, Lacking, Panel } from "../../parts/panel.tsx";
import { linkTo } from "../../route.ts";
import { text } from "./text.ts";
import { ruleNamed } from "./written.ts";

type Trials = components["schemas"]["RuleTrials"];
type Difference = components["schemas"]["RuleDifference"];

interface Props {
  changes: Later<Trials | null>;
  rules: readonly unknown[] | null;
  isBroken: boolean;
}

export function Changes({ changes: { value, isOld }, rules, isBroken }: Props) {
  const { changes, mend, waiting, noneKept } = text.value;
  return (
    <Panel title={changes}>
      {isBroken ? (
        <Empty>{mend}</Empty>
      ) : value === null ? (
        <Empty>{waiting}</Empty>
      ) : value.events === 0 ? (
        <Empty>{noneKept}</Empty>
      ) : (
        <Counted trials={value} rules={rules ?? []} isOld={isOld} />
      )}
    </Panel>
  );
}

function Counted({ trials, rules, isOld }: { trials: Trials; rules: readonly unknown[]; isOld: boolean }) {
  const { events, changed, results } = trials;
  const { none, changed: some, rule, matches, added, removed, gone } = text.value;
  return (
    <div class="changes" aria-busy={isOld}>
      <Lacking answer={trials} />
      <p class="sum" role="status">
        {changed.events === 0 ? none(count(events)) : some(count(changed.events), count(events))}
      </p>
      <div class="scrolls">
        <table>
          <thead>
            <tr>
              <th>{rule}</th>
              <th class="number">{matches}</th>
              <th>{added}</th>
              <th>{removed}</th>
            </tr>
          </thead>
          <tbody>
            {results.map((result) => (
              <tr key={result.rule}>
                <td class="wraps">
                  {result.rule}
                  {ruleNamed(rules, result.rule).name === undefined && (
                    <span class="soft small"> ({gone})</span>
                  )}
                </td>
                <td class="number">{count(result.matches)}</td>
                <td>
                  <Examples sign="+" difference={result.added} />
                </td>
                <td>
                  <Examples sign="−" difference={result.removed} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

/** A count, with links to some of the events. */
function Examples({ sign, difference: { events, examples } }: { sign: string; difference: Difference }) {
  if (events === 0) return <span class="soft">0</span>;
  return (
    <>
      <strong>{`${sign}${count(events)}`}</strong>{" "}
      <span class="small">
        {examples.map((id, index) => (
          <a key={id} href={linkTo("events", id)} title={id} aria-label={id}>
            {`#${index + 1} `}
          </a>
        ))}
      </span>
    </>
  );
}
