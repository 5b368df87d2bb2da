/** `tim-relay destinations`: how each destination stands. */
import type { Destination } from "../../client/index.js";
import { gatewayCommand } from "../command.ts";
import { atGateway } from "../gateway.ts";
import { sayMissing } from "../missing.ts";
import { relativeTime, relativeWidth, tookOf, tookWidth } from "../moment.ts";
import { type Piece, sayJson, screenWidth, stateOf } from "../screen.ts";
import { sayStuck } from "../stuck.ts";
import { type Column, sayTable } from "../table.ts";

export const destinations = gatewayCommand(
  "destinations",
  "lists destinations: state, what waits and why, what failed, how fast it is",
)
  .addHelpText("after", "\nExample: npx tim-relay destinations --json")
  .action((options) =>
    atGateway(options, async (relay) => {
      const all = await relay.get("/api/destinations");
      if (options.json) sayJson(all);
      else if (all.length === 0) console.error("no rule forwards, and nothing waits");
      else {
        sayTable(columns(Date.now()), all, screenWidth());
        await sayStuck(all, relay);
      }
      sayMissing(all[0]?.missing);
      return 0;
    }),
  );

function columns(now: number): Column<Destination>[] {
  const ago = (instant: string | null) => (instant === null ? "" : relativeTime(instant, now));
  return [
    { title: "NAME", cell: ({ name }) => name, least: 12 },
    { title: "STATE", cell: ({ state, awaits }) => stateOf(state, awaits) },
    { title: "WAITING", cell: ({ waiting, estimated }) => `${estimated ? "~" : ""}${waiting}`, right: true },
    { title: "RETRYING", cell: ({ retrying }) => notable(retrying, "yellow"), right: true },
    { title: "DEAD", cell: ({ dead }) => notable(dead, "red"), right: true },
    { title: "LAST ERROR", cell: ({ lastError }) => lastError ?? "", least: 12, optional: true },
    { title: "OLDEST", cell: ({ waitingSince }) => ago(waitingSince), usual: relativeWidth, optional: true },
    { title: "EXPIRED", cell: ({ expired }) => notable(expired, "red"), right: true, optional: true },
    { title: "DELIVERED", cell: ({ delivered }) => String(delivered), right: true, optional: true },
    {
      title: "P50",
      cell: ({ latency }) => tookOf(latency.p50),
      usual: tookWidth,
      right: true,
      optional: true,
    },
    {
      title: "P99",
      cell: ({ latency }) => tookOf(latency.p99),
      usual: tookWidth,
      right: true,
      optional: true,
    },
    { title: "LAST SUCCESS", cell: ({ lastSuccessAt }) => ago(lastSuccessAt), optional: true },
    { title: "URL", cell: ({ url }) => url ?? "", least: 12, optional: true },
  ];
}

/** A number that calls for somebody unless it is 0. */
function notable(count: number, style: "red" | "yellow"): Piece {
  return count === 0 ? "0" : { text: String(count), style };
}
