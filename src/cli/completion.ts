/** Completion in a shell: of commands and options, and of the names of destinations, which the gateway knows. */
import tab from "@bomb.sh/tab/commander";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Command } from "commander";
import { accessOf, clientOf } from "./gateway.ts";
import { readSettings } from "./settings.ts";

/** A press of the tab key waits no longer than that, in seconds. */
const patience = 0.7;

/** Arguments and options of this name are names of destinations. */
const named = "destination";

const help = `
It completes the command tim-relay, which \`npm link\` in the checkout makes of \`npx tim-relay\`.

Example: source <(tim-relay complete bash)`;

export const completeSummary = "prints what a shell needs for completion";

/** Adds the command `complete`. `tim-relay complete bash` prints a script for a shell. */
export async function addCompletion(program: CommandUnknownOpts): Promise<void> {
  const completion = tab(program as unknown as Command);
  const complete = program.commands.find((one) => one.name() === "complete");
  complete?.description(completeSummary).usage("<shell>").addHelpText("after", help);
  const [, , command, dashes, asked] = process.argv;
  if (command !== "complete" || dashes !== "--" || asked === undefined) return;
  const found = completion.commands.get(asked);
  const places = [found?.arguments.get(named), found?.options.get(named)].filter(
    (place) => place !== undefined,
  );
  if (places.length === 0) return;
  const names = await destinationNames();
  for (const place of places)
    place.handler = (complete) => {
      for (const name of names) complete(name, "");
    };
}

/** The names of all destinations; none where the gateway does not answer at once. */
async function destinationNames(): Promise<string[]> {
  try {
    const access = accessOf({}, readSettings());
    const destinations = await clientOf(access, patience).get("/api/destinations");
    return destinations.map(({ name }) => name);
  } catch {
    return [];
  }
}
