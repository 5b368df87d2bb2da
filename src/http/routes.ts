/** Every route but that of callbacks, in the order in which people read them. */
import type { Route } from "./route.ts";
import { commandRoutes } from "./routes/commands.ts";
import { costRoutes } from "./routes/cost.ts";
import { dashboardRoutes } from "./routes/dashboard.ts";
import { deadLetterRoutes } from "./routes/dead-letters.ts";
import { destinationRoutes } from "./routes/destinations.ts";
import { eraseRoutes } from "./routes/erase.ts";
import { eventRoutes } from "./routes/events.ts";
import { gatewayRoutes } from "./routes/gateway.ts";
import { listenRoutes } from "./routes/listen.ts";
import { meRoutes } from "./routes/me.ts";
import { metricsRoutes } from "./routes/metrics.ts";
import { pollRoutes } from "./routes/poll.ts";
import { replayRoutes } from "./routes/replays.ts";
import { ruleRoutes } from "./routes/rules.ts";
import { setupRoutes } from "./routes/setup.ts";
import { destinationMinutesRoutes, statsRoutes } from "./routes/stats.ts";
import { tailRoutes } from "./routes/tail.ts";
import { verdictRoutes } from "./routes/verdicts.ts";

export const routes: readonly Route[] = [
  ...dashboardRoutes,
  ...gatewayRoutes,
  ...meRoutes,
  ...setupRoutes,
  ...eventRoutes,
  ...eraseRoutes,
  ...tailRoutes,
  ...destinationRoutes,
  ...destinationMinutesRoutes,
  ...listenRoutes,
  ...pollRoutes,
  ...deadLetterRoutes,
  ...replayRoutes,
  ...ruleRoutes,
  ...verdictRoutes,
  ...statsRoutes,
  ...costRoutes,
  ...commandRoutes,
  ...metricsRoutes,
];
