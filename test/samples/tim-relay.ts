/** Uses of the program, by its own definitions of commands and options. Nothing is run. */
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { configured } from "../../src/cli/command.ts";
import { commands } from "../../src/cli/commands.ts";
import { addCompletion } from "../../src/cli/completion.ts";
import { periodOf } from "../../src/cli/filters.ts";

const program: CommandUnknownOpts = configured(new Command("tim-relay")).version("0");
for (const command of commands) program.addCommand(command);
await addCompletion(program);

/** Is thrown where the action of a command would run. */
class Accepted extends Error {}

program.hook("preAction", (_, command) => {
  periodOf(command.opts(), Date.now());
  throw new Accepted();
});

export const commandNames: readonly string[] = program.commands.map((command) => command.name());

/** The mistake in these arguments of `tim-relay`, or null. */
export function programProblem(args: readonly string[]): string | null {
  // It stands for the command of a command: the help says more.
  if (args.length === 0) return null;
  const silent = { writeOut: () => {}, writeErr: () => {}, outputError: () => {} };
  for (const command of everyCommand(program)) command.configureOutput(silent);
  try {
    program.parse(args, { from: "user" });
  } catch (error) {
    if (error instanceof Accepted || isAnswer(error)) return null;
    return error instanceof Error ? error.message : String(error);
  }
  return "does nothing";
}

function everyCommand(command: CommandUnknownOpts): CommandUnknownOpts[] {
  return [command, ...command.commands.flatMap((one) => everyCommand(one))];
}

/** Help or the version, which are printed instead of an action. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error && "exitCode" in error && error.exitCode === 0;
}
