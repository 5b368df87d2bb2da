/** Commands that are programs of their own: they read their arguments themselves. */
import { command } from "../command.ts";

export const start = program(
  "start",
  "runs gateway and example receiver for trying out",
  () => import("../start.ts"),
);
export const serve = program(
  "serve",
  "runs the production build, events on disk",
  () => import("../serve.ts"),
);
/** @param load runs the program, which reads `process.argv` */
function program(name: string, summary: string, load: () => Promise<unknown>) {
  return command(name, summary)
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .argument("[arguments...]")
    .action(async (_, __, { args }) => {
      process.argv = [...process.argv.slice(0, 2), ...args];
      await load();
    });
}
