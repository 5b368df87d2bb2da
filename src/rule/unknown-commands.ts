/** Commands in rules that nothing may ever fit: probably misspelt. */
import { catalogue } from "../callback/catalogue.ts";
import { relayEvents } from "../callback/relay-events.ts";
import { fitsWildcard } from "./match/wildcard.ts";
import type { Selection } from "./rule.ts";

/** The entries of `on` that fit no command that is known. */
export function unknownCommands({ on }: Pick<Selection, "on">): readonly string[] {
  const commands = [...catalogue.keys(), ...relayEvents.map(({ name }) => name)];
  return on?.filter((one) => !commands.some((command) => fitsWildcard(one.split("*"), command))) ?? [];
}
