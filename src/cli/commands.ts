/** All commands, in the order in which the help lists them. */
import { backup } from "./commands/backup.ts";
import { deadLetters } from "./commands/dead-letters.ts";
import { destinations } from "./commands/destinations.ts";
import { doctor } from "./commands/doctor.ts";
import { drift } from "./commands/drift.ts";
import { events } from "./commands/events.ts";
import { exportEvents } from "./commands/export.ts";
import { listen } from "./commands/listen.ts";
import { mcp } from "./commands/mcp.ts";
import { retry, skip } from "./commands/mend.ts";
import { erase, forget } from "./commands/remove.ts";
import { replay } from "./commands/replay.ts";
import { type ruleCommands, rules } from "./commands/rules.ts";
import { send } from "./commands/send.ts";
import { serve } from "./commands/serve.ts";
import { setup } from "./commands/setup.ts";
import { show } from "./commands/show.ts";
import { start } from "./commands/start.ts";
import { pause, resume, test } from "./commands/steer.ts";
import { tail } from "./commands/tail.ts";
import { verdicts } from "./commands/verdicts.ts";

const byName = {
  start,
  serve,
  setup,
  send,
  events,
  show,
  tail,
  listen,
  export: exportEvents,
  destinations,
  pause,
  resume,
  test,
  retry,
  skip,
  replay,
  "dead-letters": deadLetters,
  forget,
  erase,
  verdicts,
  drift,
  doctor,
  backup,
  rules,
  mcp,
};

export const commands = Object.values(byName);

/** The words that call a command; `rules` alone only has commands of its own. */
export type CommandName = Exclude<keyof typeof byName, "rules"> | `rules ${keyof typeof ruleCommands}`;
