/** The Worker: its routes, and the classes that it exports to the runtime. */

import { type Context, contextOf } from "./http/context.ts";
import { count } from "./http/isolate-counters.ts";
import { answerMethod } from "./http/receive/callback-answer.ts";
import { receiveCallback } from "./http/receive/receive.ts";
import { routerOf } from "./http/router.ts";
import { routes } from "./http/routes.ts";

export { Steward } from "./http/stop.ts";
export { Limiter } from "./limiter/limiter.ts";
export { Courier } from "./shard/pump/courier.ts";
export { Shard } from "./shard/shard.ts";

const router = routerOf(routes);

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
