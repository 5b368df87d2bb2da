/**
 * The documentation of every operation, by its name. A route takes the type of its answer from here, and nothing else:
 * the schemas and sentences are no part of the Worker, which serves the document of the API as a static file.
 */
import { commandOperations } from "./operations/commands.ts";
import { costOperations } from "./operations/cost.ts";
import { dashboardOperations } from "./operations/dashboard.ts";
import { deadLetterOperations } from "./operations/dead-letters.ts";
import { destinationOperations } from "./operations/destinations.ts";
import { eraseOperations } from "./operations/erase.ts";
import { eventOperations } from "./operations/events.ts";
import { gatewayOperations } from "./operations/gateway.ts";
import { listenOperations } from "./operations/listen.ts";
import { meOperations } from "./operations/me.ts";
import { metricOperations } from "./operations/metrics.ts";
import { pollOperations } from "./operations/poll.ts";
import { replayOperations } from "./operations/replays.ts";
import { ruleOperations } from "./operations/rules.ts";
import { setupOperations } from "./operations/setup.ts";
import { statOperations } from "./operations/stats.ts";
import { tailOperations } from "./operations/tail.ts";
import { verdictOperations } from "./operations/verdicts.ts";

export const operations = {
  ...dashboardOperations,
  ...gatewayOperations,
  ...meOperations,
  ...setupOperations,
  ...eventOperations,
  ...eraseOperations,
  ...tailOperations,
  ...destinationOperations,
  ...listenOperations,
  ...statOperations,
  ...pollOperations,
  ...deadLetterOperations,
  ...replayOperations,
  ...ruleOperations,
  ...verdictOperations,
  ...costOperations,
  ...commandOperations,
  ...metricOperations,
};

export type Operations = typeof operations;
