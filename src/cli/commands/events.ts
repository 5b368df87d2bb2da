/** `tim-relay events`: a list of events, newest first. */
import type { Event } from "../../client/index.js";
import { gatewayCommand } from "../command.ts";
import { filterOptions, queryOf } from "../filters.ts";
import { atGateway } from "../gateway.ts";
import { sayMissing } from "../missing.ts";
import { relativeTime, relativeWidth, shortTime } from "../moment.ts";
import { wholeNumber } from "../options.ts";
import { dim, type Piece, say, sayJsonLine, screenWidth, stateOf } from "../screen.ts";
import { type Column, sayTable } from "../table.ts";
import { shortVerdict } from "../verdict.ts";

const list = gatewayCommand("events", "lists events, newest first")
  .option("-n, --limit <count>", "how many at most", wholeNumber, 20)
  .option("--all", "all that fit, however many")
  .addHelpText("after", '\nExample: npx tim-relay events --command "Group.*" --state dead --since 2h');
for (const option of filterOptions("/api/events")) list.addOption(option);

export const events = list.action((options) =>
  atGateway(options, async (relay) => {
    const query = queryOf("/api/events", options, Date.now());
    const limit = options.all ? Infinity : options.limit;
    let shown = 0;
    for await (const { events, cursor, missing } of relay.pages("/api/events", {
      query: { ...query, limit: Math.min(limit, 200) },
    })) {
      if (shown === 0) sayMissing(missing);
      const page = events.slice(0, limit - shown);
      if (options.json) page.forEach(sayJsonLine);
      else if (page.length > 0) sayTable(columns(Date.now()), page, screenWidth(), shown > 0);
      shown += page.length;
      if (shown < limit) continue;
      if (!options.json && process.stdout.isTTY && (cursor !== null || page.length < events.length))
        say(dim(`older ones: --limit ${limit * 5}, or --all`));
      return;
    }
    if (shown === 0 && !options.json) console.error("no event fits");
  }),
);

/** The columns that a narrow terminal has room for come first. */
function columns(now: number): Column<Event>[] {
  return [
    { title: "TIME", cell: ({ receivedAt }) => shortTime(receivedAt, now), optional: true },
    { title: "ID", cell: ({ id }) => id },
    { title: "COMMAND", cell: ({ command }) => command, least: 18 },
    { title: "STATE", cell: ({ state }) => stateOf(state) },
    {
      title: "AGO",
      cell: ({ receivedAt }) => dim(relativeTime(receivedAt, now)),
      usual: relativeWidth,
      optional: true,
    },
    { title: "CONVERSATION", cell: ({ conversation }) => conversation ?? "", least: 16, optional: true },
    { title: "FROM", cell: ({ from }) => from ?? "", least: 12, optional: true },
    { title: "VERDICT", cell: ({ verdict }) => (verdict ? shortVerdict(verdict) : ""), optional: true },
    { title: "DESTINATIONS", cell: destinationsOf, least: 12, optional: true },
  ];
}

/** Where an event goes; a destination that does not have it is named with its state. */
function destinationsOf({ destinations }: Event): Piece {
  const names = Object.entries(destinations);
  return names.map(([name, state]) => (state === "delivered" ? name : `${name}: ${state}`)).join(", ");
}
