/** The commands of `tim-relay`, put together. */
import { existsSync } from "node:fs";
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { CommanderError } from "commander";
import { version } from "../version.ts";
import { configured } from "./command.ts";
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
const alone = await commandAlone(process.argv[2] ?? "");
if (alone) program.addCommand(alone);
else await addAll();

try {
  await program.parseAsync();
} catch (error) {
  // Help and version are exit code 0 where they were asked for. Commander's other ends are wrong uses.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else tell(error);
}

/** A command that has a file of its name. Loading one takes half the time of loading all. Null: any other word. */
async function commandAlone(word: string): Promise<CommandUnknownOpts | null> {
  const file = new URL(`./commands/${word}.ts`, import.meta.url);
  if (!/^[a-z-]+$/.test(word) || !existsSync(file)) return null;
  const exported: Readonly<Record<string, unknown>> = await import(file.href);
  const found = Object.values(exported).find((one) => one instanceof Command && one.name() === word);
  return (found as CommandUnknownOpts | undefined) ?? null;
}

/** All commands know each other: for help, for words that are nearly right, and for completion. */
async function addAll(): Promise<void> {
  const [{ commands }, { addCompletion }] = await Promise.all([
    import("./commands.ts"),
    import("./completion.ts"),
  ]);
  for (const command of commands) program.addCommand(command);
  await addCompletion(program);
}
