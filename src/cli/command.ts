/** The form that all commands share. */
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { seconds } from "./options.ts";
import { broken, remark } from "./screen.ts";

/** A command. A mistake in its use is told in a line, and ends it with exit code 2. */
export function command(name: string, summary: string): Command {
  return configured(new Command(name)).description(summary);
}

/** The tokens that open a command's routes. `mostly admin`: some ways to use it only read. */
const tokens = {
  read: "an ADMIN_TOKEN or READ_TOKEN of it",
  admin: "an ADMIN_TOKEN of it",
  "mostly admin": "an ADMIN_TOKEN of it; to look only, a READ_TOKEN",
  receiver: "the rule's secret, or an ADMIN_TOKEN of it",
} as const;

type Token = keyof typeof tokens;

/** A command that talks to a gateway, and prints for people or programs. */
export function gatewayCommand(name: string, summary: string, token: Token = "read") {
  return toGateway(name, summary, token).option(
    "--json",
    "prints JSON: one value, or one a line where there may be many",
  );
}

/** A command that talks to a gateway. */
export function toGateway(name: string, summary: string, token: Token = "read") {
  return command(name, summary)
    .option("--url <url>", "the gateway (TIM_RELAY_URL, else the one on this machine)")
    .option("--token <token>", `${tokens[token]} (TIM_RELAY_TOKEN)`)
    .option("--timeout <seconds>", "how long an answer is waited for", seconds, 30);
}

export function configured<Kind extends CommandUnknownOpts>(command: Kind): Kind {
  command
    .exitOverride()
    .showHelpAfterError("--help tells more")
    .configureOutput({
      outputError: (text) => remark(text.replace(/^error: /, "").trimEnd()),
      writeOut: (text) => process.stdout.write(broken(text, process.stdout)),
      writeErr: (text) => process.stderr.write(broken(text, process.stderr)),
    });
  return command;
}
