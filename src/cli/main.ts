/** The commands of `tim-relay`, put together. */
import { Command } from "@commander-js/extra-typings";
import { CommanderError } from "commander";
import { version } from "../version.ts";
import { configured } from "./command.ts";
import { commands } from "./commands.ts";
import { addCompletion } from "./completion.ts";
import { tell } from "./failure.ts";
import { endOnInterrupt } from "./interrupt.ts";

// `| head` closes the pipe once it has its lines.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});
process.on("uncaughtException", (error) => {
  tell(error);
  process.exit();
});
endOnInterrupt();

const program = configured(new Command("tim-relay"))
  .description("A webhook gateway for Tencent Cloud Chat: what it keeps, sends and answers.")
  .version(version, "-V, --version");
for (const command of commands) program.addCommand(command);
await addCompletion(program);

try {
  await program.parseAsync();
} catch (error) {
  // Help and version are exit code 0 where they were asked for. Commander's other ends are wrong uses.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else tell(error);
}
