/** `tim-relay retry` and `skip`: what helps deliveries that are stuck. */
import { gatewayCommand } from "../command.ts";
import { counted } from "../counted.ts";
import { atGateway } from "../gateway.ts";
import { hint } from "../hint.ts";
import { sayMissing } from "../missing.ts";
import { listOf } from "../options.ts";
import { bold, dim, remark, say, sayJson } from "../screen.ts";

export const retry = gatewayCommand(
  "retry",
  "makes all retries of a destination due now, breaker and hold aside",
  "admin",
)
  .argument("<destination>", "its name")
  .addHelpText("after", "\nExample: npx tim-relay retry audit")
  .action((name, options) =>
    atGateway(options, async (relay) => {
      const answer = await relay.post("/api/destinations/{name}/retry", { path: { name } });
      if (options.json) sayJson(answer);
      else if (answer.queued === 0) remark(`no retry waits for ${name}: nothing is due`);
      else say(`${counted(answer.queued, "delivery", "deliveries")} to `, bold(name), " due now");
      sayMissing(answer.missing);
      return 0;
    }),
  );

export const skip = gatewayCommand(
  "skip",
  "gives an event's deliveries up, so that its conversation goes on",
  "admin",
)
  .argument("<id>", "the event: what waits of it becomes a dead letter")
  .option("-d, --destination <destination>", "at that one alone; may be given again", listOf)
  .addHelpText("after", "\nExample: npx tim-relay skip evt_01kb2x… --destination audit")
  .action((id, options) =>
    atGateway(options, async (relay) => {
      const body = options.destination ? { destinations: options.destination } : {};
      const answer = await relay.post("/api/events/{id}/skip", { path: { id }, body });
      if (options.json) sayJson(answer);
      else if (answer.skipped === 0) remark("no delivery of it waits: nothing is given up");
      else
        say(
          `${counted(answer.skipped, "delivery", "deliveries")} given up`,
          dim(`; to send it after all: ${hint(relay, `replay ${id}`)}`),
        );
      return 0;
    }),
  );
