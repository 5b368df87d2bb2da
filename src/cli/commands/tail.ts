/** `tim-relay tail`: events, verdicts and deliveries as they happen, a line each. */
import { gatewayCommand } from "../command.ts";
import { filterOptions, queryOf } from "../filters.ts";
import { atGateway } from "../gateway.ts";
import { harmless, remark, say, sayJsonLine, screenWidth } from "../screen.ts";
import { followed } from "../tail/follow.ts";
import { cutPieces, linePieces } from "../tail/line.ts";

const help = `
It connects again after a lost connection or a deploy, and goes on where it was: events are neither left out nor
repeated. With --since it begins with the events kept from then on. Attempts of deliveries are shown live alone.

Example: npx tim-relay tail --command "Group.*" --since 5m`;

const base = gatewayCommand("tail", "shows events, verdicts and deliveries as they happen");
for (const option of filterOptions("/api/tail")) base.addOption(option);

export const tail = base.addHelpText("after", help).action((options) =>
  atGateway(options, async (relay) => {
    const listener = {
      opened() {
        if (process.stderr.isTTY && !options.json) remark(`watching ${relay.url}; Ctrl-C ends`);
      },
      lost: (reason: string) => remark(`${harmless(reason)}; connecting again`),
      restored: (after: string) => remark(`connected again after ${after}; what came meanwhile follows`),
    };
    for await (const line of followed(relay, queryOf("/api/tail", options, Date.now()), listener)) {
      if (options.json) sayJsonLine(line);
      else say(...cutPieces(linePieces(line, Date.now()), screenWidth()));
    }
    return 0;
  }),
);
