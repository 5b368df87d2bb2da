/** `tim-relay pause`, `resume` and `test`: the ways to steer a destination. */
import { gatewayCommand } from "../command.ts";
import { atGateway } from "../gateway.ts";
import { hint } from "../hint.ts";
import { tookOf } from "../moment.ts";
import { bold, dim, say, sayJson, stateOf } from "../screen.ts";

const steered = ["<destination>", "its name, or that of a rule that decides"] as const;

export const pause = gatewayCommand(
  "pause",
  "stops a destination; its events wait. A rule that decides, decides no more",
  "admin",
)
  .argument(...steered)
  .addHelpText("after", "\nExample: npx tim-relay pause audit")
  .action((name, options) =>
    atGateway(options, async (relay) => {
      const now = await relay.post("/api/destinations/{name}/pause", { path: { name } });
      if (options.json) sayJson(now);
      else say(bold(now.name), " is ", stateOf(now.state), dim(`; later: ${hint(relay, `resume ${name}`)}`));
    }),
  );

export const resume = gatewayCommand("resume", "goes on with a destination or a rule, nothing lost", "admin")
  .argument(...steered)
  .addHelpText("after", "\nExample: npx tim-relay resume audit")
  .action((name, options) =>
    atGateway(options, async (relay) => {
      const now = await relay.post("/api/destinations/{name}/resume", { path: { name } });
      if (options.json) sayJson(now);
      else say(bold(now.name), now.awaits ? " " : " is ", stateOf(now.state, now.awaits));
    }),
  );

export const test = gatewayCommand("test", "sends a destination one signed Relay.Test event now", "admin")
  .argument("<destination>", "its name")
  .addHelpText("after", "\nExample: npx tim-relay test audit")
  .action((name, options) =>
    atGateway(options, async (relay) => {
      const outcome = await relay.post("/api/destinations/{name}/test", { path: { name } });
      const { status, ms, error, response } = outcome;
      if (options.json) sayJson(outcome);
      else if (error === null)
        say({ text: "✔", style: "green" }, ` ${name} answered ${status} in ${tookOf(ms)}`);
      else {
        say({ text: "✘", style: "red" }, ` ${name}: ${error}, after ${tookOf(ms)}`);
        if (response) say(dim(`  ${response}`));
      }
      return error === null ? 0 : 1;
    }),
  );
