/** All commands, in the order in which the help lists them. */
import { destinations } from "./commands/destinations.ts";
import { doctor } from "./commands/doctor.ts";
import { events } from "./commands/events.ts";
import { mcp } from "./commands/mcp.ts";
import { rules, serve, start } from "./commands/programs.ts";
import { send } from "./commands/send.ts";
import { show } from "./commands/show.ts";
import { pause, resume, test } from "./commands/steer.ts";

export const commands = [
  start,
  serve,
  send,
  events,
  show,
  destinations,
  pause,
  resume,
  test,
  doctor,
  rules,
  mcp,
];
