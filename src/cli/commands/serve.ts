/** `tim-relay serve`: the production build on plain workerd, events on disk. */
import { command } from "../command.ts";
import { program } from "../program.ts";

const help = `
Settings come from the environment, then from .dev.vars, then from tim-relay.jsonc. Besides the gateway's own:

  PORT      port to listen on, 0 for any free one (8787)
  HOST      address to listen on (127.0.0.1)
  DATA_DIR  folder of the kept events (.data)

Its log is for people here, and has every event; LOG_FORMAT=json makes it one for programs.

Prints "listening on http://HOST:PORT" when ready. SIGTERM or Ctrl-C stop it after the posts under way, and viewers of
the tail are told; a second one ends it at once. The exit code is 130 after Ctrl-C, and 0 after SIGTERM.`;

export const serve = command("serve", "runs the production build, events on disk")
  .addHelpText("after", help)
  .action(async () => {
    // Imported on demand: the other commands begin sooner.
    const { serve } = await import("../serve.ts");
    program(serve);
  });
