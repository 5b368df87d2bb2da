/** The catalogue: all known commands by name. */
import type { Command, Family } from "./command.ts";
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

const families: Record<Family, readonly Omit<Command, "family">[]> = {
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

export const catalogue: ReadonlyMap<string, Command> = new Map(
  Object.entries(families).flatMap(([family, commands]) =>
    commands.map((command) => [command.name, { ...command, family: family as Family }]),
  ),
);

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
