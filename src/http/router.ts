/** Finds the route of a request that is no callback. Errors become answers here. */
import type { IRequest } from "itty-router";
import { Router } from "itty-router/Router";
import { log } from "../log.ts";
import { LogLimit } from "../log-limit.ts";
import { say } from "../sentence.ts";
import { storageFault } from "../shard/storage-fault.ts";
import { authorize } from "./authorize.ts";
import type { Context } from "./context.ts";
import { Refusal, refused } from "./reply.ts";
import type { Route } from "./route.ts";

type Arguments = [context: Context];

/** The routes are compiled at the first request that is no callback: most isolates only receive callbacks. */
export function routerOf(routes: readonly Route[]) {
  let router: ReturnType<typeof compiled> | undefined;
  return {
    async fetch(request: Request, context: Context): Promise<Response> {
      router ??= compiled(routes);
      const at = Date.now();
      const response: Response = await router.fetch(request, context);
      const { method } = request;
      const { pathname: path } = context.url;
      log.debug("request", { method, path, status: response.status, ms: Date.now() - at });
      return response;
    },
  };
}

function compiled(routes: readonly Route[]) {
  const router = Router<IRequest, Arguments>({
    catch: answerError,
    finally: [
      (response: Response | undefined) =>
        response ?? refused(new Refusal(404, "unknown_route", say`there is nothing at this address`)),
    ],
  });
  for (const [path, methods] of methodsByPath(routes))
    router.all(path.replace(/\{(\w+)\}/g, ":$1"), ({ method, params }, context) => {
      const route = methods.get(method);
      return route ? route.respond(context, params) : refuseMethod(method, [...methods.keys()]);
    });
  // Beneath /api, whether an address exists is told to callers with a token.
  return router.all("/api/*", async (_, { request, config }) => {
    await authorize(request, config, "read");
  });
}

/** HEAD is answered wherever GET is: the runtime leaves out the body. */
function methodsByPath(routes: readonly Route[]): Map<string, Map<string, Route>> {
  const paths = new Map<string, Map<string, Route>>();
  for (const route of routes) {
    const methods = paths.get(route.path) ?? new Map<string, Route>();
    paths.set(route.path, methods.set(route.method, route));
    if (route.method === "GET") methods.set("HEAD", route);
  }
  return paths;
}

function refuseMethod(method: string, methods: readonly string[]): Response {
  const allow = methods.join(", ");
  const sentence = say`${method} is no method of this address: expected ${allow}`;
  return refused(new Refusal(405, "method_not_allowed", sentence).with({ allow }));
}

const failed = new LogLimit();

function answerError(error: unknown): Response {
  if (error instanceof Refusal) return refused(error);
  const shown = error instanceof Error ? error.stack : String(error);
  failed.write(log.error, "request failed", { error: shown });
  const sentence = storageFault(error)
    ? say`a shard cannot read or write its storage: see /health and the log`
    : say`something went wrong here; the log says what`;
  return refused(new Refusal(500, "internal", sentence));
}
