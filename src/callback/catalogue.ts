/** The catalogue: all commands of Tencent that are known, by name. The gateway's own are in `relay-events.ts`. */
import type { Family as AnyFamily, Command } from "./command.ts";
import { botCommands } from "./commands/bot.ts";
import { c2cCommands } from "./commands/c2c.ts";
import { callCommands } from "./commands/call.ts";
import { followCommands } from "./commands/follow.ts";
import { groupCommands } from "./commands/group.ts";
import { liveCommands } from "./commands/live.ts";
import { moderationCommands } from "./commands/moderation.ts";
import { officialAccountCommands } from "./commands/official-account.ts";
import { operationsCommands } from "./commands/operations.ts";
import { profileCommands } from "./commands/profile.ts";
import { pushCommands } from "./commands/push.ts";
import { roomCommands } from "./commands/room.ts";
import { snsCommands } from "./commands/sns.ts";
import { stateCommands } from "./commands/state.ts";

type Family = Exclude<AnyFamily, "Relay">;

/** The definitions of each family. They are made when a command of the family first comes: an isolate meets few families. */
const families: Record<Family, () => readonly Omit<Command, "family">[]> = {
  State: stateCommands,
  Profile: profileCommands,
  Sns: snsCommands,
  Follow: followCommands,
  C2C: c2cCommands,
  Group: groupCommands,
  OfficialAccount: officialAccountCommands,
  Bot: botCommands,
  Moderation: moderationCommands,
  Push: pushCommands,
  Call: callCommands,
  Live: liveCommands,
  Room: roomCommands,
  Operations: operationsCommands,
};

/** The first part of a command's name is its family, but for these. */
const otherPrefixes: ReadonlyMap<string, Family> = new Map([
  ["Chatbot", "Bot"],
  ["ContentCallback", "Moderation"],
  ["Mic", "Live"],
  ["Alert", "Operations"],
]);

const defined = new Map<Family, ReadonlyMap<string, Command>>();

function commandsOf(family: Family): ReadonlyMap<string, Command> {
  let commands = defined.get(family);
  if (commands === undefined) {
    commands = new Map(families[family]().map((command) => [command.name, { ...command, family }]));
    defined.set(family, commands);
  }
  return commands;
}

export const catalogue = {
  get(name: string): Command | undefined {
    const prefix = name.slice(0, name.indexOf("."));
    const family = otherPrefixes.get(prefix) ?? prefix;
    return Object.hasOwn(families, family) ? commandsOf(family as Family).get(name) : undefined;
  },
  has: (name: string): boolean => catalogue.get(name) !== undefined,
  /** Family by family. */
  values: (): readonly Command[] =>
    (Object.keys(families) as Family[]).flatMap((family) => [...commandsOf(family).values()]),
  keys: (): readonly string[] => catalogue.values().map(({ name }) => name),
};

/** Misprints of commands on Tencent's pages. They may come in a URL or a body as well. */
const misprints: Readonly<Record<string, string>> = {
  "Live.CallbackMemberStateChanged": "Live.CallbackAfterMemberStateChanged",
  "Follow.CallbackAfterCloudRecordingChanged": "Live.CallbackAfterCloudRecordingChanged",
  "Call.CallbackAfterCloudRecordingChanged": "Call.CallbackAfterRecordChanged",
};

/** The name of a command in the catalogue; a name without misprint stays as it is. */
export function canonicalName(name: string): string {
  return Object.hasOwn(misprints, name) ? (misprints[name] as string) : name;
}
