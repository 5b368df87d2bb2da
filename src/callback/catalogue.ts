/** Every command that is described, by name. */
import type { Command } from "./command.ts";
import * as group from "./commands/group.ts";
import * as officialAccount from "./commands/official-account.ts";

const families = [group, officialAccount];

export const catalogue: ReadonlyMap<string, Command> = new Map(
  families.flatMap((family) => Object.values(family)).map((command: Command) => [command.name, command]),
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
