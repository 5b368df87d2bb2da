/** All tools, in the order in which an agent is told of them. */
import type { Tool } from "./tool.ts";
import { destinationTools } from "./tools/destinations.ts";
import { eventTools } from "./tools/events.ts";
import { gatewayTools } from "./tools/gateway.ts";
import { replayTools } from "./tools/replays.ts";

const reading = [
  ...gatewayTools.reading,
  ...eventTools.reading,
  ...destinationTools.reading,
  ...replayTools.reading,
];
const acting = [...eventTools.acting, ...destinationTools.acting, ...replayTools.acting];

export const readingTools: readonly Tool[] = reading;
export const actingTools: readonly Tool[] = acting;

export type ToolName = (typeof reading | typeof acting)[number]["name"];
