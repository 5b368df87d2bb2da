/** How a request is answered that is no callback: its route is found, its token and form are checked, errors told. */
import type { IRequest } from "itty-router";
import { Router } from "itty-router/Router";
import { authorize } from "./authorize.ts";
import type { Context } from "./context.ts";
import { knownKeys, knownParameters } from "./known.ts";
import { bodyOf, Refusal, refused } from "./reply.ts";
import { methodsByPath, type Route, type RouteName, routes } from "./routes.ts";

export interface Call extends Context {
  /** What stands in the path for `:name`. */
  params: Readonly<Record<string, string>>;
  /** Known parameters, each once. */
  query: URLSearchParams;
  /** Known keys; empty if there was no body. */
  body: Readonly<Record<string, unknown>>;
  /** The body as it came. */
  text: string;
}

export type Handler = (call: Call) => Promise<Response> | Response;

/** What comes with these says nothing. */
const bodiless = ["GET", "HEAD"];

type Arguments = [context: Context];

export function routerOf(handlers: Readonly<Record<RouteName, Handler>>) {
  const router = Router<IRequest, Arguments>({
    catch: answerError,
    finally: [
      (response: Response | undefined) =>
        response ?? refused(new Refusal(404, "unknown_route", "there is nothing at this address")),
    ],
  });
  for (const [path, methods] of methodsByPath())
    router.all(path, async (request, context) => {
      const { method } = request;
      if (!methods.includes(method)) return refuseMethod(method, methods);
      const name = `${method === "HEAD" ? "GET" : method} ${path}` as RouteName;
      const route: Route = routes[name];
      // A request without a token costs next to nothing, and learns nothing.
      if (!route.open) authorize(request, context.config);
      // To HEAD the runtime sends what GET is answered, less the body.
      return handlers[name](await callOf(request.params, route, context));
    });
  return router.all("/api/*", (request, { config }) => authorize(request, config));
}

async function callOf(given: IRequest["params"], route: Route, context: Context): Promise<Call> {
  const params = Object.fromEntries(Object.entries(given).map(([name, part]) => [name, decoded(part)]));
  const { request, url } = context;
  const query = url.searchParams;
  if (!route.anyQuery) knownParameters(query, route.query ?? {});
  const { text, body } = bodiless.includes(request.method) ? { text: "", body: {} } : await bodyOf(request);
  knownKeys(body, route.body ?? {});
  return { ...context, params, query, body, text };
}

function refuseMethod(method: string, methods: readonly string[]): Response {
  const allow = methods.join(", ");
  const response = refused(
    new Refusal(405, "method_not_allowed", `${method} is no method of this address: expected ${allow}`),
  );
  response.headers.set("allow", allow);
  return response;
}

function answerError(error: unknown): Response {
  if (error instanceof Refusal) return refused(error);
  console.error({ at: "request", error: error instanceof Error ? error.stack : String(error) });
  return refused(new Refusal(500, "internal", "something went wrong here; the log says what"));
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Refusal(400, "bad_path", "the path is not encoded rightly");
  }
}
