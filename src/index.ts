/** The Worker: its routes, and the objects that it exports. */
import type { IRequest } from "itty-router";
import { Router } from "itty-router/Router";
import { readConfig } from "./config.ts";
import { authorize } from "./http/authorize.ts";
import { listCommands, listDrift } from "./http/commands.ts";
import { listDeadLetters, replayDeadLetters } from "./http/dead-letters.ts";
import { listDestinations, steerDestination } from "./http/destinations.ts";
import { listEvents, replayEvent, showEvent } from "./http/events.ts";
import { health } from "./http/health.ts";
import { metrics } from "./http/metrics.ts";
import { answerMethod, receiveCallback } from "./http/receive.ts";
import { Refusal, refused } from "./http/reply.ts";
import { tryRules } from "./http/rules.ts";
import { stats } from "./http/stats.ts";
import { count } from "./http/tally.ts";
import { diffVerdicts, replayVerdicts } from "./http/verdicts.ts";
import { version } from "./version.ts";

export { Courier } from "./shard/courier.ts";
export { Shard } from "./shard/shard.ts";

type Arguments = [env: Env, ctx: ExecutionContext];

const router = Router<IRequest, Arguments>({
  catch: (error: unknown) => {
    if (error instanceof Refusal) return refused(error);
    console.error({ at: "request", error: error instanceof Error ? error.stack : String(error) });
    return refused(new Refusal(500, "internal", "something went wrong here; the log says what"));
  },
  finally: [
    (response: Response | undefined) =>
      response ?? refused(new Refusal(404, "unknown_route", "there is nothing at this address")),
  ],
})
  .get("/", welcome)
  .head("/", welcome)
  .get("/health", (request, env) => health(request, env))
  .all("/api/*", (request, env) => authorize(request, readConfig(env)))
  .all("/metrics", (request, env) => authorize(request, readConfig(env)))
  .get("/metrics", (_, env) => metrics(env))
  .get("/api/events", (request, env) => listEvents(request, env))
  .get("/api/events/:id", ({ params }, env) => showEvent(decoded(params.id), env))
  .post("/api/events/:id/replay", (request, env) => replayEvent(decoded(request.params.id), request, env))
  .post("/api/rules/test", (request, env) => tryRules(request, env))
  .get("/api/stats", (request, env) => stats(request, env))
  .get("/api/destinations", (_, env) => listDestinations(env))
  .post("/api/destinations/:name/pause", ({ params }, env) =>
    steerDestination(decoded(params.name), "pause", env),
  )
  .post("/api/destinations/:name/resume", ({ params }, env) =>
    steerDestination(decoded(params.name), "resume", env),
  )
  .get("/api/commands", listCommands)
  .get("/api/drift", (_, env) => listDrift(env))
  .get("/api/verdicts/diff", (request, env) => diffVerdicts(request, env))
  .post("/api/verdicts/replay", (request, env, ctx) => replayVerdicts(request, env, ctx))
  .get("/api/dead-letters", (request, env) => listDeadLetters(request, env))
  .post("/api/dead-letters/replay", (request, env) => replayDeadLetters(request, env));

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
  const url = new URL(request.url);
  if (url.pathname !== callbackPath && url.pathname !== `${callbackPath}/`) return undefined;
  if (request.method === "POST") return receiveCallback(request, url, env, ctx);
  const forPeople = callbackPath === "/" && (request.method === "GET" || request.method === "HEAD");
  return forPeople ? undefined : answerMethod(request.method);
}

function decoded(part: string | undefined): string {
  try {
    return decodeURIComponent(part ?? "");
  } catch {
    throw new Refusal(400, "bad_path", "the path is not encoded rightly");
  }
}

export default {
  fetch(request, env, ctx) {
    count("requests");
    // Callbacks are what a gateway is for: they do not pass by the other routes.
    return callbacks(request, env, ctx) ?? router.fetch(request, env, ctx);
  },
} satisfies ExportedHandler<Env>;
