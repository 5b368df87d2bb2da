/** `tim-relay verdicts`: every rule, how often it fitted, and how its verdicts came about. */
import type { components } from "../../client/index.js";
import { gatewayCommand } from "../command.ts";
import { atGateway } from "../gateway.ts";
import { tookOf } from "../moment.ts";
import { sayJson, screenWidth, stateOf } from "../screen.ts";
import { type Column, sayTable } from "../table.ts";

type Rule = components["schemas"]["Rule"];

export const verdicts = gatewayCommand(
  "verdicts",
  "lists rules: how often each fitted, and how its verdicts came about",
).action((options) =>
  atGateway(options, async (relay) => {
    const rules = await relay.get("/api/rules");
    if (options.json) sayJson(rules);
    else if (rules.length === 0) console.error("there is no rule");
    else sayTable(columns, rules, screenWidth());
  }),
);

const columns: Column<Rule>[] = [
  { title: "RULE", cell: ({ name }) => name ?? "(no name)", least: 10 },
  { title: "KIND", cell: ({ kind }) => kind ?? "" },
  { title: "STATE", cell: ({ state }) => stateOf(state) },
  { title: "FITTED", cell: ({ fitted }) => String(fitted), right: true },
  {
    title: "VERDICTS",
    cell: ({ verdicts }) =>
      Object.entries(verdicts)
        .map(([how, count]) => `${how} ${count}`)
        .join(", "),
    least: 12,
  },
  { title: "P50", cell: ({ latency }) => tookOf(latency.p50), right: true, optional: true },
  { title: "P99", cell: ({ latency }) => tookOf(latency.p99), right: true, optional: true },
  { title: "SAYS", cell: ({ says, problems }) => problems[0] ?? says ?? "", least: 20, optional: true },
];
