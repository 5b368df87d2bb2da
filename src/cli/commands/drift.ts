/** `tim-relay drift`: where callbacks differ from Tencent's documents. */
import type { Client, components } from "../../client/index.js";
import { gatewayCommand } from "../command.ts";
import { topicOf } from "../doctor/topics.ts";
import { atGateway } from "../gateway.ts";
import { hint } from "../hint.ts";
import { sayMissing } from "../missing.ts";
import { shortTime } from "../moment.ts";
import { dim, say, sayJson, screenWidth } from "../screen.ts";
import { type Column, sayTable } from "../table.ts";

type Drift = components["schemas"]["Drift"];

const help = `
A callback that differs is valid and forwarded, unless it no longer names what happened: then it is quarantined.
\`npx tim-relay events --state quarantined\` lists those, and \`npx tim-relay replay\` sends them.

Example: npx tim-relay drift`;

export const drift = gatewayCommand("drift", "lists where callbacks differ from Tencent's documents")
  .addHelpText("after", help)
  .action((options) =>
    atGateway(options, async (relay) => {
      const { drift, missing } = await relay.get("/api/drift");
      if (options.json) sayJson(drift);
      else if (drift.length === 0) console.error("no callback differs from its document");
      else sayTable(columns, drift, screenWidth());
      sayMissing(missing);
      if (!options.json) await sayQuarantined(relay);
      return 0;
    }),
  );

/** Of a field that is missing there is no difference: the event is quarantined because of it. */
async function sayQuarantined(relay: Client): Promise<void> {
  const { problems } = await relay.get("/health");
  const ofQuarantine = problems.filter((one) => topicOf(one) === "quarantine");
  if (ofQuarantine.length === 0) return;
  say();
  for (const problem of ofQuarantine) say(problem);
  say(dim(`to look at them: ${hint(relay, "events --state quarantined")}`));
}

const columns: Column<Drift>[] = [
  { title: "COMMAND", cell: ({ command }) => command, least: 20 },
  { title: "PATH", cell: ({ path }) => path, least: 12 },
  { title: "KIND", cell: ({ kind }) => kind },
  { title: "COUNT", cell: ({ count }) => String(count), right: true },
  { title: "SEEN", cell: ({ seen }) => seen ?? "", least: 8, optional: true },
  { title: "FIRST", cell: ({ firstAt }) => shortTime(firstAt, Date.now()), optional: true },
  { title: "LAST", cell: ({ lastAt }) => shortTime(lastAt, Date.now()), optional: true },
];
