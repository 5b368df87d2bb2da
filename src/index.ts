/** The Worker: its routes, and the classes that it exports to the runtime. */
import { answerMethod } from "./http/callback-answer.ts";
import { listCommands, listDrift } from "./http/commands.ts";
import { type Context, contextOf } from "./http/context.ts";
import { listDeadLetters, replayDeadLetters } from "./http/dead-letters.ts";
import { forgetDestination, listDestinations, steerDestination } from "./http/destinations.ts";
import { listEvents, replayEvent, showEvent } from "./http/events.ts";
import { health } from "./http/health.ts";
import { count } from "./http/isolate-counters.ts";
import { metrics } from "./http/metrics.ts";
import { receiveCallback } from "./http/receive.ts";
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
  "GET /health": health,
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
function callbacks(context: Context): Promise<Response> | Response | undefined {
  const { request, url, config } = context;
  const { callbackPath } = config;
  if (url.pathname !== callbackPath && url.pathname !== `${callbackPath}/`) return undefined;
  if (request.method === "POST") return receiveCallback(context);
  const forPeople = callbackPath === "/" && (request.method === "GET" || request.method === "HEAD");
  return forPeople ? undefined : answerMethod(request.method);
}

export default {
  fetch(received, env, ctx) {
    count("requests");
    const context = contextOf(received, env, ctx);
    // Callbacks do not pass through the router: they are nearly all requests, and must be fast.
    return callbacks(context) ?? router.fetch(context.request, context);
  },
} satisfies ExportedHandler<Env>;
