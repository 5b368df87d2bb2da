/** The estimated cost of the last day, and its parts. */
import type { components } from "../../client/index.js";
import { useAnswer } from "../answer.ts";
import { count } from "../figures.ts";
import { language } from "../language.ts";
import { Answered, Panel } from "../parts/panel.tsx";
import { Track } from "../parts/track.tsx";
import { text } from "./text.ts";

type Cost = components["schemas"]["Cost"];

const lookEveryMs = 300_000;
const daysPerMonth = 30;

export function Cost() {
  const answer = useAnswer((relay, signal) => relay.get("/api/cost", { signal }), { every: lookEveryMs });
  return (
    <Panel title={text.value.cost}>
      <Answered answer={answer}>{(cost) => <Bill cost={cost} />}</Answered>
    </Panel>
  );
}

function Bill({ cost: { dollars, items, pricesOf } }: { cost: Cost }) {
  const { costHint, items: names } = text.value;
  const most = Math.max(...items.map((item) => item.dollars), Number.MIN_VALUE);
  const sorted = [...items].sort((a, b) => b.dollars - a.dollars);
  return (
    <div class="body cost">
      <p class="sum">{money(dollars)}</p>
      <p class="soft small">{costHint(money(dollars * daysPerMonth), pricesOf)}</p>
      <ul>
        {sorted.map((item) => (
          <li key={item.item} class="measure" title={amountOf(item)}>
            <span class="small">{names[item.item] ?? item.item}</span>
            <Track shares={[item.dollars / most]} tone="busy" />
            <strong>{money(item.dollars)}</strong>
          </li>
        ))}
      </ul>
    </div>
  );
}

function amountOf({ item, amount }: Cost["items"][number]): string {
  const { gb, gbSeconds } = text.value;
  const few = new Intl.NumberFormat(language.value, { maximumSignificantDigits: 3 }).format(amount);
  if (item === "gbStored") return gb(few);
  return item === "gbSeconds" ? gbSeconds(few) : count(Math.round(amount));
}

/** Two digits below a cent, too: a small gateway costs less than one a day. */
function money(dollars: number): string {
  const digits =
    dollars >= 1 || dollars === 0 ? { maximumFractionDigits: 2 } : { maximumSignificantDigits: 2 };
  if (dollars > 0 && dollars < 0.000_1) return `< ${money(0.000_1)}`;
  return new Intl.NumberFormat(language.value, {
    style: "currency",
    currency: "USD",
    currencyDisplay: "narrowSymbol",
    ...digits,
  }).format(dollars);
}
