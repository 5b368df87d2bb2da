/** `tim-relay drift`: where callbacks differ from Tencent's documents. */
import type { components } from "../../client/index.js";
import { gatewayCommand } from "../command.ts";
import { atGateway } from "../gateway.ts";
import { shortTime } from "../moment.ts";
import { sayJson, screenWidth } from "../screen.ts";
import { type Column, sayTable } from "../table.ts";

type Drift = components["schemas"]["Drift"];

export const drift = gatewayCommand("drift", "lists where callbacks differ from Tencent's documents").action(
  (options) =>
    atGateway(options, async (relay) => {
      const { drift } = await relay.get("/api/drift");
      if (options.json) sayJson(drift);
      else if (drift.length === 0) console.error("no callback differs from its document");
      else sayTable(columns, drift, screenWidth());
    }),
);

const columns: Column<Drift>[] = [
  { title: "COMMAND", cell: ({ command }) => command, least: 20 },
  { title: "PATH", cell: ({ path }) => path, least: 12 },
  { title: "KIND", cell: ({ kind }) => kind },
  { title: "COUNT", cell: ({ count }) => String(count), right: true },
  { title: "SEEN", cell: ({ seen }) => seen ?? "", least: 8, optional: true },
  { title: "FIRST", cell: ({ firstAt }) => shortTime(firstAt, Date.now()), optional: true },
  { title: "LAST", cell: ({ lastAt }) => shortTime(lastAt, Date.now()), optional: true },
];
