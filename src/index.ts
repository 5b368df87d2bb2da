/** The Worker: its routes, and the objects that it exports. */
import { readConfig } from "./config.ts";
import { listCommands, listDrift } from "./http/commands.ts";
import { listDeadLetters, replayDeadLetters } from "./http/dead-letters.ts";
import { forgetDestination, listDestinations, steerDestination } from "./http/destinations.ts";
import { listEvents, replayEvent, showEvent } from "./http/events.ts";
import { health } from "./http/health.ts";
import { count } from "./http/isolate-counters.ts";
import { metrics } from "./http/metrics.ts";
import { readable } from "./http/readable.ts";
import { answerMethod, receiveCallback } from "./http/receive.ts";
import { routerOf } from "./http/router.ts";
import { tryRules } from "./http/rules.ts";
import { stats } from "./http/stats.ts";
import { diffVerdicts, replayVerdicts } from "./http/verdicts.ts";
import { version } from "./version.ts";

export { Steward } from "./http/stop.ts";
export { Courier } from "./shard/pump/courier.ts";
export { Shard } from "./shard/shard.ts";

const router = routerOf({
  "GET /": welcome,
  "GET /health": ({ request, env, ctx }) => health(request, env, ctx),
  "GET /api/events": ({ query, env }) => listEvents(query, env),
  "GET /api/events/:id": ({ params, env }) => showEvent(params.id!, env),
  "POST /api/events/:id/replay": ({ params, body, env }) => replayEvent(params.id!, body, env),
  "GET /api/destinations": ({ env }) => listDestinations(env),
  "POST /api/destinations/:name/pause": ({ params, env }) => steerDestination(params.name!, "pause", env),
  "POST /api/destinations/:name/resume": ({ params, env }) => steerDestination(params.name!, "resume", env),
  "DELETE /api/destinations/:name": ({ params, env }) => forgetDestination(params.name!, env),
  "GET /api/dead-letters": ({ query, env }) => listDeadLetters(query, env),
  "POST /api/dead-letters/replay": ({ body, env }) => replayDeadLetters(body, env),
  "POST /api/rules/test": ({ body, text, env }) => tryRules(body, text, env),
  "GET /api/verdicts/diff": ({ request, env }) => diffVerdicts(request, env),
  "POST /api/verdicts/replay": ({ body, env, ctx }) => replayVerdicts(body, env, ctx),
  "GET /api/stats": ({ query, env }) => stats(query, env),
  "GET /api/commands": listCommands,
  "GET /api/drift": ({ env }) => listDrift(env),
  "GET /metrics": ({ env }) => metrics(env),
});

function welcome(): Response {
  return new Response(
    `tim-relay ${version}: callbacks are received by POST; how it is doing is at /health.\n`,
  );
}

/** The path of callbacks is a setting. On `/`, GET is a page for people. */
function callbacks(
  request: Request,
  env: Env,
  ctx: ExecutionContext,
): Promise<Response> | Response | undefined {
  const { callbackPath } = readConfig(env);
  const { pathname, search } = new URL(request.url);
  if (pathname !== callbackPath && pathname !== `${callbackPath}/`) return undefined;
  if (request.method === "POST") return receiveCallback(request, search.slice(1), env, ctx);
  const forPeople = callbackPath === "/" && (request.method === "GET" || request.method === "HEAD");
  return forPeople ? undefined : answerMethod(request.method);
}

export default {
  fetch(received, env, ctx) {
    count("requests");
    const request = readable(received);
    // Callbacks are what a gateway is for: they do not pass by the other routes.
    return callbacks(request, env, ctx) ?? router.fetch(request, env, ctx);
  },
} satisfies ExportedHandler<Env>;
