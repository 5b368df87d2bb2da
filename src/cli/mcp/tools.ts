/** All tools, in the order in which an agent is told of them. */
import type { Tool } from "./tool.ts";
import { destinationTools } from "./tools/destinations.ts";
import { eventTools } from "./tools/events.ts";
import { gatewayTools } from "./tools/gateway.ts";
import { replayTools } from "./tools/replays.ts";

const groups = [gatewayTools, eventTools, destinationTools, replayTools];

export const readingTools: readonly Tool[] = groups.flatMap(({ reading }) => reading);
export const actingTools: readonly Tool[] = groups.flatMap(({ acting }) => acting);
