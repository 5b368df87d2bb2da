/** The form that all commands share. */
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { Help } from "commander";
import stringWidth from "string-width";
import { seconds } from "./options.ts";
import { broken, remark, screenWidth } from "./screen.ts";

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

/** Options that most commands share. The help has them last. */
export const sharedOptions: readonly (string | undefined)[] = ["--url", "--token", "--timeout", "--json"];

const usualHelp = new Help();

/** Lines are hard to read beyond this width. Columns. */
const widest = 100;

/** The width of the help. A pipe or a file gets that of most terminals. */
const helpWidth = () => Math.min(screenWidth(process.stdout), process.stdout.isTTY ? widest : 80);

/** Each paragraph as one line. Other lines, such as those of a table, begin with a space. */
function flowing(text: string): string {
  return text.replace(/(?<=^\S.*)\n(?=\S)/gm, " ");
}

const wrongValue =
  /^error: (?:option '[^']*(--[\w-]+)[^']*' argument|command-argument value) '([\s\S]*)' is invalid(?: for argument '([\w-]+)')?\. (.+)$/;

/** Commander's sentence about a wrong value, in the form of our own: `--state: expected one of dead, pending, got "x"`. */
function inOurWords(text: string): string {
  const [, option, value, argument, reason = ""] = wrongValue.exec(text) ?? [];
  if (reason === "") return text.replace(/^error: /, "");
  const [, choices] = /^Allowed choices are (.+)\.$/.exec(reason) ?? [];
  const expected = choices ? `expected one of ${choices}, got ${JSON.stringify(value)}` : reason;
  return `${option ?? `<${argument}>`}: ${expected}`;
}

export function configured<Kind extends CommandUnknownOpts>(command: Kind): Kind {
  command
    .exitOverride()
    .showHelpAfterError("--help tells more")
    .configureHelp({
      minWidthToWrap: 20,
      displayWidth: stringWidth,
      visibleOptions(command) {
        const options = usualHelp.visibleOptions(command as never);
        const isShared = ({ long }: (typeof options)[number]) =>
          sharedOptions.includes(long) || long === "--help";
        return [...options.filter((one) => !isShared(one)), ...options.filter(isShared)];
      },
    })
    .configureOutput({
      outputError: (text) => remark(inOurWords(text.trimEnd())),
      getOutHelpWidth: helpWidth,
      writeOut: (text) => process.stdout.write(broken(flowing(text), helpWidth())),
      writeErr: (text) => process.stderr.write(broken(text, screenWidth(process.stderr))),
    });
  return command;
}
