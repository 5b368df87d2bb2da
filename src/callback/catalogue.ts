/** Every command that is described, by name. */
import type { Command } from "./command.ts";
import * as bot from "./commands/bot.ts";
import * as c2c from "./commands/c2c.ts";
import * as call from "./commands/call.ts";
import * as follow from "./commands/follow.ts";
import * as group from "./commands/group.ts";
import * as live from "./commands/live.ts";
import * as moderation from "./commands/moderation.ts";
import * as officialAccount from "./commands/official-account.ts";
import * as operations from "./commands/operations.ts";
import * as profile from "./commands/profile.ts";
import * as push from "./commands/push.ts";
import * as room from "./commands/room.ts";
import * as sns from "./commands/sns.ts";
import * as state from "./commands/state.ts";

const families = [
  state,
  profile,
  sns,
  follow,
  c2c,
  group,
  officialAccount,
  bot,
  moderation,
  push,
  call,
  live,
  room,
  operations,
];

export const catalogue: ReadonlyMap<string, Command> = new Map(
  families.flatMap((family): Command[] => Object.values(family)).map((command) => [command.name, command]),
);

/** Names under which pages of Tencent's misprint a command: as likely in a URL or a body as the right one. */
const misprints: Readonly<Record<string, string>> = {
  "Live.CallbackMemberStateChanged": "Live.CallbackAfterMemberStateChanged",
  "Follow.CallbackAfterCloudRecordingChanged": "Live.CallbackAfterCloudRecordingChanged",
  "Call.CallbackAfterCloudRecordingChanged": "Call.CallbackAfterRecordChanged",
};

/** The name that a command goes by here. */
export function canonicalName(name: string): string {
  return Object.hasOwn(misprints, name) ? (misprints[name] as string) : name;
}
