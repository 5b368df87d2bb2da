/** How many callbacks were refused lately, and by which rules. */

import type { Client } from "../../client/index.js";
import { useAnswer } from "../answer.ts";
import { count } from "../figures.ts";
import { Answered, Empty, Panel } from "../parts/panel.tsx";
import { linkTo } from "../route.ts";
import { text } from "./text.ts";

const everyMs = 30_000;
const period = "24h";
const filter = `verdict:refuse since:${period}`;

/** Counting ends there: it is a look, not a report. */
const mostPages = 10;

interface Count {
  refused: number;
  /** False if there may be more. */
  isAll: boolean;
  byRule: ReadonlyMap<string | null, number>;
}

export function Refused() {
  const answer = useAnswer(countRefused, { every: everyMs });
  const { refused, noneRefused, showAll } = text.value;
  return (
    <Panel title={refused} aside={<a href={linkTo("events", null, { filter })}>{showAll}</a>}>
      <Answered answer={answer}>
        {(counted) => (counted.refused === 0 ? <Empty>{noneRefused}</Empty> : <Counted {...counted} />)}
      </Answered>
    </Panel>
  );
}

function Counted({ refused, isAll, byRule }: Count) {
  const { countIn, atLeast, nobody } = text.value;
  return (
    <div class="body">
      <p class="sum">{(isAll ? countIn : atLeast)(count(refused))}</p>
      <ul class="refusers">
        {[...byRule].map(([rule, times]) => (
          <li key={rule}>
            <span class="wraps">{rule ?? nobody}</span> <strong>{count(times)}</strong>
            <progress max={refused} value={times} aria-label={rule ?? nobody} />
          </li>
        ))}
      </ul>
    </div>
  );
}

async function countRefused(relay: Client, signal: AbortSignal): Promise<Count> {
  const byRule = new Map<string | null, number>();
  let refused = 0;
  let pages = 0;
  const query = { verdict: "refuse", since: period, limit: 200 } as const;
  for await (const { events } of relay.pages("/api/events", { query, signal })) {
    for (const { verdict } of events) {
      const rule = verdict?.rule ?? null;
      byRule.set(rule, (byRule.get(rule) ?? 0) + 1);
      refused++;
    }
    if (++pages === mostPages) return { refused, isAll: false, byRule };
  }
  return { refused, isAll: true, byRule };
}
