/** The period that charts show. It stands in the address, so that a link shows the same. */
import { texts } from "../language.ts";
import { type Period, periods } from "../minutes.ts";
import { go, linkTo, place } from "../route.ts";
import { Choice } from "./choice.tsx";

const text = texts({
  en: { period: "Period", names: { "1h": "1 h", "6h": "6 h", "24h": "24 h" } },
  zh: { period: "时间范围", names: { "1h": "1 小时", "6h": "6 小时", "24h": "24 小时" } },
});

/** The period that the address names; an hour without one. */
export function periodShown(): Period {
  return periods.find((name) => name === place.value.query.period) ?? "1h";
}

export function PeriodChoice() {
  const { period, names } = text.value;
  const { view, item, query } = place.value;
  return (
    <Choice
      label={period}
      choices={periods.map((name) => [name, names[name]])}
      chosen={periodShown()}
      onChoose={(name) => go(linkTo(view, item, { ...query, period: name }), { replaces: true })}
    />
  );
}
