/** The entries of `on`, in rules and in masks: commands, in which `*` stands for any run of characters. */
import { catalogue } from "../callback/catalogue.ts";
import { relayEvents } from "../callback/relay-events.ts";
import { fitsWildcard } from "./match/wildcard.ts";
import type { Selection } from "./rule.ts";

/** Tells whether a command fits one of these entries. */
export function fitting(on: readonly string[]): (command: string) => boolean {
  const wildcards = on.map((entry) => entry.split("*"));
  return (command) => wildcards.some((wildcard) => fitsWildcard(wildcard, command));
}

/** The entries that fit no command that is known: they are probably misspelt. */
export function unknownCommands({ on }: Pick<Selection, "on">): readonly string[] {
  const commands = [...catalogue.keys(), ...relayEvents.map(({ name }) => name)];
  return on?.filter((entry) => !commands.some(fitting([entry]))) ?? [];
}
