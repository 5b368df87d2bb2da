/** Every command that is described, by name. */
import type { Command } from "./command.ts";
import * as group from "./commands/group.ts";
import * as officialAccount from "./commands/official-account.ts";

const families = [group, officialAccount];

export const catalogue: ReadonlyMap<string, Command> = new Map(
  families.flatMap((family) => Object.values(family)).map((command: Command) => [command.name, command]),
);
