/** `tim-relay start`: the gateway and an example receiver, for trying out and for development. */
import { command } from "../command.ts";
import { program } from "../program.ts";

const help = `
The gateway is on http://localhost:8787 (PORT). Sources and settings are watched, and events are kept in .wrangler.
Settings come from the environment, then from .dev.vars, which is made from .dev.vars.example if it is missing, then from
tim-relay.jsonc.
If a rule sends to this machine, a receiver is started there that verifies and prints what it gets. It fails, is slow or
refuses when told to: type the word and Enter. Ctrl-C stops everything, with exit code 130.`;

export const start = command("start", "runs gateway and example receiver for trying out")
  .addHelpText("after", help)
  .action(async () => {
    // Imported on demand: the other commands begin sooner.
    const { start } = await import("../start.ts");
    program(start);
  });
